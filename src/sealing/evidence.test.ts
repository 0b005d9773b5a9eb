import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { exportEvidence, isEvidence, verifyEvidence } from "./evidence.js";
import type { LoggedEvent } from "./private-fields.js";
import { logged } from "./logged.testing.js";
import { openSealedLog } from "./sealed-log.js";

const dirs: string[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});

const command = (n: number, person: string): LoggedEvent => ({
  id: `event-${String(n)}`,
  type: "io.chaperone.command.entered.v1",
  subject: `s-${person}`,
  data: { session: { person }, text: `ls /home/${person}/${String(n)}`, decision: "allowed" },
});

/** A log of two sessions side by side, and the evidence of alice's. */
async function exported(): Promise<{ readonly out: string; readonly cast: string }> {
  const root = mkdtempSync(join(tmpdir(), "chaperone-evidence-"));
  dirs.push(root);
  const dir = join(root, "audit");
  const log = openSealedLog({
    dir,
    sensitive: () => ["session", "text"],
    now: () => "2026-11-21T12:00:00Z",
    segmentBytesMax: 3_000,
  });
  if (!log.ok) throw new Error(log.error.message);
  for (let n = 0; n < 20; n += 1) {
    log.value.append([command(n, n % 3 === 0 ? "alice" : "bob")].map(logged));
    if (n === 10) log.value.rotateKey();
  }
  await log.value.close();
  const cast = join(root, "alice.cast");
  writeFileSync(cast, "recorded");
  const out = join(root, "evidence");
  const made = exportEvidence({ dir, session: "s-alice", out, recordings: [cast] });
  expect(made).toMatchObject({ ok: true, value: { events: 7, erased: 0 } });
  return { out, cast };
}

describe("the evidence of a session", () => {
  it("verifies by itself, and holds everything of the session", async () => {
    const { out } = await exported();
    expect(isEvidence(readdirSync(out))).toBe(true);
    expect(verifyEvidence(out)).toMatchObject({
      ok: true,
      value: { session: "s-alice", events: 7, flaw: null },
    });
    const events = readFileSync(join(out, "events.ndjson"), "utf8");
    expect(events.split("\n")[1]).toContain("ls /home/alice/3");
  });

  it("shows nothing of other sessions", async () => {
    const { out } = await exported();
    for (const file of readdirSync(out)) {
      // In sealed text three letters stand now and then by chance.
      expect(readFileSync(join(out, file), "utf8")).not.toMatch(/s-bob|"bob"|home\/bob/);
    }
  });

  it("is refused when the key is not one that is trusted", async () => {
    const { out } = await exported();
    expect(verifyEvidence(out, ["another"])).toMatchObject({
      ok: true,
      value: { flaw: { file: "chain.ndjson", line: 1 } },
    });
  });

  it("does not verify with any flipped bit in any of its files", async () => {
    const { out } = await exported();
    const intact = new Map(readdirSync(out).map((file) => [file, readFileSync(join(out, file))]));
    const place = fc.record({
      file: fc.constantFrom(...intact.keys()),
      byte: fc.nat(),
      bit: fc.nat({ max: 7 }),
    });
    fc.assert(
      fc.property(place, ({ file, byte, bit }) => {
        const whole = intact.get(file) ?? Buffer.alloc(0);
        const bytes = Buffer.from(whole);
        const at = byte % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        writeFileSync(join(out, file), bytes);
        const report = verifyEvidence(out);
        writeFileSync(join(out, file), whole);
        // Between the fields of the manifest there is white space that says nothing.
        const unchanged = file === "MANIFEST.json" && sameManifest(whole, bytes);
        expect(report.ok && report.value.flaw === null).toBe(unchanged);
      }),
    );
  });
});

function sameManifest(a: Buffer, b: Buffer): boolean {
  try {
    return JSON.stringify(JSON.parse(a.toString())) === JSON.stringify(JSON.parse(b.toString()));
  } catch {
    return false;
  }
}
