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

/** The same for stderr of a channel without a terminal: one line each, prefixed so that it can be told. */
export function streamNotice(notice: Notice): string {
  return [notice.headline, notice.reason, notice.next]
    .map((line) => `chaperone: ${escapeControls(line)}\n`)
    .join("");
}

const BAR = "|";
