import { execFileSync, spawnSync } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Decrypter, Encrypter, generateHybridIdentity, identityToRecipient } from "age-encryption";
import fc from "fast-check";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { channelId, micros, sessionId, wallMicros } from "../kernel/index.js";
import type { RecordEntry, SessionFacts } from "../model/index.js";
import { createSeededRandom, longRun, seed } from "../testing/index.js";
import {
  CHUNK_BYTES,
  isRecipient,
  makeIdentity,
  readIdentities,
  type Identities,
} from "./age/index.js";
import { decryptRecording } from "./decrypt.js";
import { createEncryptedFile } from "./encrypted-file.js";
import { openEncrypted, type RecordingEnd } from "./read-encrypted.js";
import { tailPath } from "./recording-names.js";
import { createRecordings, type RecordingEncryption } from "./recordings.js";

const FACTS: SessionFacts = {
  id: sessionId("01-session"),
  protocol: "ssh",
  person: { name: "alice", groups: ["dba"], phrase: "green boat", factors: [] },
  account: "root",
  target: { name: "db-1", address: "127.0.0.1:22", labels: {}, embedded: false },
  origin: "192.0.2.1",
  clientVersion: "OpenSSH_9.9",
  authMethods: ["publickey"],
};
const WALL = wallMicros(Date.UTC(2026, 10, 20, 18, 57, 23) * 1_000);
const START = micros(5_000_000);
const at = (ms: number) => micros(START + ms * 1_000);

interface KeyPair {
  readonly identity: string;
  readonly recipient: string;
  readonly opener: Identities;
}

async function keyPair(): Promise<KeyPair> {
  const { identity, recipient } = await makeIdentity();
  return { identity, recipient, opener: await opened(identity) };
}

async function opened(...identities: readonly string[]): Promise<Identities> {
  const read = await readIdentities("keys.txt", `# made today\n${identities.join("\n")}\n`);
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}

let auditor: KeyPair;
let officer: KeyPair;
let folder = "";
beforeAll(async () => {
  auditor = await keyPair();
  officer = await keyPair();
});
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "chaperone-sealed-casts-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function textOf(
  path: string,
  identities: Identities,
): Promise<{ readonly text: string; readonly end: RecordingEnd["how"] }> {
  const file = await openEncrypted(path, identities);
  if (!file.ok) throw new Error(file.error.message);
  return drained(file.value.text());
}

function drained(pieces: Generator<Buffer, RecordingEnd>): {
  text: string;
  end: RecordingEnd["how"];
} {
  const all: Buffer[] = [];
  for (;;) {
    const piece = pieces.next();
    if (piece.done === true) return { text: Buffer.concat(all).toString(), end: piece.value.how };
    all.push(piece.value);
  }
}

