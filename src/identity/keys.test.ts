import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensureHostKeys } from "./host-keys.js";
import { publicBlobOf } from "./openssh-private-key.js";
import { parseAuthorizedKey } from "./public-key.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chaperone-keys-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function hostKeys() {
  const keys = await ensureHostKeys(folder);
  if (!keys.ok) throw new Error(keys.error.message);
  return keys.value;
}

const hasSshKeygen = (() => {
  try {
    execFileSync("ssh-keygen", ["-l", "-f", "/nonexistent"], { stdio: "ignore" });
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ENOENT");
  }
})();

describe("the host keys", () => {
  it("are made on the first start, readable by the owner alone, and stay the same", async () => {
    const first = await hostKeys();
    expect(first.map((key) => key.type)).toEqual(["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"]);
    for (const key of first) expect(statSync(key.file).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "host-keys")).mode & 0o777).toBe(0o700);
    const second = await hostKeys();
    expect(second.map((key) => key.fingerprint)).toEqual(first.map((key) => key.fingerprint));
  });

  it.runIf(hasSshKeygen)("are read by OpenSSH, which computes the same public keys", async () => {
    for (const key of await hostKeys()) {
      const line = execFileSync("ssh-keygen", ["-y", "-f", key.file], { encoding: "utf8" });
      const read = parseAuthorizedKey(line);
      expect(read.ok && read.value.fingerprint).toBe(key.fingerprint);
    }
  });

  it("are the same for two sidecars that start at once", async () => {
    const [one, two] = await Promise.all([hostKeys(), hostKeys()]);
    expect(one.map((key) => key.fingerprint)).toEqual(two.map((key) => key.fingerprint));
  });

  it("are never replaced when damaged: the start is refused", async () => {
    const [key] = await hostKeys();
    truncateSync(key!.file, 200);
    const again = await ensureHostKeys(folder);
    expect(again.ok ? "" : again.error.code).toBe("CHP_IDENTITY_HOST_KEY");
    expect(readFileSync(key!.file)).toHaveLength(200);
  });

  it("are refused when others can read them", async () => {
    const [key] = await hostKeys();
    chmodSync(key!.file, 0o644);
    const again = await ensureHostKeys(folder);
    expect(again.ok ? "" : again.error.message).toContain("mode 0644");
  });

  it("are whole or nothing, wherever the file was cut", async () => {
    const [key] = await hostKeys();
    const text = readFileSync(key!.file, "utf8");
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length - 2 }), (length) => {
        expect(publicBlobOf(text.slice(0, length))).toBeNull();
      }),
    );
  });
});

describe("a person's public key", () => {
  const ED25519 =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl alice";

  it("is one line of authorized_keys", () => {
    const read = parseAuthorizedKey(`  ${ED25519} at work\n`);
    expect(read.ok && read.value).toMatchObject({ type: "ssh-ed25519", comment: "alice at work" });
  });

  it.each([
    ["", "needs a type and a key"],
    [`from="10.0.0.1" ${ED25519}`, "options"],
    ["ssh-dss AAAAB3NzaC1kc3MAAACBAP", "DSA"],
    ["sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29t", "security key"],
    [
      "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
      "another type",
    ],
    ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoq", "length"],
    ["ssh-ed25519 <script>", "base64"],
  ])("is refused with a reason: %j", (line, why) => {
    const read = parseAuthorizedKey(line);
    expect(read.ok ? "" : read.error.message).toContain(why);
  });

  it.runIf(hasSshKeygen).each([
    ["rsa", "1024", false],
    ["rsa", "2048", true],
    ["ecdsa", "384", true],
    ["ecdsa", "521", true],
  ])("made by ssh-keygen as %s %s is accepted: %s", (type, bits, accepted) => {
    const file = join(folder, "key");
    execFileSync("ssh-keygen", ["-q", "-t", type, "-b", bits, "-N", "", "-f", file]);
    const line = readFileSync(`${file}.pub`, "utf8");
    const read = parseAuthorizedKey(line);
    expect(read.ok).toBe(accepted);
    if (!read.ok) return;
    const shown = execFileSync("ssh-keygen", ["-l", "-f", file], { encoding: "utf8" });
    expect(shown).toContain(`SHA256:${read.value.fingerprint} `);
  });

  it("never makes the parser throw", () => {
    fc.assert(
      fc.property(fc.string(), fc.uint8Array(), (text, bytes) => {
        parseAuthorizedKey(text);
        parseAuthorizedKey(`ssh-rsa ${Buffer.from(bytes).toString("base64")}`);
      }),
      { numRuns: 100 },
    );
  });
});
