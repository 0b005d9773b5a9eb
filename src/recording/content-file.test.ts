import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { channelId, micros, sessionId, wallMicros, type Fault } from "../kernel/index.js";
import type { RecordEntry, SessionFacts } from "../model/index.js";
import { makeIdentity, readIdentities } from "./age/index.js";
import { CONTENT_WAITING_BYTES_MAX, createContentFile } from "./content-file.js";
import { decryptRecording } from "./decrypt.js";
import { findRecordings } from "./find-recordings.js";
import { createPlainFile, type GrowingFile } from "./growing-file.js";
import { createRecordings, type RecordingEncryption } from "./recordings.js";

const FACTS: SessionFacts = {
  id: sessionId("01-session"),
  protocol: "rdp",
  person: { name: "alice", groups: [], phrase: "green boat", factors: [] },
  account: "me",
  target: { name: "win-1", address: "127.0.0.1:3389", labels: {}, embedded: false },
  origin: "192.0.2.1",
  clientVersion: "guacd client",
  authMethods: ["token"],
};
const WALL = wallMicros(Date.UTC(2026, 10, 20, 18, 57, 23) * 1_000);
const NOW = micros(5_000_000);

describe("the content of a file that passed", () => {
  let folder = "";
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "chaperone-contents-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const day = (): string => join(folder, "2026", "11", "20");

  async function keep(
    entries: readonly RecordEntry[],
    encryption?: RecordingEncryption,
  ): Promise<readonly Fault[]> {
    const lost: Fault[] = [];
    const recordings = createRecordings({
      folder,
      wallOf: () => WALL,
      log: { warn: () => undefined },
      ...(encryption === undefined ? {} : { encryption }),
    });
    const session = recordings.open(FACTS, (fault) => lost.push(fault));
    for (const entry of entries) session.record(channelId(0), entry);
    session.close();
    await recordings.flush();
    return lost;
  }

  function piece(content: number, text: string, side: "person" | "target" = "person"): RecordEntry {
    return { type: "content", at: NOW, content, side, bytes: Uint8Array.from(Buffer.from(text)) };
  }
  const end = (content: number): RecordEntry => ({ type: "content-end", at: NOW, content });

  it("stands in a file of its own, for its owner alone, however it was cut into pieces", async () => {
    const parts = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.string({ unit: "grapheme" })));
    await fc.assert(
      fc.asyncProperty(parts, async (pieces) => {
        rmSync(day(), { recursive: true, force: true });
        const entries = pieces.map(([content, text]) => piece(content, text));
        expect(await keep([...entries, end(1), end(2)])).toEqual([]);
        for (const content of [1, 2]) {
          const texts = pieces.flatMap(([of, text]) => (of === content ? [text] : []));
          const path = join(day(), `01-session-0.content-${content}.bin`);
          expect(existsSync(path) ? readFileSync(path, "utf8") : "").toBe(texts.join(""));
          if (existsSync(path)) expect(statSync(path).mode & 0o777).toBe(0o600);
        }
      }),
      { numRuns: 20 },
    );
  });

  it("is whole whenever it ends, also in the moment in which a write is just over", async () => {
    for (let turns = 0; turns < 12; turns += 1) {
      const written: Uint8Array[] = [];
      const file: GrowingFile = {
        append: (bytes) => {
          written.push(bytes);
          return Promise.resolve();
        },
        end: () => Promise.resolve(),
      };
      const kept = createContentFile({ path: join(folder, "x"), file, cut: () => undefined });
      kept.append(new Uint8Array(64 * 1024));
      kept.append(Uint8Array.of(1, 2, 3));
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      await kept.end();
      expect(Buffer.concat(written)).toHaveLength(64 * 1024 + 3);
    }
  });

  it("that a session leaves open is whole as far as it came", async () => {
    await keep([piece(1, "half of"), piece(1, " it")]);
    expect(readFileSync(join(day(), "01-session-0.content-1.bin"), "utf8")).toBe("half of it");
    expect(findRecordings(folder, ["01-session"])).toEqual([
      join(day(), "01-session-0.content-1.bin"),
    ]);
  });

  it("is encrypted for those who may read recordings; what the person sent, for readers of input", async () => {
    const [auditor, officer] = [await makeIdentity(), await makeIdentity()];
    const encryption = {
      recipients: [auditor.recipient],
      inputRecipients: [officer.recipient],
    };
    await keep([piece(1, "sent"), end(1), piece(2, "fetched", "target"), end(2)], encryption);
    expect(readdirSync(day())).toEqual([
      "01-session-0.content-1.bin.age",
      "01-session-0.content-2.bin.age",
    ]);
    const read = async (content: number, identity: string): Promise<string> => {
      const keys = await readIdentities("keys", identity);
      if (!keys.ok) throw new Error(keys.error.message);
      const path = join(day(), `01-session-0.content-${content}.bin.age`);
      const opened = await decryptRecording(path, keys.value);
      return opened.ok ? Buffer.concat([...opened.value.text()]).toString() : opened.error.code;
    };
    expect(await read(1, officer.identity)).toBe("sent");
    expect(await read(1, auditor.identity)).toBe("CHP_RECORDING_ENCRYPTED");
    expect(await read(2, auditor.identity)).toBe("fetched");
    expect(await read(2, officer.identity)).toBe("CHP_RECORDING_ENCRYPTED");
  });

  /** Takes so many bytes, as a disk that is full then. */
  function smallDisk(path: string, bytesMax: number): GrowingFile {
    const plain = createPlainFile(path);
    let left = bytesMax;
    return {
      async append(bytes) {
        if (bytes.length > left) throw new Error("ENOSPC: no space left on device");
        left -= bytes.length;
        await plain.append(bytes);
      },
      end: () => plain.end(),
    };
  }

  it("ends where the disk is full, says so once, and is named so", async () => {
    const path = join(folder, "01-session-0.content-1.bin");
    const told: string[] = [];
    const file = createContentFile({
      path,
      file: smallDisk(path, 100_000),
      cut: ({ code }) => told.push(code),
    });
    const block = Buffer.alloc(64 * 1024, "x");
    for (let count = 0; count < 4; count += 1) {
      file.append(block);
      await new Promise((written) => setImmediate(written));
    }
    await file.end();
    expect(told).toEqual(["CHP_RECORDING_WRITE"]);
    expect(readdirSync(folder)).toEqual(["01-session-0.content-1.cut.bin"]);
    const kept = readFileSync(join(folder, "01-session-0.content-1.cut.bin"));
    expect(kept.equals(Buffer.alloc(kept.length, "x"))).toBe(true);
    expect(kept.length).toBeLessThanOrEqual(100_000);
  });

  it.each([
    [0, []],
    [1, ["CHP_RECORDING_OVERFLOW"]],
  ])("keeps what the memory for it holds: %i byte more than that", async (more, codes) => {
    const path = join(folder, "01-session-0.content-1.bin");
    const told: string[] = [];
    const waitingBytesMax = 1_000;
    const file = createContentFile({
      path,
      file: createPlainFile(path),
      cut: ({ code }) => told.push(code),
      waitingBytesMax,
    });
    file.append(Buffer.alloc(waitingBytesMax));
    if (more > 0) file.append(Buffer.alloc(more));
    await file.end();
    expect(told).toEqual(codes);
    const [name = ""] = readdirSync(folder);
    expect(name.includes(".cut.")).toBe(more > 0);
    expect(statSync(join(folder, name)).size).toBe(waitingBytesMax);
  });

  it("waits in as much memory as a recording", () => {
    expect(CONTENT_WAITING_BYTES_MAX).toBe(1024 * 1024);
  });
});