describe("a file that is encrypted while it grows", () => {
  const path = () => join(folder, "a.cast.age");

  it("is what the authors of the format read, whatever its length and however it was written", async () => {
    const random = createSeededRandom(seed);
    const edges = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 200_000];
    for (const [index, length] of edges.entries()) {
      const file = join(folder, `${String(index)}.age`);
      const writer = createEncryptedFile(file, [auditor.recipient]);
      const bytes = Buffer.from(random.bytes(length));
      for (const piece of random.cut(bytes, 40_000)) await writer.append(Buffer.from(piece));
      if (length === 0) await writer.append(bytes);
      await writer.end();
      const library = new Decrypter();
      library.addIdentity(auditor.identity);
      const read = await library.decrypt(readFileSync(file));
      expect(bytes.equals(read)).toBe(true);
    }
    expect(readdirSync(folder)).toHaveLength(edges.length);
  });

  it("is read by the program `age`", async (context) => {
    if (spawnSync("age", ["--version"]).status !== 0) context.skip("needs age");
    const writer = createEncryptedFile(path(), [auditor.recipient, officer.recipient]);
    await writer.append(Buffer.from("one\n".repeat(40_000)));
    await writer.append(Buffer.from("two\n"));
    await writer.end();
    writeFileSync(join(folder, "key.txt"), `${officer.identity}\n`, { mode: 0o600 });
    const read = execFileSync("age", ["-d", "-i", join(folder, "key.txt"), path()], {
      maxBuffer: 1024 * 1024,
    });
    expect(read.toString()).toBe(`${"one\n".repeat(40_000)}two\n`);
  });

  it("is readable up to its last write at every moment", async () => {
    const random = createSeededRandom(seed);
    const writer = createEncryptedFile(path(), [auditor.recipient]);
    let told = "";
    for (let n = 0; n < 12; n += 1) {
      const text = `${"x".repeat(random.below(90_000))}${String(n)}\n`;
      await writer.append(Buffer.from(text));
      told += text;
      // As a kill would leave it now.
      expect(await textOf(path(), auditor.opener)).toEqual({ text: told, end: "open" });
    }
    await writer.end();
    expect(await textOf(path(), auditor.opener)).toEqual({ text: told, end: "whole" });
    expect(readdirSync(folder)).toEqual(["a.cast.age"]);
  });

  it("is readable after a kill between its two files, and in the middle of a write", async () => {
    const writer = createEncryptedFile(path(), [auditor.recipient]);
    await writer.append(Buffer.from("first\n"));
    copyFileSync(tailPath(path()), join(folder, "old-tail"));
    const long = `${"y".repeat(CHUNK_BYTES)}\n`;
    await writer.append(Buffer.from(long));
    const before = `first\n${long}`;
    // The chunk was written, its tail not any more.
    copyFileSync(join(folder, "old-tail"), tailPath(path()));
    const between = await textOf(path(), auditor.opener);
    expect(between).toEqual({ text: before.slice(0, CHUNK_BYTES), end: "open" });
    // A part of the next chunk was written; the tail still holds what it begins with.
    await writer.append(Buffer.from("second\n"));
    appendFileSync(path(), Buffer.alloc(5_000, 7));
    expect(await textOf(path(), auditor.opener)).toEqual({
      text: `${before}second\n`,
      end: "open",
    });
    await writer.end();
    expect(await textOf(path(), auditor.opener)).toEqual({
      text: `${before}second\n`,
      end: "whole",
    });
  });

  it("holds each text once, though a write failed in the middle and came again", async () => {
    const writer = createEncryptedFile(path(), [auditor.recipient]);
    await writer.append(Buffer.from("one\n"));
    // The tail can not be put in its place: a folder stands there.
    rmSync(tailPath(path()));
    execFileSync("mkdir", [tailPath(path())]);
    const long = "2".repeat(CHUNK_BYTES + 10);
    await expect(writer.append(Buffer.from(long))).rejects.toThrow();
    rmSync(tailPath(path()), { recursive: true });
    await writer.append(Buffer.from(`${long}three\n`));
    await writer.end();
    expect(await textOf(path(), auditor.opener)).toEqual({
      text: `one\n${long}three\n`,
      end: "whole",
    });
  });

  it("shows every change and every cut, and never a text that was not written", async () => {
    const text = Array.from({ length: 20_000 }, (_, n) => `line ${String(n)}\n`).join("");
    const writer = createEncryptedFile(path(), [auditor.recipient]);
    await writer.append(Buffer.from(text));
    await writer.end();
    const whole = readFileSync(path());
    const copy = join(folder, "b.cast.age");
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 1),
        fc.nat(7),
        fc.boolean(),
        async (byte, bit, cut) => {
          const changed = Buffer.from(whole);
          changed[byte] = (changed[byte] ?? 0) ^ (1 << bit);
          writeFileSync(copy, cut ? whole.subarray(0, byte) : changed);
          const read = await openEncrypted(copy, auditor.opener);
          if (!read.ok) return;
          const { text: shown, end } = drained(read.value.text());
          expect(text.startsWith(shown)).toBe(true);
          expect(end).not.toBe("whole");
          if (shown !== "") expect(end).toBe("altered");
        },
      ),
      { seed, numRuns: longRun ? 2_000 : 40 },
    );
  });

  it("says so when whole chunks were cut off and the tail was left", async () => {
    const writer = createEncryptedFile(path(), [auditor.recipient]);
    await writer.append(Buffer.from("z".repeat(3 * CHUNK_BYTES)));
    truncateSync(path(), readFileSync(path()).length - (CHUNK_BYTES + 16));
    expect((await textOf(path(), auditor.opener)).end).toBe("altered");
    await writer.end();
  });
});

