import { encodeUtf8, escapeControls } from "../kernel/index.js";

/** What a challenge shows. The phrase proves that it is Chaperone who asks: no target knows it. */
export interface ChallengeText {
  readonly headline: string;
  /** What is held back, as the person typed it; absent when it was typed unseen. */
  readonly held?: string;
  readonly reason: string;
  readonly phrase: string;
  readonly lines: readonly string[];
  /** What the last answer led to, what somebody wants to say. */
  readonly notes: readonly string[];
  readonly prompt: string;
  readonly columns: number;
}

/**
 * Draws on the alternate screen, so that the person's screen can be given back untouched: xterm's
 * private mode 1049 saves cursor and buffer. Nothing of this ever reaches the target.
 */
export function drawChallenge(text: ChallengeText): Uint8Array {
  const width = Math.max(20, text.columns);
  const held = text.held === undefined ? [] : ["Held:   " + short(text.held, width - 8)];
  const lines = [
    `\x1b[1;7m ${escapeControls(text.headline)} \x1b[0m`,
    "",
    ...held,
    "Reason: " + escapeControls(text.reason),
    ...text.lines.map((line) => escapeControls(line)),
    "Phrase: \x1b[1m" + escapeControls(text.phrase) + "\x1b[0m",
    "        (if this is not your phrase, it is not Chaperone who asks: press Ctrl-C)",
    ...text.notes.flatMap((note) => ["", `\x1b[33m${escapeControls(note)}\x1b[0m`]),
    "",
  ];
  return encodeUtf8(`${ENTER_ALTERNATE}${lines.join("\r\n")}\r\n${escapeControls(text.prompt)} `);
}

export interface SuspensionText {
  readonly reason: string;
  readonly by: string;
  readonly phrase: string;
  readonly notes: readonly string[];
}

/** What a person sees while nothing passes. */
export function drawSuspension(text: SuspensionText): Uint8Array {
  const lines = [
    "\x1b[1;7m Chaperone holds this session. \x1b[0m",
    "",
    "Reason: " + escapeControls(text.reason),
    "By:     " + escapeControls(text.by),
    "Phrase: \x1b[1m" + escapeControls(text.phrase) + "\x1b[0m",
    "",
    "Nothing you type reaches the target. Wait, or ask the administrator of this",
    "gateway. What you typed so far is kept, and your screen comes back when the",
    "session goes on.",
    ...text.notes.flatMap((note) => ["", `\x1b[33m${escapeControls(note)}\x1b[0m`]),
  ];
  return encodeUtf8(`${ENTER_ALTERNATE}${lines.join("\r\n")}\r\n`);
}

/** Leaves the alternate screen: the terminal gives back what stood there before. */
export const LEAVE_ALTERNATE = encodeUtf8("\x1b[0m\x1b[?1049l");

/** A challenge shows the cursor; who had hidden it has it hidden again. */
export const HIDE_CURSOR = encodeUtf8("\x1b[?25l");

/** Reset attributes, origin mode and scroll region would bend our lines: set them plainly. */
const ENTER_ALTERNATE = "\x1b[?1049h\x1b[0m\x1b[?6l\x1b[r\x1b[?25h\x1b[2J\x1b[H";

function short(text: string, columns: number): string {
  const safe = escapeControls(text);
  return safe.length <= columns ? safe : `${safe.slice(0, Math.max(1, columns - 1))}…`;
}
