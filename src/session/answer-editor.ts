import { Secret } from "../kernel/index.js";

/**
 * The one-line editor in which a person answers a challenge. It never echoes, keeps the answer in one
 * buffer that it wipes, and ignores what is not text: arrow keys, terminal replies, paste brackets.
 */
export interface AnswerEditor {
  feed(bytes: Uint8Array): AnswerEvent;
  wipe(): void;
}

export type AnswerEvent =
  | { readonly type: "typing" }
  | { readonly type: "entered"; readonly answer: Secret }
  | { readonly type: "cancelled" };

/** A passphrase of more bytes than this is not one. */
export const ANSWER_BYTES_MAX = 256;

const CTRL_C = 0x03;
const CTRL_D = 0x04;
const BACKSPACE = 0x08;
const LF = 0x0a;
const CR = 0x0d;
const CTRL_U = 0x15;
const CTRL_W = 0x17;
const ESC = 0x1b;
const DEL = 0x7f;

type Mode = "text" | "escape" | "csi" | "ss3" | "string" | "string-escape";

export function createAnswerEditor(): AnswerEditor {
  const buffer = new Uint8Array(ANSWER_BYTES_MAX);
  let length = 0;
  let mode: Mode = "text";

  function wipe(): void {
    buffer.fill(0);
    length = 0;
  }

  function erase(): void {
    // A UTF-8 character goes as a whole: continuation bytes first, then its lead byte.
    while (length > 0 && ((buffer[length - 1] ?? 0) & 0xc0) === 0x80) buffer[--length] = 0;
    if (length > 0) buffer[--length] = 0;
  }

  function take(): Secret {
    const answer = new Secret(buffer.slice(0, length));
    wipe();
    return answer;
  }

  function text(byte: number): AnswerEvent | null {
    if (byte === CR || byte === LF) return { type: "entered", answer: take() };
    if (byte === CTRL_C || (byte === CTRL_D && length === 0)) {
      wipe();
      return { type: "cancelled" };
    }
    if (byte === ESC) mode = "escape";
    else if (byte === BACKSPACE || byte === DEL) erase();
    else if (byte === CTRL_U || byte === CTRL_W) wipe();
    else if (byte >= 0x20 && length < ANSWER_BYTES_MAX) buffer[length++] = byte;
    return null;
  }

  /** Everything from ESC to the end of its sequence is not part of the answer. */
  function escape(byte: number): void {
    if (mode === "escape") {
      if (byte === 0x5b) mode = "csi";
      else if (byte === 0x4f) mode = "ss3";
      else mode = byte === 0x5d || byte === 0x50 ? "string" : "text";
    } else if (mode === "csi") {
      if (byte >= 0x40 && byte <= 0x7e) mode = "text";
    } else if (mode === "ss3") mode = "text";
    else if (mode === "string") {
      if (byte === 0x07) mode = "text";
      else if (byte === ESC) mode = "string-escape";
    } else mode = byte === 0x5c ? "text" : "string";
  }

  return {
    wipe,
    feed(bytes) {
      for (const byte of bytes) {
        if (mode !== "text") {
          escape(byte);
          continue;
        }
        const event = text(byte);
        // What stands behind Enter was typed before the person could see the outcome: it is dropped.
        if (event !== null) return event;
      }
      return { type: "typing" };
    },
  };
}
