import type { LineReading } from "../../model/index.js";
import { columnsOf } from "../screen/width.js";
import { MASKED_BEYOND, withoutBytes } from "./drawn-otherwise.js";
import type { EchoSeen } from "./kernel-echo.js";
import type { Reader } from "./line-context.js";
import type { Trust } from "./edited-line.js";
import type { Found, Location } from "./line-locator.js";
import type { ScreenLine } from "./line-on-screen.js";
import { looksLikePrompt } from "./prompt-book.js";

/** Everything that the two witnesses say about the line at the moment of Enter. */
export interface Testimony {
  readonly keys: {
    /** The editor's text, and the kernel's when a program without editor would read another one. */
    readonly text: string;
    readonly cooked: string;
    readonly trust: Trust;
    readonly typed: string;
    readonly pressed: number;
    /** The target answered since something happened that keys do not tell. */
    readonly answered: boolean;
    /** readline may have drawn the line wrongly. */
    readonly misdrawn: boolean;
    /** What readline makes of the kernel's text when it was typed ahead of it, if that is another one. */
    readonly taken: string | null;
    /** The line that an incremental search stands at, as the keys and the history tell it. */
    readonly searched: string | null;
    /** The line was known but for what its editor has completed in it. */
    readonly completed: boolean;
    /** The history brought the line, and the cursor stands where it has its point. */
    readonly pointed: boolean;
    /** The kernel, if it edits the line, may have left half a character. */
    readonly torn: boolean;
    /** The kernel took back what it does not draw right: the screen is no witness. */
    readonly kernelMisdrew: boolean;
    /** Nothing speaks for an editor. */
    readonly kernel: boolean;
    readonly kernelEcho: EchoSeen;
  };
  /** Where the screen shows exactly what the keys say. */
  readonly found: (Found & { readonly text: string }) | null;
  /** What the screen shows where the line should be. */
  readonly shown: (ScreenLine & { readonly location: Location }) | null;
  /** Printable keys of this line that were not echoed. */
  readonly unechoed: number;
  readonly reader: Reader;
  /** The screen shows an incremental search: what is typed there shows in its own way. */
  readonly searchShown: boolean;
  /**
   * Characters typed between Ctrl-C and the prompt that follows it: readline can show the first of
   * them and lose it all the same.
   */
  readonly unsureStart: number;
  /** The line that Ctrl-C was to throw away: while its start is not sure, it may still stand there. */
  readonly thrownAway: string;
  /** Keys may mean anything, or the screen is that of a search. */
  readonly rebound: boolean;
  /** Others print on the screen, or it shows something else than it is told. */
  readonly disturbed: boolean;
  /** readline drew the prompt of this line. */
  readonly marked: boolean;
  /** Its keys are told by their profile more than by what ships (zle, fish): the screen knows better. */
  readonly drawn: boolean;
  /** It shows question marks for what it can not draw (busybox). */
  readonly masks: boolean;
  /** What the editor does not draw was put back into what is shown, from what had been typed. */
  readonly restored: boolean;
}

/** What is read, before history expansion. */
export type Verdict = Pick<
  LineReading,
  "text" | "source" | "confidence" | "candidates" | "hidden" | "unknowable"
>;

/**
 * Confidence by situation. Of readings with confidence c at least a share c is exactly what runs
 * (measured against bash in typed-line-bash.test.ts).
 */
const CONFIDENCE = {
  bothExact: 1,
  bothGuess: 0.99,
  /** Nobody showed a prompt yet: typed ahead of what reads it. */
  typedAhead: 0.95,
  /** The top of the line has left the screen. */
  scrolledOff: 0.92,
  screenOnly: 0.95,
  screenPartly: 0.6,
  screenUnsure: 0.6,
  /** The target has not answered a completion or recall: the line may still change. */
  unanswered: 0.5,
  keysOnly: 0.7,
  hidden: 0.8,
  disagreeing: 0.5,
  rebound: 0.8,
} as const;

