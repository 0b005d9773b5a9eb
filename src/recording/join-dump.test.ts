import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { channelId, micros, sessionId, wallMicros } from "../kernel/index.js";
import type { Instruction, RecordEntry, SessionFacts } from "../model/index.js";
import { makeIdentity, readIdentities, type Identities } from "./age/index.js";
import { decryptRecording, type Decrypted } from "./decrypt.js";
import { readDump, type Dump } from "./read-dump.js";
import { createRecordings, type RecordingEncryption } from "./recordings.js";

const FACTS: SessionFacts = {
  id: sessionId("01-session"),
  protocol: "rdp",
  person: { name: "älice 🙂", groups: [], phrase: "", factors: [] },
  account: "me",
  target: { name: "win-1", address: "127.0.0.1:3389", labels: {}, embedded: false },
  origin: "192.0.2.1",
  clientVersion: "guacd client",
  authMethods: ["token"],
};
const NOW = micros(5_000_000);
const NAME = join("2026", "11", "20", "01-session-0.guac");

const FIRST_FRAME = 100_000;

/** A desktop that was drawn and typed on, as a session hands it over: keys come when their line is entered. */
const sessions = fc
  .array(
    fc.oneof(
      fc.record({ kind: fc.constant("frame" as const), after: fc.nat(500) }),
      fc.record({
        kind: fc.constant("keys" as const),
        before: fc.array(fc.nat(2_000), { maxLength: 6 }),
      }),
      fc.record({
        kind: fc.constant("drawn" as const),
        text: fc.string({ unit: "grapheme", maxLength: 300 }),
      }),
    ),
    { maxLength: 40 },
  )
  .map((deeds) => {
    let frame = FIRST_FRAME;
    const drawn: Instruction[] = [{ opcode: "sync", args: [String(frame)] }];
    for (const deed of deeds) {
      if (deed.kind === "frame") {
        frame += deed.after;
        drawn.push({ opcode: "sync", args: [String(frame), "1"] });
      } else if (deed.kind === "keys") {
        for (const before of [...deed.before].sort((a, b) => b - a)) {
          const ms = Math.max(FIRST_FRAME, frame - before);
          drawn.push({ opcode: "key", args: ["97", "1", String(ms)] });
          drawn.push({ opcode: "key", args: ["97", "0", String(ms + 40)] });
        }
      } else {
        drawn.push({ opcode: "log", args: [deed.text] });
        drawn.push({ opcode: "blob", args: ["1", Buffer.from(deed.text).toString("base64")] });
      }
    }
    return drawn;
  });

describe("a desktop whose keys have readers of their own", () => {
  let folder = "";
  let auditor: { identity: string; recipient: string };
  let officer: { identity: string; recipient: string };
  beforeAll(async () => {
    auditor = await makeIdentity();
    officer = await makeIdentity();
  });
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "chaperone-joined-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function record(
    drawn: readonly Instruction[],
    encryption?: RecordingEncryption,
  ): Promise<void> {
    rmSync(join(folder, "2026"), { recursive: true, force: true });
    const recordings = createRecordings({
      folder,
      wallOf: () => wallMicros(Date.UTC(2026, 10, 20) * 1_000),
      log: { warn: () => undefined },
      ...(encryption === undefined ? {} : { encryption }),
    });
    const session = recordings.open(FACTS, () => undefined);
    const entries: RecordEntry[] = [
      { type: "start", at: NOW, columns: 0, rows: 0, term: "guacamole" },
      ...drawn.map((instruction) => ({ type: "instruction" as const, at: NOW, instruction })),
      { type: "end", at: NOW },
    ];
    for (const entry of entries) session.record(channelId(0), entry);
    session.close();
    await recordings.flush();
  }

  const apart = (): RecordingEncryption => ({
    recipients: [auditor.recipient],
    inputRecipients: [officer.recipient],
  });

  async function keys(...identities: readonly string[]): Promise<Identities> {
    const read = await readIdentities("keys", identities.join("\n"));
    if (!read.ok) throw new Error(read.error.message);
    return read.value;
  }

  async function decrypted(identities: Identities): Promise<[string, Decrypted["input"]]> {
    const opened = await decryptRecording(join(folder, `${NAME}.age`), identities);
    if (!opened.ok) throw new Error(opened.error.message);
    return [Buffer.concat([...opened.value.text()]).toString("utf8"), opened.value.input];
  }

  function dumpOf(text: string): Dump {
    const dump = readDump("a.guac", text);
    if (!dump.ok) throw new Error(dump.error.message);
    return dump.value;
  }

  it("is the same to a replay as one in a single file, when both keys are there", async () => {
    const both = await keys(auditor.identity, officer.identity);
    await fc.assert(
      fc.asyncProperty(sessions, async (drawn) => {
        await record(drawn);
        const whole = dumpOf(readFileSync(join(folder, NAME), "utf8"));
        await record(drawn, apart());
        const [text, input] = await decrypted(both);
        expect(input).toBe("joined");
        const joined = dumpOf(text);
        expect(joined.header).toEqual(whole.header);
        // What is of the same moment may stand in either order: remarks, keys and frames each keep theirs.
        for (const kind of ["log", "key", "drawn"]) {
          const of = ({ entries }: Dump) =>
            entries.filter(({ instruction: { opcode } }) =>
              kind === "drawn" ? opcode !== "log" && opcode !== "key" : opcode === kind,
            );
          expect(of(joined)).toEqual(of(whole));
        }
      }),
      { numRuns: 15 },
    );
  });

  it("has each key before the first frame that was drawn after it", async () => {
    const frame = (ms: number): Instruction => ({ opcode: "sync", args: [String(ms)] });
    const key = (ms: number): Instruction => ({ opcode: "key", args: ["97", "1", String(ms)] });
    await record([frame(1_000), frame(1_100), frame(1_200), key(1_050), key(1_150)], apart());
    const [text] = await decrypted(await keys(auditor.identity, officer.identity));
    const order = [...text.matchAll(/4\.(?:sync|key),|3\.key,|\d\.(?<ms>1\d\d\d)(?=[,;])/g)];
    expect(order.flatMap(({ groups }) => groups?.["ms"] ?? [])).toEqual([
      "1000",
      "1050",
      "1100",
      "1150",
      "1200",
    ]);
  });

  it("shows what was drawn, and says that the rest is for others, with one key", async () => {
    const drawn: Instruction[] = [
      { opcode: "sync", args: ["1000"] },
      { opcode: "key", args: ["97", "1", "1000"] },
    ];
    await record(drawn, apart());
    const [text, input] = await decrypted(await keys(auditor.identity));
    expect(input).toBe("no-key");
    expect(text).toContain("4.sync,4.1000;");
    expect(text).not.toContain("3.key,");
  });
});
