import { plainJson } from "../../../kernel/index.js";
import type { Command } from "../command.js";
import { EXIT, type ExitCode } from "../exit-code.js";
import type { ApiAnswer } from "./client.js";
import { ctlCommand, encode, failed, type CtlCall } from "./ctl-command.js";
import { createDrawnOnly, END_OF_DRAWING } from "./drawn-only.js";
import { createKeyboard } from "./keyboard.js";
import { cellOf } from "./table.js";
import { SESSION_IDS, wholeIds } from "./whole-ids.js";

export const watchCommand: Command = ctlCommand(
  {
    words: ["watch"],
    positionals: "SESSION",
    takes: { least: 1, most: 1 },
    summary: "shows a session as it is and as it goes on; Ctrl-C leaves it",
    options: {
      take: {
        type: "boolean",
        help: "take the keyboard: your keys go to the session, the person's wait; Ctrl-] leaves",
      },
    },
    notes: [
      "Draws the first terminal of the session into this one; make yours as large as theirs. Only what",
      "draws passes: titles, links, clipboard and questions to the terminal are left out. With --json each",
      "frame is a line, with everything, escaped. The rules judge what is typed with --take as they judge the",
      "person's own keys; questions that Chaperone asks the person can not be answered so.",
    ],
    examples: ["chaperone ctl watch 0192f0c1", "chaperone ctl watch 0192f0c1 --take"],
  },
  async (call) => {
    const take = call.values["take"] === true;
    if (take && (call.json || !process.stdin.isTTY)) {
      call.console.err("chaperone ctl watch: --take needs a terminal to type on, and no --json");
      return EXIT.usage;
    }
    const ids = await wholeIds(call, call.positionals, SESSION_IDS);
    if (ids === null) return EXIT.usage;
    const path = `/v1/sessions/${encode(ids[0])}`;
    const stream = await call.api.stream(`${path}/live`);
    if ("type" in stream) return stream.type === "answer" ? EXIT.fine : failed(call, stream);
    const watched = { call, path, stream, leave: () => void stream.destroy() };
    return call.json ? await tellFrames(watched) : await drawFrames(watched, take);
  },
);

interface Watched {
  readonly call: CtlCall;
  /** Of the session in the API. */
  readonly path: string;
  readonly stream: AsyncIterable<Buffer>;
  readonly leave: () => void;
}

interface Frame {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

async function tellFrames({ call, stream }: Watched): Promise<ExitCode> {
  for await (const { type, data } of framesOf(stream)) {
    call.console.out(plainJson(JSON.stringify({ type, ...data })));
    if (type === "end") return EXIT.fine;
    await call.console.flushed();
  }
  return EXIT.couldNotRun;
}

/** How the watch came to its end. */
interface Ending {
  readonly code: ExitCode;
  readonly words?: string;
  readonly answer?: Exclude<ApiAnswer, { type: "answer" }>;
}

async function drawFrames(watched: Watched, take: boolean): Promise<ExitCode> {
  const { call, stream, leave } = watched;
  const drawn = createDrawnOnly();
  let ending: Ending = { code: EXIT.couldNotRun, words: "the sidecar is gone" };
  let left = false;
  const end = (how: Ending): void => {
    if (left) return;
    left = true;
    ending = how;
    leave();
  };
  const interrupted = (): void => end({ code: EXIT.fine });
  process.on("SIGINT", interrupted);
  let giveBack = (): void => undefined;
  let first: unknown;
  try {
    for await (const { type, data } of framesOf(stream)) {
      if (type === "observer" && take) {
        giveBack = await takeKeyboard({ ...watched, channel: () => first }, data["id"], end);
      }
      if (type === "end") end(endOf(data["reason"]));
      first ??= data["channel"];
      if (data["channel"] !== first) continue;
      if (type === "screen") process.stdout.write(`${CLEAR}${drawn.pass(cellOf(data["data"]))}`);
      else if (type === "output") process.stdout.write(drawn.pass(cellOf(data["data"])));
      await call.console.flushed();
    }
  } catch (error) {
    // The stream breaks off when we leave; otherwise the sidecar has gone, which is the ending by itself.
    if (!(error instanceof Error)) throw error;
  } finally {
    process.off("SIGINT", interrupted);
    giveBack();
  }
  if (first !== undefined) process.stdout.write(END_OF_DRAWING);
  if (ending.words !== undefined) call.console.err(`chaperone ctl watch: ${ending.words}`);
  return ending.answer === undefined ? ending.code : failed(call, ending.answer);
}

const CLEAR = "\u001b[2J\u001b[H";

function endOf(reason: unknown): Ending {
  if (reason === "over") return { code: EXIT.fine, words: "the session is over" };
  if (reason === "too-slow") {
    return { code: EXIT.bad, words: "this terminal did not keep up: watch again" };
  }
  return { code: EXIT.fine };
}

/** Answers with what gives the terminal back; the keyboard itself is given back with the watch. */
async function takeKeyboard(
  { call, path, channel }: Watched & { readonly channel: () => unknown },
  observer: unknown,
  end: (how: Ending) => void,
): Promise<() => void> {
  const own = `${path}/observers/${encode(cellOf(observer))}`;
  const taken = await call.api.call({ method: "POST", path: `${own}/take` });
  if (taken.type !== "answer") {
    end({ code: EXIT.bad, answer: taken });
    return () => undefined;
  }
  const keyboard = createKeyboard({
    async send(text) {
      const body = { channel: channel() ?? 0, text };
      const answer = await call.api.call({ method: "POST", path: `${own}/keys`, body });
      return answer.type === "answer" ? null : answer.message;
    },
    over: (reason) =>
      end(reason === null ? { code: EXIT.fine } : { code: EXIT.bad, words: reason }),
  });
  const { stdin } = process;
  const onKeys = (bytes: Buffer): void => keyboard.typed(bytes);
  stdin.setRawMode(true);
  stdin.on("data", onKeys);
  return () => {
    stdin.off("data", onKeys);
    stdin.setRawMode(false);
    stdin.pause();
  };
}

/** A frame is a screen at most: some 20 KiB, six times as much in JSON. */
const FRAME_LENGTH_MAX = 4 * 1024 * 1024;

/** Ends early when a frame is too long to be one. */
async function* framesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    rest += decoder.decode(chunk, { stream: true });
    const events = rest.split("\n\n");
    rest = events.pop() ?? "";
    if (rest.length > FRAME_LENGTH_MAX) return;
    for (const event of events) {
      const frame = frameOf(event);
      if (frame !== null) yield frame;
    }
  }
}

function frameOf(event: string): Frame | null {
  const type = /^event: (?<type>[a-z-]+)$/m.exec(event)?.groups?.["type"];
  const text = /^data: (?<data>.*)$/m.exec(event)?.groups?.["data"];
  if (type === undefined || text === undefined) return null;
  const data: unknown = JSON.parse(text);
  return { type, data: typeof data === "object" && data !== null ? { ...data } : {} };
}
