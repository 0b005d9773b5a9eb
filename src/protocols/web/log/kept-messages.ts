import type { WebMessage } from "../../../model/index.js";
import type { SocketMessage } from "../../../net/index.js";
import { KEPT_BYTES_MAX } from "./kept-body.js";
import { maskedBody } from "./masked-body.js";

/**
 * What is kept of the messages of one WebSocket: masked as bodies are, of longer ones the beginning. A
 * terminal that nobody has named as one would bring what is typed unseen into the log, key by key: from
 * the first sign of one nothing of the person is kept, and not how much it is.
 */
export class KeptMessages {
  #terminal = false;
  #said = false;

  /** Null: it leaves no trace. */
  take(of: WebMessage["of"], message: SocketMessage): WebMessage | null {
    const { binary, bytes } = message;
    if (of === "target") this.#terminal ||= isDrawn(bytes);
    else {
      this.#terminal ||= isTyped(message);
      if (this.#terminal) return this.#typed(binary);
      if (bytes.length <= KEY_BYTES_MAX) return null;
    }
    return { of, binary, bytes: bytes.length, content: contentOf(bytes) };
  }

  #typed(binary: boolean): WebMessage | null {
    if (this.#said) return null;
    this.#said = true;
    return { of: "person", binary, bytes: 0, content: { left: "keys" } };
  }
}

function contentOf(bytes: Uint8Array): WebMessage["content"] {
  const cut = bytes.length > KEPT_BYTES_MAX;
  // Nothing can be masked in a part of it.
  if (cut && (bytes[0] === BRACE || bytes[0] === BRACKET)) return { left: "too-long" };
  return maskedBody("", cut ? bytes.subarray(0, KEPT_BYTES_MAX) : bytes, cut);
}

const BRACE = 0x7b;
const BRACKET = 0x5b;
const ESCAPE = 0x1b;

/** A key with a byte that says what it is. Programs keep their connections alive with as little (`2`, `3`). */
const KEY_BYTES_MAX = 3;

/** Sequences of a terminal, as they are or inside of JSON. */
function isDrawn(bytes: Uint8Array): boolean {
  if (bytes.includes(ESCAPE)) return true;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes("\\u001b");
}

function isTyped({ binary, bytes }: SocketMessage): boolean {
  if (bytes.length > TYPED_BYTES_MAX) return false;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
  if (bytes.length <= KEY_BYTES_MAX) return binary || !/^\d+$/.test(text);
  return (!binary && CONTROL.test(text)) || isInput(text);
}

/** A paste; longer ones are no first sign. */
const TYPED_BYTES_MAX = 4 * 1024;

/** Enter, Backspace, Ctrl-C: what text of programs does not have. */
// eslint-disable-next-line no-control-regex -- looked for on purpose
const CONTROL = /[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f]|\r(?!\n)/;

const INPUT_WORDS: ReadonlySet<unknown> = new Set(["input", "stdin", "keys", "key", "keystroke"]);

/** `{"type":"input","data":"l"}`, `{"stdin":"l"}`, `["stdin","l"]`, `42["input","l"]`. */
function isInput(text: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\d+(?=\[)/, ""));
  } catch {
    return false;
  }
  if (Array.isArray(value)) return INPUT_WORDS.has(value[0]) && typeof value[1] === "string";
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(
    ([name, one]: readonly [string, unknown]) =>
      typeof one === "string" &&
      (INPUT_WORDS.has(name) || (KINDS.has(name) && INPUT_WORDS.has(one))),
  );
}

/** How messages say what they are. */
const KINDS: ReadonlySet<string> = new Set(["type", "kind", "op", "event", "action", "channel"]);