export function reconcile(testimony: Testimony): Verdict {
  const seen = unlessUnseen(withUnsureStart(weigh(testimony), testimony), testimony);
  const verdict = withPerhaps(seen, testimony);
  const torn = testimony.keys.torn && !testimony.marked;
  const masked = testimony.masks && testimony.keys.trust !== "exact" && isMasked(verdict.text);
  const composed = testimony.restored || JOINED.test(verdict.text);
  const restored = composed && testimony.keys.trust !== "exact";
  if (!testimony.rebound && !torn && !masked && !restored) return verdict;
  return { ...verdict, confidence: Math.min(verdict.confidence, CONFIDENCE.rebound) };
}

/** The end of what was taken for the prompt may be the beginning of the line. */
function withPerhaps(verdict: Verdict, { found, shown }: Testimony): Verdict {
  const perhaps = found?.perhaps ?? shown?.location.perhaps;
  if (perhaps === undefined || verdict.hidden) return verdict;
  const more = verdict.candidates.map((candidate) => perhaps + candidate);
  const confidence = Math.min(verdict.confidence, CONFIDENCE.rebound);
  return { ...verdict, confidence, candidates: [...new Set([...verdict.candidates, ...more])] };
}

/** Skin tones and joined emoji: the screen keeps their parts where an editor has taken one away. */
const JOINED = /[\u{1f3fb}-\u{1f3ff}\u200d]/u;

/** busybox shows question marks for something in it: agreement with them proves little. */
function isMasked(text: string): boolean {
  return text.includes("?") || Array.from(text).some((one) => one > LAST_DRAWN);
}

const LAST_DRAWN = String.fromCodePoint(MASKED_BEYOND);

/** The keys do not tell the line, and the screen can not show it. */
function unlessUnseen(verdict: Verdict, testimony: Testimony): Verdict {
  const { keys, shown, marked, disturbed, searchShown, found } = testimony;
  if (keys.trust !== "unclear" || keys.pressed === 0) return verdict;
  if (!marked && !verdict.hidden) return unlessBlank(verdict, testimony);
  const above = shown?.partial === true && found === null;
  const blank = verdict.text.trim() === "" && !searchShown;
  const nothing = blank && (!keys.answered || disturbed || shown === null);
  return above || nothing || verdict.hidden
    ? { ...verdict, confidence: 0, unknowable: UNSEEN }
    : verdict;
}

/** Something was typed: that nothing shows does not make it nothing. */
function unlessBlank(verdict: Verdict, { keys, searchShown }: Testimony): Verdict {
  if (searchShown || verdict.text.trim() !== "" || keys.typed.trim() === "") return verdict;
  return several(keys.typed, verdict.candidates, "keys", CONFIDENCE.screenPartly / 2);
}

const UNSEEN =
  "The shell put a line there that does not show on the screen, so what would run can not be read. " +
  "Make the window larger, or type the command.";

function weigh(testimony: Testimony): Verdict {
  const { keys, found, shown } = testimony;
  const kernel = byKernel(testimony);
  if (kernel !== null) return kernel;
  if (found !== null && bearsOut(keys, found)) {
    return agreed(testimony, found);
  }
  if (found !== null && shown === null && standsAlone(found))
    return several(found.text, [keys.cooked, keys.text], "both", CONFIDENCE.screenUnsure);
  if (isHidden(testimony)) return hidden(keys.text);
  if (keys.trust === "exact" && !(testimony.drawn && shown !== null && shown.point !== null))
    return exactAgainst(testimony);
  if (keys.trust === "exact" && shown !== null && sameButCase(keys.text, shown.text)) {
    // fish shows a word in the letters of what it suggests, and runs it as it was typed.
    return several(keys.text, [shown.text], "keys", CONFIDENCE.bothGuess);
  }
  if (testimony.masks && shown !== null && sameButMasked(keys.text, shown.text)) {
    const sure = keys.trust === "unclear" ? CONFIDENCE.rebound : CONFIDENCE.screenOnly;
    return several(keys.text, [shown.text], "keys", sure);
  }
  if (shown === null) return unshown(keys);
  return screenAlone(testimony, shown);
}

