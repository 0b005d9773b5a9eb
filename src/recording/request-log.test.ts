import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { channelId, micros, sessionId, wallMicros, type Micros } from "../kernel/index.js";
import type { RecordedRequest, SessionFacts } from "../model/index.js";
import { makeIdentity, readIdentities, type Identities } from "./age/index.js";
import { harOf } from "./har.js";
import { mendRecordings } from "./mend.js";
import { openRequestLog } from "./open-request-log.js";
import { BadLine } from "./read-request-log.js";
import { createRecordings, type RecordingEncryption } from "./recordings.js";
import { LOG_BUFFER_BYTES_MAX } from "./request-log.js";

const WALL = wallMicros(Date.UTC(2026, 10, 20, 18, 57, 23) * 1_000);
const FACTS: SessionFacts = {
  id: sessionId("web-1"),
  protocol: "web",
  person: { name: "alice", groups: [], phrase: "green boat", factors: [] },
  account: "root",
  target: { name: "wiki", address: "127.0.0.1:80", labels: {}, embedded: false },
  origin: "192.0.2.1",
  clientVersion: "Firefox",
  authMethods: ["gateway-assertion"],
};
const PAGE = channelId(0);

function request(number: number): RecordedRequest {
  return {
    number,
    method: "POST",
    protocol: "HTTP/2",
    url: `https://wiki.example/pages/${String(number)}?a=1`,
    asked: [
      ["accept", "*/*"],
      ["cookie", null],
    ],
    answered: [["location", "/next"]],
    headMs: 20,
    outcome: {
      status: 303,
      bytes: { toTarget: 3, toPerson: 4 },
      durationMs: 50,
      contentType: "text/html",
    },
    decision: "allowed",
    rules: [],
    bodies: [
      {
        of: "request",
        type: "text/plain",
        bytes: 3,
        content: { text: `typed ${String(number)}`, cut: false },
      },
      {
        of: "response",
        type: "text/html",
        bytes: 4,
        content: { text: `shown ${String(number)}`, cut: true },
      },
    ],
  };
}

function socket(number: number): RecordedRequest {
  const { outcome, ...common } = request(number);
  const url = `https://wiki.example/live/${String(number)}`;
  return { ...common, method: "GET", url, outcome: { ...outcome, status: 101 }, bodies: [] };
}

interface Said {
  readonly of: "person" | "target";
  readonly text?: string;
  readonly binary?: boolean;
  readonly left?: "keys";
}

let folder = "";
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "chaperone-requests-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const filesIn = (): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.includes("web-1"))
    .sort();

async function record(encryption?: RecordingEncryption): Promise<void> {
  const recordings = createRecordings({
    folder,
    wallOf: () => WALL,
    ...(encryption === undefined ? {} : { encryption }),
    log: { warn: () => undefined },
  });
  const recorder = recordings.open(FACTS, (fault) => expect(fault).toBe("nothing is lost"));
  const at = (seconds: number) => micros(seconds * 1_000_000);
  recorder.record(PAGE, { type: "start", at: at(5), columns: 0, rows: 0, term: "" });
  const view = { url: "https://wiki.example/pages/1", title: "Page 1", focused: true };
  recorder.record(PAGE, { type: "view", at: at(6), view });
  recorder.record(PAGE, { type: "view", at: at(6), view: { ...view, focused: false } });
  recorder.record(PAGE, { type: "request", at: at(7), request: request(1) });
  recorder.record(PAGE, { type: "mark", at: at(8), label: "recording gap: 3 entries" });
  const plain = { ...request(2), bodies: [] };
  recorder.record(PAGE, { type: "request", at: at(8), request: plain });
  recorder.record(PAGE, { type: "request", at: at(9), request: request(3) });
  for (const number of [4, 5]) {
    recorder.record(PAGE, { type: "socket", at: at(9), request: socket(number) });
    say(number, { of: "person", text: `hello ${String(number)}` }, at(10));
    say(number, { of: "target", text: "hello yourself" }, at(11));
  }
  say(4, { of: "person", text: "in bytes", binary: true }, at(12));
  say(4, { of: "person", left: "keys" }, at(13));
  // The other one is still open when the log ends.
  recorder.record(PAGE, { type: "request", at: at(14), request: socket(4) });
  recorder.close();

  function say(number: number, said: Said, when: Micros): void {
    const { of, binary = false, text = "", left } = said;
    const content = left === undefined ? { text, cut: false } : { left };
    const message = { of, binary, bytes: text.length, content };
    recorder.record(PAGE, { type: "message", at: when, number, message });
  }

  await recordings.flush();
}