describe("an encrypted recording", () => {
  const start: RecordEntry = { type: "start", at: START, columns: 80, rows: 24, term: "xterm" };
  const entries: readonly RecordEntry[] = [
    start,
    { type: "output", at: at(1), bytes: Buffer.from("$ ") },
    { type: "input", at: at(2), bytes: Buffer.from("id") },
    { type: "output", at: at(2), bytes: Buffer.from("id") },
    { type: "hidden", at: at(3) },
    { type: "resize", at: at(4), columns: 90, rows: 40 },
    { type: "input", at: at(5), bytes: Buffer.from("\u00fc").subarray(0, 1) },
    { type: "mark", at: at(6), label: "blocked rm-root" },
    { type: "input", at: at(7), bytes: Buffer.from("\u00fc").subarray(1) },
    { type: "output", at: at(8), bytes: Buffer.from("uid=0\r\n") },
    { type: "end", at: at(9) },
  ];

  async function record(
    where: string,
    encryption?: RecordingEncryption,
    facts = FACTS,
    told: readonly RecordEntry[] = entries,
  ): Promise<readonly string[]> {
    const recordings = createRecordings({
      folder: where,
      wallOf: (when) => wallMicros(WALL + (when - START)),
      log: { warn: () => undefined },
      ...(encryption === undefined ? {} : { encryption }),
    });
    const session = recordings.open(facts, (fault) => expect(fault).toBe("nothing is lost"));
    for (const entry of told) session.record(channelId(0), entry);
    session.close();
    await recordings.flush();
    return readdirSync(join(where, "2026", "11", "20")).map((file) =>
      join(where, "2026", "11", "20", file),
    );
  }

  const plain = async (): Promise<string> => {
    const [file = ""] = await record(join(folder, "plain"));
    return readFileSync(file, "utf8");
  };

  it("holds what the same recording holds in clear text, and shows none of it", async () => {
    const files = await record(join(folder, "one"), { recipients: [auditor.recipient] });
    expect(files.map((file) => basename(file))).toEqual(["01-session-0.cast.age"]);
    const bytes = readFileSync(files[0] ?? "", "latin1");
    for (const word of ["alice", "db-1", "uid=0", "01-session"]) expect(bytes).not.toContain(word);
    const read = await decryptRecording(files[0] ?? "", auditor.opener);
    if (!read.ok) throw new Error(read.error.message);
    expect(drained(read.value.text())).toEqual({ text: await plain(), end: "whole" });
  });

  it("can have other readers for what was typed, and comes together for who holds both keys", async () => {
    const files = await record(join(folder, "two"), {
      recipients: [auditor.recipient],
      inputRecipients: [officer.recipient],
    });
    expect(files.map((file) => basename(file))).toEqual([
      "01-session-0.cast.age",
      "01-session-0.input.cast.age",
    ]);
    const [shown = "", typed = ""] = files;
    const both = await decryptRecording(shown, await opened(auditor.identity, officer.identity));
    expect(both.ok && both.value.input).toBe("joined");
    expect(both.ok && drained(both.value.text())).toEqual({ text: await plain(), end: "whole" });

    const alone = await decryptRecording(shown, auditor.opener);
    expect(alone.ok && alone.value.input).toBe("no-key");
    expect(alone.ok && drained(alone.value.text()).text).not.toContain('"i"');
    const foreign = await decryptRecording(typed, auditor.opener);
    expect(foreign.ok ? "" : foreign.error.code).toBe("CHP_RECORDING_ENCRYPTED");
    const keys = await decryptRecording(typed, officer.opener);
    expect(keys.ok && drained(keys.value.text()).text.match(/"i", "[^"]*"/g)).toEqual([
      '"i", "id"',
      '"i", "\u00fc"',
    ]);
  });

  it("of a desktop keeps its keys apart, where they have other readers", async () => {
    const instruction = (opcode: string, ...args: readonly string[]): RecordEntry => ({
      type: "instruction",
      at: at(1),
      instruction: { opcode, args },
    });
    const desktop: SessionFacts = { ...FACTS, protocol: "rdp" };
    const files = await record(
      join(folder, "desk"),
      { recipients: [auditor.recipient], inputRecipients: [officer.recipient] },
      desktop,
      [
        start,
        instruction("sync", "7"),
        instruction("key", "65", "1", "7"),
        { type: "end", at: at(2) },
      ],
    );
    expect(files.map((file) => basename(file))).toEqual([
      "01-session-0.guac.age",
      "01-session-0.input.guac.age",
    ]);
    expect((await textOf(files[0] ?? "", auditor.opener)).text).toMatch(
      /^3\.log,.*;4\.sync,1\.7;$/,
    );
    expect((await textOf(files[1] ?? "", officer.opener)).text).toMatch(
      /^3\.log,.*;3\.key,2\.65,1\.1,1\.7;$/,
    );
  });
});

describe("keys for recordings", () => {
  it("are recognised when they are spelled rightly, and in no other case", async () => {
    const hybrid = await identityToRecipient(await generateHybridIdentity());
    for (const recipient of [auditor.recipient, hybrid]) {
      expect(isRecipient(recipient)).toBe(true);
      // What we take, the library takes.
      expect(() => new Encrypter().addRecipient(recipient)).not.toThrow();
    }
    fc.assert(
      fc.property(
        fc.nat(auditor.recipient.length - 1),
        fc.constantFrom("q", "p", "z", "r", "8", "1", "b"),
        (n, char) => {
          const other = auditor.recipient.slice(0, n) + char + auditor.recipient.slice(n + 1);
          expect(isRecipient(other)).toBe(other === auditor.recipient);
        },
      ),
      { seed },
    );
    const none = [
      "",
      "age1",
      "ssh-ed25519 AAAA",
      auditor.identity,
      auditor.recipient.toUpperCase(),
    ];
    expect(none.map(isRecipient)).toEqual(none.map(() => false));
  });

  it("are never shown in a fault", async () => {
    const spelled = auditor.identity.replace(/.$/, (last) => (last === "Q" ? "P" : "Q"));
    for (const text of ["", "hunter2\n", spelled, auditor.recipient]) {
      const read = await readIdentities("keys.txt", text);
      expect(read.ok ? "" : read.error.code).toBe("CHP_RECORDING_KEY");
      if (!read.ok && text !== "") expect(read.error.message).not.toContain(text.trim());
    }
  });
});