/** What is known of a line because the kernel edits it; null: nothing. */
function byKernel(testimony: Testimony): Verdict | null {
  const { keys, shown, marked } = testimony;
  if (marked) return null;
  if (keys.kernel && keys.kernelEcho !== "no") return asEchoed(testimony);
  if (!keys.kernelMisdrew) return null;
  const [likely, other] = keys.kernel ? [keys.cooked, keys.text] : [keys.text, keys.cooked];
  const others = [other, ...(shown === null ? [] : [shown.text])];
  return several(likely, others, "keys", CONFIDENCE.rebound);
}

/**
 * The kernel has drawn each key as it does: it edits the line, and what it keeps is known. Only what stood
 * there before the first key is not (another program can put it there).
 */
function asEchoed({ keys, found, shown }: Testimony): Verdict {
  const exactly = found?.text === keys.cooked && found.by !== "echo" ? found : null;
  const place = exactly ?? shown?.location ?? found;
  if (place?.by === "cursor") {
    const sure = keys.kernelEcho === "whole" ? CONFIDENCE.bothExact : CONFIDENCE.typedAhead;
    return single(keys.cooked, "both", sure);
  }
  if (exactly !== null) return single(keys.cooked, "both", CONFIDENCE.bothGuess);
  const others = shown === null ? [] : [shown.text];
  const sure = place?.by === "prompt" ? CONFIDENCE.rebound : CONFIDENCE.typedAhead;
  return several(keys.cooked, others, "both", sure);
}

/** A question mark for each character that busybox does not draw (beyond U+02FF as it ships). */
function sameButMasked(typed: string, shown: string): boolean {
  return shown.includes("?") && typed.replace(/[^\0-\u02ff]/gu, "?") === shown;
}

function sameButCase(typed: string, shown: string): boolean {
  return typed !== "" && typed.toLowerCase() === shown.toLowerCase();
}

/** Each way to lose some of the first characters is a reading, and so is that nothing was thrown away. */
function withUnsureStart(verdict: Verdict, { unsureStart, thrownAway }: Testimony): Verdict {
  if (unsureStart === 0 || verdict.text === "") return verdict;
  const candidates = [...verdict.candidates];
  for (let lost = 1; lost <= Math.min(unsureStart, LOST_MAX); lost += 1) {
    candidates.push(Array.from(verdict.text).slice(lost).join(""));
  }
  if (thrownAway !== "" && !verdict.hidden) {
    const whole = thrownAway + verdict.text;
    candidates.push(whole, Array.from(whole).slice(1).join(""));
  }
  const confidence = Math.min(verdict.confidence, CONFIDENCE.screenUnsure);
  return { ...verdict, confidence, candidates: [...new Set(candidates)] };
}

/** Keys in flight while an interrupt is handled; more were never seen lost. */
const LOST_MAX = 8;

/**
 * Does the agreement prove the line? Found only by counting back from the cursor there can be more of
 * the line in front, unless the keys know the whole of it.
 */
function bearsOut(keys: Testimony["keys"], found: Found): boolean {
  if (keys.trust === "exact") return true;
  if (found.by === "echo" && !standsAlone(found)) return false;
  return keys.trust === "guess" || (keys.answered && found.by !== "echo");
}

/** Left of it stands nothing, or what looks like a prompt. */
function standsAlone({ prompt }: Found): boolean {
  return prompt.trim() === "" || looksLikePrompt(prompt);
}

function agreed(
  { keys, shown, disturbed }: Agreeing,
  found: Found & { readonly text: string },
): Verdict {
  if (found.partial) {
    const sure = keys.trust === "exact" ? CONFIDENCE.scrolledOff : CONFIDENCE.rebound;
    return single(found.text, "both", sure);
  }
  if (found.by === "echo") {
    const other = keys.cooked === keys.text ? [] : [keys.cooked, keys.text];
    if (standsAlone(found) && keys.trust === "exact" && found.text === keys.text)
      return several(found.text, other, "both", CONFIDENCE.typedAhead);
    const more = shown === null ? [] : [shown.text];
    return several(found.text, [...other, ...more], "both", CONFIDENCE.screenUnsure);
  }
  if (found.text !== keys.text) {
    // The kernel shows what was typed, but readline may read it when its turn comes.
    const takes = keys.taken ?? found.text;
    return several(takes, [found.text, keys.text], "both", CONFIDENCE.rebound);
  }
  if (keys.trust === "unclear") return agreedSoFar({ keys, shown, disturbed }, found.text);
  if (keys.trust === "guess" && (CARET.test(found.text) || keys.misdrawn)) {
    // What the keys know of this line came from the screen.
    return several(found.text, [withControls(found.text)], "both", CONFIDENCE.rebound);
  }
  const certain = keys.trust === "exact" ? CONFIDENCE.bothExact : CONFIDENCE.bothGuess;
  return single(found.text, "both", certain);
}