async function har(path: string, identities: Identities | null) {
  const opened = await openRequestLog(join(folder, path), identities);
  if (!opened.ok) throw new Error(opened.error.message);
  const pieces = harOf(opened.value.log, { version: "1", ...opened.value.typed });
  let text = "";
  for (;;) {
    const next = pieces.next();
    if (next.done === true) {
      const { log } = JSON.parse(text) as { log: Record<string, unknown> & { entries: unknown[] } };
      return { log, end: next.value, withoutKey: opened.value.withoutKey };
    }
    text += next.value;
  }
}

const saidIn = (entry: unknown): readonly string[] =>
  (entry as { _webSocketMessages: { data: string }[] })._webSocketMessages.map(({ data }) => data);

async function keyPair() {
  const { identity, recipient } = await makeIdentity();
  const opener = await readIdentities("keys.txt", identity);
  if (!opener.ok) throw new Error("no key");
  return { identity, recipient, opener: opener.value };
}

describe("the requests of a session as HAR", () => {
  it("say when, what and on which page, and what was left out", async () => {
    await record();
    const [file = ""] = filesIn();
    expect(file).toMatch(/2026\/11\/20\/web-1-0\.web$/);
    const { log, end } = await har(file, null);
    expect(end).toEqual({ entries: 5, gaps: 1, torn: false });
    expect(log).toMatchObject({
      version: "1.2",
      creator: { name: "Chaperone" },
      pages: [{ id: "page_1", title: "Page 1", startedDateTime: "2026-11-20T18:57:24.000Z" }],
    });
    expect(log.entries[0]).toMatchObject({
      pageref: "page_1",
      startedDateTime: "2026-11-20T18:57:24.950Z",
      time: 50,
      timings: { send: 0, wait: 20, receive: 30 },
      request: {
        method: "POST",
        httpVersion: "HTTP/2",
        queryString: [{ name: "a", value: "1" }],
        headers: [
          { name: "accept", value: "*/*" },
          { name: "cookie", value: "", comment: "value not kept" },
        ],
        postData: { mimeType: "text/plain", text: "typed 1" },
      },
      response: {
        status: 303,
        redirectURL: "/next",
        content: { text: "shown 1", comment: "only the beginning of 4 bytes" },
      },
      _request: 1,
      _decision: "allowed",
    });
  });

  it("say what passed in WebSockets, those too that are still open, as Chromium does", async () => {
    await record();
    const { log } = await har(filesIn()[0] ?? "", null);
    const time = WALL / 1_000_000;
    expect(log.entries[3]).toMatchObject({
      _resourceType: "websocket",
      request: { url: "wss://wiki.example/live/4" },
      response: { status: 101 },
      _webSocketMessages: [
        { type: "send", time: time + 5, opcode: 1, data: "hello 4" },
        { type: "receive", time: time + 6, opcode: 1, data: "hello yourself" },
        { type: "send", opcode: 2, data: Buffer.from("in bytes").toString("base64") },
        { type: "send", data: "", comment: expect.stringContaining("keys") as string },
      ],
    });
    expect(log.entries[4]).toMatchObject({
      request: { url: "wss://wiki.example/live/5" },
      time: 2_000,
    });
    expect(saidIn(log.entries[4])).toEqual(["hello 5", "hello yourself"]);
  });

  it("are read up to the last whole line, and mended, when their writer was killed", async () => {
    await record();
    const [file = ""] = filesIn();
    const before = readFileSync(join(folder, file), "utf8");
    appendFileSync(join(folder, file), '{"t":9,"n":4,"method":"GE');
    expect((await har(file, null)).end).toEqual({ entries: 5, gaps: 1, torn: true });
    mendRecordings(folder, { session: "web-1", openedAt: WALL, now: WALL });
    expect(readFileSync(join(folder, file), "utf8")).toBe(before);
  });

  it("hold what was typed for whoever may read that, and for nobody else", async () => {
    const [shown, typed] = [await keyPair(), await keyPair()];
    await record({ recipients: [shown.recipient], inputRecipients: [typed.recipient] });
    const [input = "", file = ""] = filesIn();
    expect(input).toMatch(/web-1-0\.input\.web\.age$/);
    expect(file).toMatch(/web-1-0\.web\.age$/);
    const one = await har(file, shown.opener);
    expect(one.withoutKey).toBe(true);
    expect(JSON.stringify(one.log)).not.toContain("typed 1");
    expect(JSON.stringify(one.log)).toContain("shown 3");
    const both = await readIdentities("keys.txt", `${shown.identity}\n${typed.identity}\n`);
    if (!both.ok) throw new Error("no keys");
    const { log } = await har(file, both.value);
    const texts = log.entries.map(
      (entry) => (entry as { request: { postData?: { text: string } } }).request.postData?.text,
    );
    expect(texts).toEqual(["typed 1", undefined, "typed 3", undefined, undefined]);
    expect(saidIn(one.log.entries[3])).toEqual(["hello yourself"]);
    expect(saidIn(log.entries[3]).slice(0, 2)).toEqual(["hello 4", "hello yourself"]);
    expect((await openRequestLog(join(folder, file), null)).ok).toBe(false);
  });

  it("are nothing that another program has written", async () => {
    const path = join(folder, "x-0.web");
    for (const text of ["", "\n", "{}\n", '{"version":2}\n', "x".repeat(9_000_000)]) {
      writeFileSync(path, text);
      expect((await openRequestLog(path, null)).ok).toBe(false);
    }
    await record();
    const [file = ""] = filesIn();
    for (const line of ["[]", "{}", '{"t":1,"n":1,"method":"GET","url":"x"}', "nonsense"]) {
      writeFileSync(
        path,
        `${readFileSync(join(folder, file), "utf8").split("\n")[0] ?? ""}\n${line}\n`,
      );
      await expect(har("x-0.web", null)).rejects.toThrow(BadLine);
    }
  });
});

