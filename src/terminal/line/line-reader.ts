import type { LineReading } from "../../model/index.js";
import type { Screen } from "../screen/index.js";
import { aligned } from "./aligned-line.js";
import type { Abbreviations } from "./abbreviations.js";
import type { Dialect } from "./dialect.js";
import type { CookedLine } from "./cooked-line.js";
import { fishAsksForMore } from "./fish-lines.js";
import type { HistoryCharacters } from "./history-characters.js";
import { rerun } from "./history-command.js";
import { expandHistory } from "./history-expansion.js";
import type { Reader } from "./line-context.js";
import type { EchoSeen } from "./kernel-echo.js";
import type { LineEditor } from "./edited-line.js";
import type { Found, LineLocator, Location } from "./line-locator.js";
import { placeAfter, readScreenLine, standsOut, type ScreenLine } from "./line-on-screen.js";
import type { QuotedControls } from "./quoted-controls.js";
import { reconcile } from "./reconcile.js";
import { asksAboutList, choosesBelow, inPager } from "./pager.js";
import { escapesOf } from "./program-escapes.js";
import { readSearch, searchesBelow, searchesInVi } from "./search-on-screen.js";
import type { SessionHistory } from "./session-history.js";
import { suggestionPen, type SuggestionPen } from "./suggestion-on-screen.js";
import { readCorrection } from "./spelling.js";
import { takenByReadline } from "./typed-ahead.js";
import type { KeyRun } from "./typed-line.js";
import type { UnusualWords } from "./unusual-words.js";

/** Who may be editing the line: readline for certain, or perhaps the kernel. */
export type KeyModels = "editor" | "both" | "kernel-first";

export interface LineReader {
  /** Where the screen shows what one of the key witnesses says; null: nowhere. */
  find(models: KeyModels): (Found & { readonly text: string }) | null;
  shown(): Shown | null;
  /** The screen shows the incremental search that the keys began. */
  searchShown(): boolean;
  /** The cursor stands where a line that the history brought has its point, if that is not always drawn right. */
  pointsAt(location: Location): boolean;
  /** All of the line is drawn on a background of its own. */
  flashes(): boolean;
  /** Remembers how the shell draws what it proposes, where it just does. */
  noteSuggestion(): void;
  /** What the screen shows, with the characters that this editor does not draw. */
  restored(text: string): string;
  /** The same of all that it shows of a line, with the blanks that stood at its end before. */
  whole(text: string): string;
  read(circumstances: Circumstances): LineReading;
}

type Shown = ScreenLine & { readonly location: Location };

export interface Circumstances {
  readonly submit: KeyRun;
  readonly found: (Found & { readonly text: string }) | null;
  readonly reader: Reader;
  readonly pressed: number;
  readonly answered: boolean;
  readonly unechoed: number;
  readonly rebound: boolean;
  readonly unsureStart: number;
  readonly thrownAway: string;
  /** The shell is about to put a line there that does not show yet. */
  readonly comesBack: boolean;
  readonly historyExpands: boolean;
  /** null: they can not be known. */
  readonly historyCharacters: HistoryCharacters | null;
  /** The screen is no fair witness. */
  readonly disturbed: boolean;
  /** readline drew the prompt of this line. */
  readonly marked: boolean;
  /** Enter was pressed in it before, and it did not run. */
  readonly goesOn: boolean;
  /** Nothing speaks for an editor: the kernel edits the line, for all that is known. */
  readonly kernel: boolean;
  /** The screen shows an editor at work. */
  readonly editsItself: boolean;
  /** What of the kernel's own echo the target has printed. */
  readonly kernelEcho: EchoSeen;
  /** The key before was Tab. */
  readonly completed: boolean;
  /** Enter came with Alt, or behind Escape. */
  readonly meta: boolean;
  /** Enter is most likely a key of the editor. */
  readonly stays: boolean;
  /** A key was pressed on this line that switches vi's modes. */
  readonly escaped: boolean;
}