/** The target may still be about to change the line: the screen agrees so far. */
function agreedSoFar({ keys, shown, disturbed }: Agreeing, text: string): Verdict {
  // Read off the screen, ^A can be one character or two.
  if (CARET.test(text) || keys.misdrawn || disturbed) {
    return several(text, [withControls(text)], "both", CONFIDENCE.rebound);
  }
  if (shown !== null && marksOf(shown.text) !== marksOf(text)) {
    return several(text, [shown.text], "both", CONFIDENCE.rebound);
  }
  return single(text, "both", CONFIDENCE.screenOnly);
}

type Agreeing = Pick<Testimony, "keys" | "shown" | "disturbed">;

/** Keys were typed and nothing, or only stars, or only their beginning, came back. */
function isHidden({ keys, shown, unechoed, searchShown, marked }: Testimony): boolean {
  if (keys.pressed === 0 || (keys.text === "" && unechoed === 0)) return false;
  if (searchShown) return false;
  const screen = shown?.text.trim() ?? "";
  if (unechoed > 0 && screen === "") return true;
  // An editor may have taken some keys for commands (vi's), and then less shows than was typed.
  const begun = marked ? keys.text.startsWith(screen) : isSubsequence(screen, keys.text);
  if (unechoed > 0 && keys.trust === "exact" && begun) return true;
  // Without an editor every key shows, unless the echo is off: `abcPassword: ` may be the begin of a
  // password that was typed before it was asked for.
  if (unechoed > 0 && keys.trust === "exact" && !marked) return true;
  if (screen === "") return keys.trust === "exact" && shown !== null;
  return isStars(screen) && !keys.text.includes(screen[0] ?? "");
}

function hidden(text: string): Verdict {
  return {
    text,
    source: "keys",
    confidence: CONFIDENCE.hidden,
    candidates: [text],
    hidden: true,
  };
}

