import { createPrivateKey, sign } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Fault, Result } from "../kernel/index.js";
import { longRun, seed } from "../testing/index.js";
import { exportEvidence, verifyEvidence } from "./evidence.js";
import { logged } from "./logged.testing.js";
import { openSealedLog, type SealedLog } from "./sealed-log.js";
import { verifyLog } from "./verify-log.js";

let root = "";
let dir = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "chaperone-rotation-"));
  dir = join(root, "audit");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function value<T>(result: Result<T, Fault>): T {
  if (!result.ok) throw new Error(`${result.error.code} ${result.error.message}`);
  return result.value;
}

const open = (at = dir): SealedLog =>
  value(openSealedLog({ dir: at, sensitive: () => ["text"], now: () => "2026-11-21T12:00:00Z" }));

let told = 0;
const tell = (log: SealedLog, person = "alice"): void => {
  told += 1;
  const data = { session: { person }, text: `ls ${String(told)}` };
  const type = "io.chaperone.command.entered.v1";
  value(
    log.append([{ id: `event-${String(told)}`, type, subject: `s-${person}`, data }].map(logged)),
  );
};

const keys = (at = dir): readonly string[] =>
  readdirSync(join(at, "keys")).filter((file) => file.endsWith(".pem"));
const segment = (at = dir): string => join(at, "segment-00000000.log");
const flawOf = (at = dir) => value(verifyLog(at)).flaw;

describe("a signing key that is given up", () => {
  it("leaves its public part alone, and everything that it signed verifies as before", async () => {
    const log = open();
    tell(log);
    const before = value(log.seal());
    value(log.rotateKey());
    tell(log);
    value(await log.close());
    expect(keys()).toEqual(["000001.pub.pem", "000002.pem"]);
    expect(readFileSync(join(dir, "keys", "000001.pub.pem"), "utf8")).toContain("PUBLIC KEY");
    const report = value(verifyLog(dir, { trusted: [before?.key ?? ""] }));
    expect(report.flaw).toBeNull();
    expect(report.position.firstKey?.id).toBe(before?.key);
    expect(report.position.key?.id).not.toBe(before?.key);
    const again = open();
    value(again.rotateKey());
    value(await again.close());
    expect(keys()).toEqual(["000001.pub.pem", "000002.pub.pem", "000003.pem"]);
    expect(flawOf()).toBeNull();
  });

  it("has sealed everything before the handover", () => {
    const log = open();
    tell(log);
    value(log.rotateKey());
    const kinds = readFileSync(segment(), "utf8")
      .split("\n")
      .flatMap((line) => /"kind":"(\w+)"/.exec(line)?.[1] ?? []);
    expect(kinds).toEqual(["open", "event", "seal", "rotate"]);
  });

  it("can not be followed by a key that it did not sign", async () => {
    const log = open();
    tell(log);
    value(log.rotateKey());
    value(await log.close());
    const other = join(root, "other");
    const stranger = open(other);
    value(stranger.rotateKey());
    value(await stranger.close());
    const rotation = (at: string): string =>
      readFileSync(segment(at), "utf8")
        .split("\n")
        .find((line) => line.includes('"rotate"')) ?? "";
    const text = readFileSync(segment(), "utf8");
    const signature = /"signature":"([^"]+)"/;
    const foreign = signature.exec(rotation(other))?.[1] ?? "";
    const own = signature.exec(rotation(dir))?.[1] ?? "";
    writeFileSync(segment(), text.replace(own, foreign));
    expect(flawOf()?.message).toMatch(/altered|did not sign/);
  });

  it("is not needed for the evidence of sessions from its time", async () => {
    const log = open();
    tell(log, "alice");
    value(log.seal());
    for (let n = 0; n < 3; n += 1) {
      value(log.rotateKey());
      tell(log, "bob");
    }
    value(await log.close());
    for (const person of ["alice", "bob"]) {
      const out = join(root, person);
      value(exportEvidence({ dir, session: `s-${person}`, out, recordings: [] }));
      expect(value(verifyEvidence(out)).flaw).toBeNull();
    }
  });

  it("has to have handed over to the one that signs the evidence, without a gap", async () => {
    const log = open();
    tell(log);
    value(log.seal());
    for (let n = 0; n < 3; n += 1) value(log.rotateKey());
    value(await log.close());
    const out = join(root, "evidence");
    value(exportEvidence({ dir, session: "s-alice", out, recordings: [] }));
    const path = join(out, "MANIFEST.json");
    // Signed anew, as somebody could who has the newest key and none of the older ones.
    const [newest = ""] = keys().filter((file) => !file.includes("pub"));
    const key = createPrivateKey(readFileSync(join(dir, "keys", newest)));
    const manifest = JSON.parse(readFileSync(path, "utf8")) as { key: unknown; statement: string };
    const { handovers, ...rest } = JSON.parse(manifest.statement) as { handovers: unknown[] };
    expect(handovers).toHaveLength(3);
    const [first, second, third] = handovers;
    for (const left of [[], [second, third], [first, third], [first, second]]) {
      const statement = JSON.stringify({ ...rest, handovers: left });
      const signature = sign(null, Buffer.from(`chaperone evidence\n${statement}\n`), key);
      const signed = { ...manifest, statement, signature: signature.toString("base64") };
      writeFileSync(path, JSON.stringify(signed));
      expect(value(verifyEvidence(out)).flaw?.message).toMatch(/handed over/);
    }
  });
});

describe("a kill in the middle of a rotation", () => {
  it("leaves a log that goes on, whatever was written of it", async () => {
    const log = open();
    tell(log);
    value(log.seal());
    const before = readFileSync(segment()).length;
    copyFileSync(join(dir, "keys", "000001.pem"), join(root, "old.pem"));
    value(log.rotateKey());
    tell(log);
    value(await log.close());
    const after = readFileSync(segment()).length;

    const check = async (length: number): Promise<void> => {
      const copy = join(root, "copy");
      rmSync(copy, { recursive: true, force: true });
      cpSync(dir, copy, { recursive: true });
      // Neither the old key nor anything behind the cut had been dealt with yet.
      rmSync(join(copy, "head.json"));
      rmSync(join(copy, "keys", "000001.pub.pem"));
      copyFileSync(join(root, "old.pem"), join(copy, "keys", "000001.pem"));
      truncateSync(segment(copy), length);
      const next = open(copy);
      tell(next);
      value(await next.close());
      expect({ length, flaw: flawOf(copy) }).toEqual({ length, flaw: null });
      expect(keys(copy).filter((file) => !file.includes("pub"))).toHaveLength(1);
    };
    const lengths = fc.integer({ min: before, max: after });
    await fc.assert(fc.asyncProperty(lengths, check), { seed, numRuns: longRun ? 300 : 8 });
  }, 600_000);

  it("leaves nothing of a key that never signed", async () => {
    const log = open();
    tell(log);
    value(await log.close());
    copyFileSync(join(dir, "keys", "000001.pem"), join(root, "first.pem"));
    const other = open(join(root, "other"));
    value(await other.close());
    copyFileSync(join(root, "other", "keys", "000001.pem"), join(dir, "keys", "000002.pem"));
    const again = open();
    tell(again);
    value(await again.close());
    expect(keys()).toEqual(["000001.pem"]);
    expect(readFileSync(join(dir, "keys", "000001.pem"))).toEqual(
      readFileSync(join(root, "first.pem")),
    );
    expect(flawOf()).toBeNull();
  });
});