export function createLineReader(deps: {
  readonly screen: () => Screen;
  readonly editor: LineEditor;
  readonly cooked: CookedLine;
  readonly history: SessionHistory;
  readonly locator: LineLocator;
  readonly dialect: () => Dialect;
  readonly abbreviations: Abbreviations;
  readonly words: UnusualWords;
  readonly quoted: QuotedControls;
}): LineReader {
  const { editor, cooked, locator, dialect } = deps;

  /** zle and fish show choices, searches and messages below the line. */
  const lists = (): boolean => dialect() === "zle" || dialect() === "fish";

  /** The colours of this shell's suggestions, once they were seen. */
  let pen: SuggestionPen | null = null;

  function find(models: KeyModels): (Found & { readonly text: string }) | null {
    if (editor.searching !== "no") return null;
    const { text } = editor.buffer;
    const kernel = models !== "editor" && cooked.text !== text && cooked.text !== "";
    const choices = lists() && editor.trust === "exact";
    if (choices) noteSuggestion();
    const byKernel = (): Reading | null =>
      kernel ? reading(cooked.text, locator.find(cooked.text, false)) : null;
    return (
      (models === "kernel-first" ? byKernel() : null) ??
      reading(text, locator.find(text, choices)) ??
      byKernel() ??
      reading(text, locator.findEchoed(text, beforePoint())) ??
      (kernel ? reading(cooked.text, locator.findEchoed(cooked.text, cooked.text)) : null)
    );
  }

  /** The line stands there as it was typed, and behind it what the shell proposes. */
  function noteSuggestion(): void {
    if (!lists() || editor.trust !== "exact" || editor.searching !== "no") return;
    const screen = deps.screen();
    const { point, chars, text } = editor.buffer;
    const { location } = locator;
    if (point < chars.length || point === 0 || location === null) return;
    if (location.anchor.line !== screen.cursor.row + screen.scrolled) return;
    const seen = suggestionPen(screen, location.anchor.column, location.anchor.since);
    if (seen !== null && locator.find(text, true) !== null) pen = seen;
  }

  function beforePoint(): string {
    const { buffer } = editor;
    if (buffer.point === buffer.chars.length) return buffer.text;
    return buffer.chars.slice(0, buffer.point).join("");
  }

  function shown(): Shown | null {
    const screen = deps.screen();
    const search =
      editor.searching === "incremental" && !lists() ? readSearch(screen, searched()) : null;
    if (search !== null) {
      const location = locator.location ?? locator.place() ?? NOWHERE;
      return { ...search, location };
    }
    const location = locator.place();
    if (location === null) return null;
    return { ...readScreenLine(screen, location.anchor, { lists: lists(), pen }), location };
  }

  function searched(): { readonly pattern: string; readonly since: number } {
    return { pattern: editor.pattern, since: locator.since };
  }

  function searchShown(): boolean {
    if (editor.searching !== "incremental") return false;
    if (lists()) return searchesBelow(deps.screen());
    return readSearch(deps.screen(), searched()) !== null;
  }

  function pointsAt({ anchor }: Location): boolean {
    if (!editor.brought || !editor.misdrawn || editor.searching !== "no") return false;
    const screen = deps.screen();
    const place = placeAfter(screen, anchor, beforePoint());
    return (
      place.line === screen.cursor.row + screen.scrolled && place.column === screen.cursor.column
    );
  }

  function flashes(): boolean {
    const location = locator.place();
    return location !== null && standsOut(deps.screen(), location.anchor);
  }

  function restored(text: string): string {
    const known = deps.quoted.restored(withFrame(text));
    if (dialect() === "ash") return deps.words.restored(known, "question-marks");
    return dialect() === "fish" ? deps.words.restored(known, "no-marks") : known;
  }

  function whole(text: string): string {
    const known = editor.frame === null ? null : editor.buffer;
    return known === null ? restored(text) : withEnd(restored(text), known);
  }

  /** At bash's, a line that was begun before its prompt came. */
  function takenAhead({ marked, reader }: Circumstances): string | null {
    if (marked || dialect() !== "readline" || reader.context === "program") return null;
    return takenByReadline(cooked.text, deps.history);
  }

  /** Does the cursor stand behind all of it? */
  function endsAtCursor(text: string, location: Location | undefined): boolean {
    if (location === undefined) return false;
    const screen = deps.screen();
    const { line, column } = placeAfter(screen, location.anchor, text);
    return line === screen.cursor.row + screen.scrolled && column === screen.cursor.column;
  }

  function withFrame(text: string): string {
    if (editor.frame === null || lists()) return text;
    const { columns } = deps.screen();
    const column = locator.place()?.anchor.column ?? 0;
    return aligned(text, editor.frame.text, { column, columns, masks: dialect() === "ash" });
  }

  function withUndrawn(line: Shown | null): Shown | null {
    const text = line === null ? "" : restored(line.text);
    if (line === null || text === line.text) return line;
    return { ...line, text, withList: line.text };
  }

  function read(now: Circumstances): LineReading {
    if (now.submit.kind === "submit" && now.submit.form === "correction")
      return readCorrection(deps.screen(), deps.history);
    const drawn = shown();
    const complete = withUndrawn(drawn);
    const ends = complete === null ? null : { ...complete, text: whole(complete.text) };
    const verdict = reconcile({
      keys: {
        text: editor.buffer.text,
        cooked: cooked.text,
        trust: editor.trust,
        typed: editor.searching === "no" ? editor.typed : "",
        pressed: now.pressed,
        answered: now.answered,
        misdrawn: editor.misdrawn,
        searched: editor.searched,
        taken: takenAhead(now),
        completed: editor.frame?.completed === true && !lists(),
        pointed: drawn !== null && pointsAt(drawn.location),
        torn: cooked.torn,
        kernelMisdrew: dialect() === "plain" && cooked.misdrawn,
        kernel: now.kernel,
        kernelEcho: now.kernelEcho,
      },
      found: now.found,
      shown: ends,
      restored: complete !== drawn,
      unechoed: now.unechoed,
      searchShown: searchShown(),
      reader: now.reader,
      rebound: now.rebound,
      disturbed: now.disturbed,
      marked: now.marked,
      masks: dialect() === "ash",
      drawn: (lists() || now.escaped) && now.marked,
      unsureStart: now.unsureStart,
      thrownAway: now.thrownAway,
    });
    const isEndKnown = (text: string): boolean =>
      editor.endKnown || endsAtCursor(text, now.found ?? drawn?.location) || /[ \t]$/.test(text);
    const form = now.submit.kind === "submit" ? now.submit.form : "cr";
    const commented = form === "comment-out";
    const prefix = commented ? "#" : "";
    const line = `${prefix}${verdict.text}`;
    // With an argument the key takes the comment off again, and the line runs.
    const uncommented = commented && verdict.text.startsWith("#") ? [verdict.text.slice(1)] : [];
    const base: LineReading = {
      ...verdict,
      ...now.reader,
      ...(now.goesOn ? { whole: true as const } : {}),
      ...(isEndKnown(verdict.text) ? {} : { endUnsure: true as const }),
      text: line,
      source: form === "paste-line" && verdict.source === "both" ? "paste" : verdict.source,
      candidates: [
        ...verdict.candidates.map((candidate) => `${prefix}${candidate}`),
        ...uncommented,
      ],
    };
    return asTheShellTakesIt(base, { now, form, line });
  }

  /** What the shell's Enter makes of what is read. */
  function asTheShellTakesIt(
    base: LineReading,
    {
      now,
      form,
      line,
    }: { readonly now: Circumstances; readonly form: string; readonly line: string },
  ): LineReading {
    // Ctrl-D is a key of an editor's, or gives a shell the first part of a line: then nothing runs.
    if (form === "eof" && (now.editsItself || (line !== "" && base.context !== "program")))
      return { ...atMost(base, DELETING), ...(isRead() ? { asksForMore: true } : {}) };
    const other = asAnotherCommand(base, form, now);
    if (other !== null) return other;
    // Alt-Enter runs the line in vi mode and in some profiles; otherwise it only puts a newline in.
    if (now.reader.context === "program") return withEscapes(base);
    const bare = now.completed && dialect() === "zle" ? withoutSuffix(base) : base;
    const seen = now.meta && lists() ? atMost(bare, NEWLINE) : bare;
    const whole = expanded(seen, now);
    const read = dialect() === "fish" && now.marked ? abbreviated(literal(seen, whole)) : whole;
    if (!now.marked) return unmarked(seen, whole, searches(now, line));
    if (dialect() === "fish") {
      const owed = stays(now, line) || fishAsks(deps.screen(), line) || isUnseen(read);
      return { ...read, asksForMore: owed };
    }
    return stays(now, line) ? { ...read, asksForMore: true } : read;
  }

  /** No editor has announced itself. */
  function unmarked(seen: LineReading, whole: LineReading, searched: boolean): LineReading {
    const likely = expandsLikely(seen.text, dialect()) ? likeliest(seen, whole) : null;
    const ahead = withUnknown(likely ?? literal(seen, whole), whole, dialect());
    return { ...ahead, ...(searched ? { asksForMore: true } : {}) };
  }

  /** An editor that announces itself is still at work. */
  function isRead(): boolean {
    return lists() && deps.screen().modes.bracketedPaste;
  }

  /** What runs is not the line, or can not be told by it. */
  function asAnotherCommand(
    base: LineReading,
    form: string,
    { comesBack }: Circumstances,
  ): LineReading | null {
    if (comesBack) return { ...base, confidence: 0, unknowable: COMING_BACK };
    if (form === "run-help" || form === "which-command") return aboutFirstWord(base, form);
    if (form === "edit-and-execute") return { ...base, confidence: 0, unknowable: EDITED };
    return editor.overflowed ? { ...base, confidence: 0, unknowable: TOO_LONG } : null;
  }

  function expanded(seen: LineReading, now: Circumstances): LineReading {
    if (!now.historyExpands) return seen;
    const characters = now.historyCharacters;
    if (characters !== null) {
      const whole = expandHistory(seen, deps.history, characters);
      if (dialect() === "zle") return orLiteral(whole, seen);
      return dialect() === "readline" ? rerun(whole, deps.history) : whole;
    }
    // Any sign may stand for a command from before.
    return seen.text.trim() === "" ? seen : atMost(seen, UNEXPANDED);
  }

  /** Enter is a key of the editor just now. */
  function stays(now: Circumstances, line: string): boolean {
    const screen = deps.screen();
    // As they ship, editors know no Enter of the keypad.
    const keypad = now.submit.kind === "submit" && now.submit.form === "keypad";
    if (keypad || now.stays || searches(now, line)) return true;
    return lists() ? choosesBelow(screen) : asksAboutList(screen);
  }

  /** readline shows what vi's search looks for in place of the prompt, zle below the line. */
  function searches({ escaped, found }: Circumstances, line: string): boolean {
    if (!escaped) return false;
    const behindPrompt =
      dialect() === "readline" && found !== null && found.by !== "echo" && found.prompt !== "";
    return searchesInVi(deps.screen(), lists() || behindPrompt ? "" : line);
  }

  /** fish expands no history, and its Enter expands an abbreviation. */
  function abbreviated(reading: LineReading): LineReading {
    if (reading.hidden) return reading;
    const { text, sure } = deps.abbreviations.expand(reading.text);
    const confidence = sure ? reading.confidence : Math.min(reading.confidence, ABBREVIATED);
    if (text === reading.text) return { ...reading, confidence };
    return {
      ...reading,
      text,
      typed: reading.text,
      confidence,
      candidates: [text, ...reading.candidates],
    };
  }

  return { find, shown, searchShown, pointsAt, flashes, restored, whole, noteSuggestion, read };
}

