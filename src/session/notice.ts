import { encodeUtf8, escapeControls } from "../kernel/index.js";

/** Exit code of a command that policy did not let start: a shell's "can not execute". */
export const EXIT_BLOCKED = 126;
/** Exit code of channels of a session that was ended: 128 + SIGKILL, as a shell would report it. */
export const EXIT_KILLED = 137;

/** What a person is told: what happened, why, and what to do next. All parts are plain text. */
export interface Notice {
  readonly headline: string;
  readonly reason: string;
  readonly next: string;
}

/** Last words on a terminal that is closed because it can not be gated any more. */
export function terminalClosed(reason: string): Notice {
  return {
    headline: "Chaperone closes this terminal.",
    reason,
    next: "Connect again to go on working.",
  };
}

/**
 * A notice on a terminal, between the line that was typed and the next prompt. Only ever written to a
 * pty. Text of rules and of people is escaped: it may hold anything.
 */
export function terminalNotice(notice: Notice): Uint8Array {
  const lines = [
    `\x1b[0;1;31m${BAR} ${escapeControls(notice.headline)}\x1b[0m`,
    `${BAR} ${escapeControls(notice.reason)}`,
    `${BAR} ${escapeControls(notice.next)}`,
  ];
  return encodeUtf8(`\r\n${lines.join("\r\n")}\r\n`);
}

/**
 * A line of somebody else's over the first rows of the screen, or the last ones where the cursor is
 * among the first; the cursor stays where it was. What it covers has to be painted again.
 */
export function overlay(text: string, screen: OverlaidScreen): Uint8Array {
  const width = Math.max(20, screen.columns) - 2;
  const safe = escapeControls(text);
  const rows: string[] = [];
  for (let at = 0; at < safe.length && rows.length < OVERLAY_ROWS_MAX; at += width) {
    rows.push(safe.slice(at, at + width));
  }
  if (safe.length > width * OVERLAY_ROWS_MAX) {
    rows.push(`${(rows.pop() ?? "").slice(0, width - 1)}\u2026`);
  }
  const top = screen.cursorRow < rows.length ? Math.max(0, screen.rows - rows.length) : 0;
  const painted = rows.map(
    (row, index) => `\x1b[${String(top + index + 1)};1H\x1b[0;7m ${row.padEnd(width)} \x1b[0m`,
  );
  return encodeUtf8(`\x1b7\x1b[?6l${painted.join("")}\x1b8`);
}

export interface OverlaidScreen {
  readonly columns: number;
  readonly rows: number;
  /** From 0. */
  readonly cursorRow: number;
}

/** A message is a line or two; a screenful would be the target's no more. */
const OVERLAY_ROWS_MAX = 4;

/** The same for stderr of a channel without a terminal: one line each, prefixed so that it can be told. */
export function streamNotice(notice: Notice): string {
  return [notice.headline, notice.reason, notice.next]
    .map((line) => `chaperone: ${escapeControls(line)}\n`)
    .join("");
}

const BAR = "|";
