import type { SocketMessage } from "../../../net/index.js";
import {
  freshPty,
  jsonObject,
  ONLY,
  sizeOf,
  type DialectCodec,
  type PersonWord,
  type TargetWord,
  type TerminalDialect,
} from "./dialect.js";

/**
 * ttyd (src/server.h of ttyd 1.7): subprotocol `tty`; the first byte of a message says what it is. The
 * opening message is JSON, and has no such byte but its own brace.
 */
export const ttyd: TerminalDialect = {
  name: "ttyd",
  protocols: ["tty"],
  many: false,
  opens: () => null,
  codec: () => CODEC,
};

const INPUT = 0x30;
const RESIZE = 0x31;
const PAUSE = 0x32;
const RESUME = 0x33;
const OPEN = 0x7b;
const OUTPUT = 0x30;

const CODEC: DialectCodec = {
  fromPerson: (message): PersonWord => {
    const { bytes } = message;
    const [mark = 0] = bytes;
    switch (mark) {
      case INPUT:
        return { type: "keys", key: ONLY, bytes: bytes.subarray(1) };
      case RESIZE: {
        const size = sized(bytes.subarray(1));
        return size === null
          ? { type: "refused", reason: "a size that is none" }
          : { type: "resize", key: ONLY, size };
      }
      case PAUSE:
      case RESUME:
        return { type: "pass" };
      case OPEN:
        return {
          type: "open",
          key: ONLY,
          asked: { type: "run", pty: freshPty(sized(bytes)), command: null },
          message,
        };
      default:
        return { type: "refused", reason: "a message that ttyd does not know" };
    }
  },
  fromTarget: ({ bytes }): TargetWord =>
    bytes[0] === OUTPUT
      ? { type: "output", key: ONLY, stream: "stdout", bytes: bytes.subarray(1) }
      : { type: "pass" },
  keys: (_key, bytes) => [marked(INPUT, bytes)],
  output: (_key, _stream, bytes) => [marked(OUTPUT, bytes)],
  endOfKeys: () => [],
  over: () => ({ toPerson: [], toTarget: [] }),
};

function sized(bytes: Uint8Array): ReturnType<typeof sizeOf> {
  const said = jsonObject(Buffer.from(bytes).toString("utf8"));
  return sizeOf(said?.["columns"], said?.["rows"]);
}

function marked(mark: number, bytes: Uint8Array): SocketMessage {
  const out = new Uint8Array(bytes.length + 1);
  out[0] = mark;
  out.set(bytes, 1);
  return { binary: true, bytes: out };
}
