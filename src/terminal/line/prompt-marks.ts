/**
 * Finds where readline switches bracketed paste on (`ESC [ ? 2004 h`): it does so right before it
 * draws a prompt, so this is where a new line begins, whatever the prompt says. Switched off
 * (`ESC [ ? 2004 l`), it has ended reading a line.
 */
export interface PromptMarks {
  /** Index behind the next switch at or after `from`; -1: none. Remembers one that is cut. */
  next(bytes: Uint8Array, from: number): number;
  /** The switch that was found last switched it on. */
  readonly on: boolean;
  /** How often it was switched off. */
  readonly ended: number;
}

const MARK = [0x1b, 0x5b, 0x3f, 0x32, 0x30, 0x30, 0x34, 0x68];
const ESCAPE = 0x1b;
const OFF = 0x6c;

export function createPromptMarks(): PromptMarks {
  let seen = 0;
  let ended = 0;
  let on = false;
  return {
    get on() {
      return on;
    },
    get ended() {
      return ended;
    },
    next(bytes, from) {
      let at = from;
      while (at < bytes.length) {
        if (seen === 0) {
          at = bytes.indexOf(ESCAPE, at);
          if (at < 0) return -1;
        }
        const byte = bytes[at];
        at += 1;
        if (byte === MARK[seen]) {
          seen += 1;
          if (seen < MARK.length) continue;
          seen = 0;
          on = true;
          return at;
        }
        if (byte === OFF && seen === MARK.length - 1) {
          seen = 0;
          on = false;
          ended += 1;
          return at;
        }
        seen = byte === ESCAPE ? 1 : 0;
      }
      return -1;
    },
  };
}