const STARS = /^([*\u2022\u25cf\u00b7x#.])\1*$/;

function isStars(text: string): boolean {
  return STARS.test(text);
}

function exactAgainst({ keys, shown }: Testimony): Verdict {
  if (shown === null) {
    return several(keys.text, [keys.cooked], "keys", CONFIDENCE.keysOnly);
  }
  const others = [
    keys.cooked,
    shown.text,
    ...(shown.otherwise === undefined ? [] : [shown.otherwise]),
  ];
  return several(keys.text, others, "keys", CONFIDENCE.disagreeing);
}

function screenAlone(
  { keys, reader, disturbed }: Testimony,
  shown: ScreenLine & { readonly location: Location },
): Verdict {
  const told = fromHistory(keys, shown) ?? withoutList(keys, shown);
  if (told !== null) return told;
  const clean = shown.point !== null && isSubsequence(keys.typed, shown.text);
  const others = otherReadings(keys, shown, disturbed);
  const list = shown.withList === undefined ? [] : [shown.withList];
  if (!keys.answered) {
    return several(shown.text, [keys.text, ...others], "screen", CONFIDENCE.unanswered);
  }
  if (!clean) return several(shown.text, [keys.text, ...others], "screen", CONFIDENCE.screenUnsure);
  if (shown.partial) {
    return several(shown.text, [keys.text, ...others], "screen", CONFIDENCE.screenPartly);
  }
  // After a search readline redraws wide characters and combining marks wrongly at times.
  const drawable =
    !keys.misdrawn && !disturbed && everyOneColumn(shown.text) && everyOneColumn(keys.text);
  const chosen = list.length === 0 || shown.text.trim() !== "";
  const sure =
    chosen &&
    drawable &&
    others.length === 0 &&
    reader.context === "shell" &&
    shown.location.by !== "echo";
  return several(
    shown.text,
    [...others, ...list],
    "screen",
    sure ? CONFIDENCE.screenOnly : CONFIDENCE.rebound,
  );
}

function otherReadings(
  keys: Testimony["keys"],
  shown: ScreenLine,
  disturbed: boolean,
): readonly string[] {
  return [
    ...(shown.otherwise === undefined ? [] : [shown.otherwise]),
    ...(CARET.test(shown.text) ? [withControls(shown.text)] : []),
    ...(disturbed ? [untranslated(shown.text)] : []),
    ...(shown.text.includes("\\xF") ? [withoutBytes(shown.text)] : []),
    ...(keys.trust === "unclear" ? [] : [keys.text]),
  ];
}

/**
 * What could be put there is being listed where the line was, and the line will be drawn behind it, most
 * likely as it was.
 */
function withoutList({ text, completed }: Testimony["keys"], shown: ScreenLine): Verdict | null {
  if (!completed || !shown.text.includes("\n") || text.includes("\n")) return null;
  const words = text.trim().split(" ");
  const begins = shown.text.startsWith(words[0] ?? "");
  if (begins || shown.text.trimEnd().endsWith(words.at(-1) ?? "")) return null;
  return several(text, [shown.text], "keys", CONFIDENCE.disagreeing);
}

/** A search is told by the history where it can not be read. */
function unshown({ text, searched }: Testimony["keys"]): Verdict {
  if (searched !== null) return several(searched, [text], "keys", CONFIDENCE.rebound);
  return single(text, "keys", CONFIDENCE.screenPartly / 2);
}

/** What the history brings, where the screen may not show it as it is. */
function fromHistory(keys: Testimony["keys"], shown: ScreenLine): Verdict | null {
  if (keys.searched === shown.text && !shown.partial)
    return single(shown.text, "both", CONFIDENCE.bothGuess);
  const recalled = keys.searched ?? (keys.pointed ? keys.text : null);
  if (recalled === null || !keys.misdrawn) return null;
  return several(recalled, [shown.text], "keys", CONFIDENCE.rebound);
}

/** Marks, which show in the cells of other characters: the screen agrees with a text that lacks them. */
function marksOf(text: string): string {
  return Array.from(text, (one) => (columnsOf(one.codePointAt(0) ?? 0) === 0 ? one : "")).join("");
}

function everyOneColumn(text: string): boolean {
  for (const character of text) {
    if (character !== "\n" && columnsOf(character.codePointAt(0) ?? 0) !== 1) return false;
  }
  return true;
}

/** DEC special graphics back to the letters that were printed (U+0060..U+007E). */
function untranslated(text: string): string {
  return text.replace(/[^\0-\x7e]/g, (sign) => {
    const at = GRAPHICS.indexOf(sign);
    return at < 0 ? sign : String.fromCharCode(0x60 + at);
  });
}

const GRAPHICS = "◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·";

/** `^A` on the screen is a control character or two characters. */
const CARET = /\^[@A-Z[\\\]^_?]/;

function withControls(text: string): string {
  return text.replace(/\^([@A-Z[\\\]^_?])/g, (_, key: string) =>
    String.fromCharCode(key.charCodeAt(0) ^ 0x40),
  );
}

/** Are the characters of `part` in `whole`, in this order? */
export function isSubsequence(part: string, whole: string): boolean {
  let at = 0;
  for (const character of part) {
    if (character === "\n" || character === "\t") continue;
    at = whole.indexOf(character, at);
    if (at < 0) return false;
    at += character.length;
  }
  return true;
}

function single(text: string, source: Verdict["source"], confidence: number): Verdict {
  return { text, source, confidence, candidates: [text], hidden: false };
}

function several(
  text: string,
  others: readonly string[],
  source: Verdict["source"],
  confidence: number,
): Verdict {
  return { text, source, confidence, candidates: [...new Set([text, ...others])], hidden: false };
}
