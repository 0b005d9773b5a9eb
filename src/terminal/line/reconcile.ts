import type { LineReading } from "../../model/index.js";
import type { Reader } from "./line-context.js";
import type { Trust } from "./line-editor.js";
import type { Found, Location } from "./line-locator.js";
import type { ScreenLine } from "./line-on-screen.js";

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
  };
  /** Where the screen shows exactly what the keys say. */
  readonly found: (Found & { readonly text: string }) | null;
  /** What the screen shows where the line should be. */
  readonly shown: (ScreenLine & { readonly location: Location }) | null;
  /** Printable keys of this line that were not echoed. */
  readonly unechoed: number;
  readonly reader: Reader;
  /** Keys may mean anything, or the screen is that of a search. */
  readonly rebound: boolean;
}

/** What is read, before history expansion. */
export type Verdict = Pick<LineReading, "text" | "source" | "confidence" | "candidates" | "hidden">;

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
  const verdict = weigh(testimony);
  if (!testimony.rebound) return verdict;
  return { ...verdict, confidence: Math.min(verdict.confidence, CONFIDENCE.rebound) };
}

function weigh(testimony: Testimony): Verdict {
  const { keys, found, shown } = testimony;
  if (found !== null && (keys.trust !== "unclear" || isAnswered(testimony, found.text))) {
    return agreed(testimony, found);
  }
  if (isHidden(testimony)) return hidden(keys.text);
  if (keys.trust === "exact") return exactAgainst(testimony);
  if (shown === null) return single(keys.text, "keys", CONFIDENCE.screenPartly / 2);
  return screenAlone(testimony, shown);
}

/** An unclear line whose screen equals the keys: it was not changed, or not yet. */
function isAnswered({ keys, shown }: Testimony, text: string): boolean {
  return keys.answered && shown?.text.trimEnd() === text.trimEnd();
}

function agreed(
  { keys, reader, shown }: Testimony,
  found: Found & { readonly text: string },
): Verdict {
  if (found.partial) return single(found.text, "both", CONFIDENCE.scrolledOff);
  if (found.by === "echo" && reader.context !== "shell") {
    const other = keys.cooked === keys.text ? [] : [keys.cooked, keys.text];
    return several(found.text, other, "both", CONFIDENCE.typedAhead);
  }
  if (keys.trust === "unclear") {
    // The keys' text is what the screen told before: it is the screen that speaks here.
    const text = shown?.text ?? found.text;
    return several(text, [found.text], "screen", CONFIDENCE.screenOnly);
  }
  const certain = keys.trust === "exact" ? CONFIDENCE.bothExact : CONFIDENCE.bothGuess;
  return single(found.text, "both", certain);
}

/** Keys were typed and nothing, or only stars, or only their beginning, came back. */
function isHidden({ keys, shown, unechoed }: Testimony): boolean {
  if (keys.pressed === 0 || (keys.text === "" && unechoed === 0)) return false;
  const screen = shown?.text.trim() ?? "";
  if (unechoed > 0 && (screen === "" || isSubsequence(screen, keys.text))) return true;
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
  { keys, reader }: Testimony,
  shown: ScreenLine & { readonly location: Location },
): Verdict {
  const clean = shown.point !== null && isSubsequence(keys.typed, shown.text);
  const others = shown.otherwise === undefined ? [] : [shown.otherwise];
  if (!keys.answered) {
    return several(shown.text, [keys.text, ...others], "screen", CONFIDENCE.unanswered);
  }
  if (!clean) return several(shown.text, [keys.text, ...others], "screen", CONFIDENCE.screenUnsure);
  if (shown.partial) {
    return several(shown.text, [keys.text, ...others], "screen", CONFIDENCE.screenPartly);
  }
  const sure = others.length === 0 && reader.context === "shell" && shown.location.by !== "echo";
  return several(shown.text, others, "screen", sure ? CONFIDENCE.screenOnly : CONFIDENCE.rebound);
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