type Reading = Found & { readonly text: string };

function reading(text: string, found: Found | null): Reading | null {
  return found === null ? null : { ...found, text };
}

/** Blanks at the end show only by a cursor behind them. */
function withEnd(shown: string, { chars, point }: LineEditor["buffer"]): string {
  const behind = chars.slice(point).join("");
  const text = behind.trimEnd();
  const blanks = behind.slice(text.length);
  const bare = shown.trimEnd();
  return blanks !== "" && /^ +$/.test(blanks) && bare !== "" && bare.endsWith(text)
    ? bare + blanks
    : shown;
}

/** Ctrl-D. */
const DELETING = 0.5;
/** Alt-h and Alt-? of zsh. */
const ABOUT_WORD = 0.8;
/** Alt-Enter. */
const NEWLINE = 0.8;
/** A profile can switch the expansion off, and hardly any does. */
const EXPANDED = 0.95;
/** An exclamation mark where it is not known that the shell expands it. */
const UNEXPANDED = 0.8;

/** What the line makes the program run is judged beside the line itself. */
function withEscapes(reading: LineReading): LineReading {
  const escapes = reading.candidates.flatMap((line) => escapesOf(reading.program, line));
  if (escapes.length === 0) return reading;
  return { ...reading, escapes, candidates: [...new Set([...reading.candidates, ...escapes])] };
}

