/** Lines entered in what has the focus now, as its arrow keys would bring them back. */
export interface OwnHistory {
  add(text: string): void;
  /** Null: older than what is known here. `draft` comes back when the newest end is passed. */
  recall(step: -1 | 1, draft: string): string | null;
  /** Another line begins. */
  rewind(): void;
  forget(): void;
}

const LINES_MAX = 64;
/** Longer lines are not kept: what a recall brings is then unknown. */
const LINE_CHARS_MAX = 4 * 1024;

export function createOwnHistory(): OwnHistory {
  let lines: (string | null)[] = [];
  let back = 0;
  let kept = "";
  return {
    add(text) {
      if (lines.at(-1) === text) return;
      lines.push(text.length <= LINE_CHARS_MAX ? text : null);
      if (lines.length > LINES_MAX) lines = lines.slice(-LINES_MAX);
    },
    recall(step, draft) {
      if (back === 0) kept = draft;
      back = Math.max(0, back - step);
      return back === 0 ? kept : (lines[lines.length - back] ?? null);
    },
    rewind() {
      back = 0;
      kept = "";
    },
    forget() {
      lines = [];
      back = 0;
      kept = "";
    },
  };
}
