/**
 * Finds where readline switches bracketed paste on (`ESC [ ? 2004 h`): it does so right before it
 * draws a prompt, so this is where a new line begins, whatever the prompt says.
 */
export interface PromptMarks {
  /** Index behind the next mark at or after `from`; -1: none. Remembers a mark that is cut. */
  next(bytes: Uint8Array, from: number): number;
}

const MARK = [0x1b, 0x5b, 0x3f, 0x32, 0x30, 0x30, 0x34, 0x68];
const ESCAPE = 0x1b;

export function createPromptMarks(): PromptMarks {
  let seen = 0;
  return {
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
          if (seen === MARK.length) {
            seen = 0;
            return at;
          }
        } else seen = byte === ESCAPE ? 1 : 0;
      }
      return -1;
    },
  };
}