/** Nothing shows, and something may stand there: fish lets see whether it runs anything. */
function isUnseen({ text, unknowable, candidates }: LineReading): boolean {
  if (text.trim() !== "") return false;
  return unknowable !== undefined || candidates.some((one) => one.trim() !== "");
}

/** zsh finds the command that the cursor is in: which word that is, the line does not tell. */
function aboutFirstWord(reading: LineReading, command: string): LineReading {
  const words = reading.text.split(/[\s;&|(){}]+/).filter((word) => word !== "");
  const candidates = words.map((word) => `${command} ${word}`);
  const text = candidates[0] ?? command;
  return {
    ...atMost(reading, ABOUT_WORD),
    text,
    candidates: [...new Set([text, ...candidates])],
    asksForMore: true,
  };
}

/** zsh takes back the slash that it completed a folder with, and the blank behind a file. */
function withoutSuffix(reading: LineReading): LineReading {
  if (!/[^/\s]\/$|[^\\\s] $/.test(reading.text)) return reading;
  const text = reading.text.slice(0, -1);
  return { ...reading, text, candidates: [text, ...reading.candidates] };
}

function atMost(reading: LineReading, confidence: number): LineReading {
  return { ...reading, confidence: Math.min(reading.confidence, confidence) };
}

/** Ahead of bash's prompt, or to a shell that draws no marks in a way that nobody types who has no history. */
function expandsLikely(text: string, dialect: Dialect): boolean {
  return dialect === "readline" || (dialect === "plain" && REFERENCE.test(text));
}

