import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  algorithmsOfKeyType,
  hostKeyAlgorithms,
  judgeKnownHost,
  parseKnownHosts,
} from "./known-hosts.js";
import { sshString } from "./ssh-wire.js";

function ed25519(seed: number) {
  const blob = Buffer.concat([sshString("ssh-ed25519"), sshString(Buffer.alloc(32, seed))]);
  return { blob, text: `ssh-ed25519 ${blob.toString("base64")}` };
}
const ONE = ed25519(1);
const TWO = ed25519(2);

function judge(text: string, host: string, port = 22, key = ONE) {
  return judgeKnownHost(parseKnownHosts(text).hosts, host, port, key.blob).type;
}

const hasSshKeygen = spawnSync("ssh-keygen", ["-?"]).error === undefined;

describe("a known_hosts file", () => {
  it("trusts the key it holds for the host and no other", () => {
    const file = `# the lab\n\ndb-1,10.0.0.7 ${ONE.text} comment\n`;
    expect(judge(file, "db-1")).toBe("trusted");
    expect(judge(file, "DB-1")).toBe("trusted");
    expect(judge(file, "10.0.0.7")).toBe("trusted");
    expect(judge(file, "db-1", 22, TWO)).toBe("changed");
    expect(judge(file, "db-2")).toBe("unknown");
  });

  it("keeps hosts on other ports apart", () => {
    const file = `[db-1]:22022 ${ONE.text}\n`;
    expect(judge(file, "db-1", 22022)).toBe("trusted");
    expect(judge(file, "db-1", 22)).toBe("unknown");
    expect(judge(`db-1 ${ONE.text}`, "db-1", 22022)).toBe("unknown");
  });

  it("understands wildcards and negation", () => {
    const file = `!bad.example.org,*.example.org ${ONE.text}\nweb? ${TWO.text}\n`;
    expect(judge(file, "a.example.org")).toBe("trusted");
    expect(judge(file, "bad.example.org")).toBe("unknown");
    expect(judge(file, "web1", 22, TWO)).toBe("trusted");
    expect(judge(file, "web12", 22, TWO)).toBe("unknown");
  });

  it("refuses a revoked key even where another line trusts it", () => {
    const file = `db-1 ${ONE.text}\n@revoked * ${ONE.text}\n`;
    expect(judge(file, "db-1")).toBe("revoked");
    expect(judge(file, "db-1", 22, TWO)).toBe("changed");
    expect(judge(`@revoked * ${ONE.text}`, "db-1", 22, TWO)).toBe("unknown");
  });

  it("tells what it does not understand, and trusts nobody by it", () => {
    const file = [
      `@cert-authority *.example.org ${ONE.text}`,
      `db-1`,
      `db-1 ssh-ed25519 AAAA`,
      `|2|x|y ${ONE.text}`,
      `@other db-1 ${ONE.text}`,
    ].join("\n");
    const read = parseKnownHosts(file);
    expect(read.hosts).toEqual([]);
    expect(read.doubts.map((doubt) => doubt.line)).toEqual([1, 2, 3, 4, 5]);
  });

  it("offers only algorithms for which a key is known", () => {
    const rsa = Buffer.concat([
      sshString("ssh-rsa"),
      sshString(Buffer.of(1, 0, 1)),
      sshString(Buffer.concat([Buffer.of(0), Buffer.alloc(256, 0xc1)])),
    ]).toString("base64");
    const { hosts } = parseKnownHosts(`db-1 ssh-rsa ${rsa}\ndb-1 ${ONE.text}\ndb-2 ${ONE.text}\n`);
    expect(hostKeyAlgorithms(hosts, "db-1", 22)).toEqual([
      "rsa-sha2-512",
      "rsa-sha2-256",
      "ssh-ed25519",
    ]);
    expect(hostKeyAlgorithms(hosts, "db-3", 22)).toEqual([]);
    expect(algorithmsOfKeyType("ecdsa-sha2-nistp256")).toEqual(["ecdsa-sha2-nistp256"]);
  });

  it.runIf(hasSshKeygen)("with names hashed by ssh-keygen -H is read like the plain one", () => {
    const folder = mkdtempSync(join(tmpdir(), "chaperone-known-"));
    try {
      const file = join(folder, "known_hosts");
      writeFileSync(file, `db-1 ${ONE.text}\n[db-1]:22022 ${TWO.text}\n`);
      execFileSync("ssh-keygen", ["-H", "-f", file], { stdio: "ignore" });
      const hashed = readFileSync(file, "utf8");
      expect(hashed).not.toContain("db-1");
      expect(judge(hashed, "db-1")).toBe("trusted");
      expect(judge(hashed, "db-1", 22022, TWO)).toBe("trusted");
      expect(judge(hashed, "db-1", 22022, ONE)).toBe("changed");
      expect(judge(hashed, "db-2")).toBe("unknown");
      // The other direction: what we trust, ssh-keygen finds too.
      const found = execFileSync("ssh-keygen", ["-F", "[db-1]:22022", "-f", file], {
        encoding: "utf8",
      });
      expect(found).toContain(TWO.text);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("never makes the parser throw, whatever is in it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const read = parseKnownHosts(text);
        judgeKnownHost(read.hosts, text, 22, ONE.blob);
      }),
    );
  });
});