describe("the requests of a session on a disk that is full", () => {
  it("are a log with one gap that says how many are missing, and are whole again once there is room", async (context) => {
    const disk = join(folder, "disk");
    mkdirSync(disk);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", disk], { stdio: "ignore" });
    } catch {
      context.skip("needs the right to mount a small tmpfs");
    }
    try {
      await fillAndGiveRoom(disk);
    } finally {
      execFileSync("umount", ["--lazy", disk]);
    }
  });

  async function fillAndGiveRoom(disk: string): Promise<void> {
    const lost: string[] = [];
    const recordings = createRecordings({
      folder: disk,
      wallOf: () => WALL,
      log: { warn: () => undefined },
    });
    const recorder = recordings.open(FACTS, ({ code }) => lost.push(code));
    const tell = (number: number, filling = "") => {
      const one = request(number);
      const content = { text: filling, cut: true };
      const body = { of: "response", type: "text/html", bytes: 4, content } as const;
      const told = filling === "" ? one : { ...one, bodies: [body] };
      recorder.record(PAGE, { type: "request", at: micros(number), request: told });
    };
    writeFileSync(join(disk, "ballast"), Buffer.alloc(8 * 1024 * 1024 - 64 * 1024));
    recorder.record(PAGE, { type: "start", at: micros(0), columns: 0, rows: 0, term: "" });
    const filling = "x".repeat(LOG_BUFFER_BYTES_MAX / 4);
    tell(1, filling);
    await expect.poll(() => lost, { timeout: 20_000 }).toEqual(["CHP_RECORDING_WRITE"]);
    // More than may wait for the disk; what was lost is told once.
    const told = 8;
    for (let number = 2; number <= told; number += 1) tell(number, filling);
    expect(lost).toHaveLength(1);
    rmSync(join(disk, "ballast"));
    const path = join(disk, "2026", "11", "20", "web-1-0.web");
    // What waited has been written; the next one finds room again and says what is missing.
    await expect.poll(() => lineCount(path), { timeout: 20_000 }).toBeGreaterThan(2);
    tell(99);
    recorder.close();
    await recordings.flush();
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    const entries = lines.map((line) => JSON.parse(line) as { n?: number; mark?: string });
    const kept = entries.flatMap(({ n }) => n ?? []);
    const missing = told + 1 - kept.length;
    expect(missing).toBeGreaterThan(0);
    expect(entries.flatMap(({ mark }) => mark ?? [])).toEqual([
      `recording gap: ${String(missing)} entries`,
    ]);
    expect(kept.at(-1)).toBe(99);
    expect(kept.slice(0, -1)).toEqual(kept.slice(0, -1).map((_, at) => at + 1));
  }

  const lineCount = (path: string): number => readFileSync(path, "utf8").split("\n").length - 1;
});