const REFERENCE = /^\^.+\^|!(?:!|\$|\*|-\d)/;

/** The shell most likely expands it, but may run it as it stands. */
function likeliest(reading: LineReading, expanded: LineReading): LineReading | null {
  if (expanded === reading || expanded.unknowable !== undefined) return null;
  const candidates = [...new Set([...expanded.candidates, ...reading.candidates])];
  return { ...atMost(expanded, UNEXPANDED), candidates };
}

/** The shell most likely runs it as it stands, but who draws like it may expand the history. */
function literal(reading: LineReading, expanded: LineReading): LineReading {
  if (expanded === reading) return reading;
  const candidates = [...new Set([...reading.candidates, ...expanded.candidates])];
  return { ...atMost(reading, UNEXPANDED), candidates };
}

/** zsh expands the history unless its profile says that it does not (`no_bang_hist`). */
function orLiteral(expanded: LineReading, literally: LineReading): LineReading {
  if (expanded.text === literally.text) return expanded;
  const candidates = [...new Set([...expanded.candidates, literally.text])];
  return { ...atMost(expanded, EXPANDED), candidates };
}

/** Ahead of the prompt of a shell that expands the history: what it brings is no better known there. */
function withUnknown(reading: LineReading, expanded: LineReading, dialect: Dialect): LineReading {
  const { unknowable } = expanded;
  if (unknowable === undefined || (dialect !== "readline" && dialect !== "zle")) return reading;
  return { ...reading, confidence: 0, unknowable };
}

/** A word alone that no program is known by can be an abbreviation of the profile. */
const ABBREVIATED = 0.85;

/** Enter takes a choice of the pager while what is typed goes into its search. */
function fishAsks(screen: Screen, line: string): boolean {
  return inPager(screen) || fishAsksForMore(line);
}

/** A search is read by its own prompt. */
const NOWHERE: Location = {
  anchor: { line: 0, column: 0, since: 0 },
  prompt: "",
  by: "prompt",
};

const EDITED =
  "The line would be opened in an editor on the target, and what is saved there would run unseen. " +
  "Type the command at the prompt instead.";
const COMING_BACK =
  "The shell would run a line that was put aside and does not show yet. Wait for the prompt.";
const TOO_LONG =
  "The line is longer than what is kept of a typed line, so not all of it can be read. " +
  "Put it into a script file and run that instead.";
