import type { SocketMessage } from "../../../net/index.js";
import {
  freshPty,
  jsonObject,
  ONLY,
  sizeOf,
  textMessage,
  type DialectCodec,
  type PersonWord,
  type SocketRequest,
  type TargetWord,
  type TerminalAsked,
  type TerminalDialect,
} from "./dialect.js";
import { createTextFlow, flowing } from "./text-flow.js";

/**
 * What the attach add-on of xterm.js does: every message of the person is keys, every message of the
 * target is output. Nothing in it says so: the administrator does. The size may stand in the address
 * (`?cols=80&rows=24`).
 */
export const xterm: TerminalDialect = {
  name: "xterm",
  protocols: [""],
  many: false,
  opens: (request) => terminalOf(request),
  codec: () => {
    const toTarget = createTextFlow();
    const toPerson = createTextFlow();
    let personBinary = false;
    let targetBinary = false;
    const wrap = (text: string): string => text;
    return {
      fromPerson({ binary, bytes }): PersonWord {
        personBinary = binary;
        return { type: "keys", key: ONLY, bytes };
      },
      fromTarget({ binary, bytes }): TargetWord {
        targetBinary = binary;
        return { type: "output", key: ONLY, stream: "stdout", bytes };
      },
      keys: (_key, bytes) => flowing(toTarget, bytes, { binary: personBinary, wrap }),
      output: (_key, _stream, bytes) => flowing(toPerson, bytes, { binary: targetBinary, wrap }),
      endOfKeys: () => [],
      over: () => ({ toPerson: [], toTarget: [] }),
    };
  },
};

/**
 * Objects of JSON, as small consoles on node-pty speak: `{"type":"input","data":"ls\r"}` and
 * `{"type":"resize","cols":80,"rows":24}` from the person, `{"type":"output","data":"..."}` or plain
 * output from the target.
 */
export const json: TerminalDialect = {
  name: "json",
  protocols: [""],
  many: false,
  opens: (request) => terminalOf(request),
  codec: () => jsonCodec(),
};

function jsonCodec(): DialectCodec {
  const toTarget = createTextFlow();
  const toPerson = createTextFlow();
  let inputWord = "input";
  /** Null: the target speaks plainly. */
  let outputWord: string | null = "output";
  let binary = false;
  return {
    fromPerson(message): PersonWord {
      const said = jsonObject(Buffer.from(message.bytes).toString("utf8"));
      const type = said?.["type"];
      const data = said?.["data"];
      if (typeof type === "string" && INPUTS.has(type) && typeof data === "string") {
        inputWord = type;
        return { type: "keys", key: ONLY, bytes: Buffer.from(data, "utf8") };
      }
      if (type === "resize") {
        const size = sizeOf(said?.["cols"] ?? said?.["columns"], said?.["rows"]);
        if (size !== null) return { type: "resize", key: ONLY, size };
      }
      if (type === "ping" || type === "heartbeat") return { type: "pass" };
      return { type: "refused", reason: "a message that is neither input nor a size" };
    },
    fromTarget(message): TargetWord {
      const said = jsonObject(Buffer.from(message.bytes).toString("utf8"));
      const type = said?.["type"];
      const data = said?.["data"];
      if (typeof type === "string" && OUTPUTS.has(type) && typeof data === "string") {
        outputWord = type;
        return { type: "output", key: ONLY, stream: "stdout", bytes: Buffer.from(data, "utf8") };
      }
      if (typeof type === "string") return { type: "pass" };
      outputWord = null;
      ({ binary } = message);
      return { type: "output", key: ONLY, stream: "stdout", bytes: message.bytes };
    },
    keys(_key, bytes) {
      const text = toTarget.push(bytes);
      return text === null ? [] : [textMessage(JSON.stringify({ type: inputWord, data: text }))];
    },
    output(_key, _stream, bytes): readonly SocketMessage[] {
      const type = outputWord;
      const wrap = (text: string): string =>
        type === null ? text : JSON.stringify({ type, data: text });
      return flowing(toPerson, bytes, { binary: binary && type === null, wrap });
    },
    endOfKeys: () => [],
    over: () => ({ toPerson: [], toTarget: [] }),
  };
}

const INPUTS: ReadonlySet<string> = new Set(["input", "stdin", "data", "keys"]);
const OUTPUTS: ReadonlySet<string> = new Set(["output", "stdout", "data"]);

function terminalOf({ query }: SocketRequest): TerminalAsked {
  const number = (...names: readonly string[]): number =>
    Number(query.find(({ name }) => names.includes(name))?.value);
  const size = sizeOf(number("cols", "columns"), number("rows"));
  return { type: "run", pty: freshPty(size), command: null };
}
