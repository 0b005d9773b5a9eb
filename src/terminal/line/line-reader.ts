import type { LineReading } from "../../model/index.js";
import type { Screen } from "../screen/index.js";
import type { Dialect } from "./dialect.js";
import type { CookedLine } from "./cooked-line.js";
import { fishAsksForMore } from "./fish-lines.js";
import { expandHistory } from "./history-expansion.js";
import type { Reader } from "./line-context.js";
import type { LineEditor } from "./line-editor.js";
import type { Found, LineLocator, Location } from "./line-locator.js";
import { readScreenLine, type ScreenLine } from "./line-on-screen.js";
import { reconcile } from "./reconcile.js";
import { readSearch, searchesBelow } from "./search-on-screen.js";
import type { SessionHistory } from "./session-history.js";
import type { KeyRun } from "./typed-line.js";

/** Who may be editing the line: readline for certain, or perhaps the kernel. */
export type KeyModels = "editor" | "both" | "kernel-first";

export interface LineReader {
  /** Where the screen shows what one of the key witnesses says; null: nowhere. */
  find(models: KeyModels): (Found & { readonly text: string }) | null;
  shown(): (ScreenLine & { readonly location: Location }) | null;
  /** The screen shows the incremental search that the keys began. */
  searchShown(): boolean;
  read(circumstances: Circumstances): LineReading;
}

export interface Circumstances {
  readonly submit: KeyRun;
  readonly found: (Found & { readonly text: string }) | null;
  readonly reader: Reader;
  readonly pressed: number;
  readonly answered: boolean;
  readonly unechoed: number;
  readonly rebound: boolean;
  readonly unsureStart: number;
  readonly historyExpands: boolean;
  /** The screen is no fair witness. */
  readonly disturbed: boolean;
  /** readline drew the prompt of this line. */
  readonly marked: boolean;
  /** Enter was pressed in it before, and it did not run. */
  readonly goesOn: boolean;
}

export function createLineReader(deps: {
  readonly screen: () => Screen;
  readonly editor: LineEditor;
  readonly cooked: CookedLine;
  readonly history: SessionHistory;
  readonly locator: LineLocator;
  readonly dialect: () => Dialect;
}): LineReader {
  const { editor, cooked, locator, dialect } = deps;

  /** zle and fish show choices, searches and messages below the line. */
  const lists = (): boolean => dialect() === "zle" || dialect() === "fish";

  function find(models: KeyModels): (Found & { readonly text: string }) | null {
    if (editor.searching !== "no") return null;
    const { text } = editor.buffer;
    const kernel = models !== "editor" && cooked.text !== text && cooked.text !== "";
    return (
      (kernel && models === "kernel-first" ? findText(cooked.text, cooked.text) : null) ??
      findText(text, beforePoint()) ??
      (kernel ? findText(cooked.text, cooked.text) : null)
    );
  }

  function findText(text: string, before: string): (Found & { readonly text: string }) | null {
    const found = locator.find(text, before, lists() && editor.trust === "exact");
    return found === null ? null : { ...found, text };
  }

  function beforePoint(): string {
    const { buffer } = editor;
    if (buffer.point === buffer.chars.length) return buffer.text;
    return buffer.chars.slice(0, buffer.point).join("");
  }

  function shown(): (ScreenLine & { readonly location: Location }) | null {
    const screen = deps.screen();
    const search =
      editor.searching === "incremental" && !lists() ? readSearch(screen, searched()) : null;
    if (search !== null) {
      const location = locator.location ?? locator.place() ?? NOWHERE;
      return { ...search, location };
    }
    const location = locator.place();
    if (location === null) return null;
    return { ...readScreenLine(screen, location.anchor, lists()), location };
  }

  function searched(): { readonly pattern: string; readonly since: number } {
    return { pattern: editor.pattern, since: locator.since };
  }

  function searchShown(): boolean {
    if (editor.searching !== "incremental") return false;
    if (lists()) return searchesBelow(deps.screen());
    return readSearch(deps.screen(), searched()) !== null;
  }

  function read(now: Circumstances): LineReading {
    const verdict = reconcile({
      keys: {
        text: editor.buffer.text,
        cooked: cooked.text,
        trust: editor.trust,
        typed: editor.searching === "no" ? editor.typed : "",
        pressed: now.pressed,
        answered: now.answered,
        misdrawn: editor.misdrawn,
      },
      found: now.found,
      shown: shown(),
      unechoed: now.unechoed,
      searchShown: searchShown(),
      reader: now.reader,
      rebound: now.rebound,
      disturbed: now.disturbed,
      marked: now.marked,
      drawn: lists() && now.marked,
      unsureStart: now.unsureStart,
    });
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
      ...(dialect() === "fish" && now.marked ? { asksForMore: fishAsksForMore(line) } : {}),
      text: line,
      source: form === "paste-line" && verdict.source === "both" ? "paste" : verdict.source,
      candidates: [
        ...verdict.candidates.map((candidate) => `${prefix}${candidate}`),
        ...uncommented,
      ],
    };
    if (form === "edit-and-execute") return { ...base, confidence: 0, unknowable: EDITED };
    if (editor.overflowed) return { ...base, confidence: 0, unknowable: TOO_LONG };
    if (now.historyExpands && now.reader.context !== "program") {
      return expandHistory(base, deps.history);
    }
    return base;
  }

  return { find, shown, searchShown, read };
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
const TOO_LONG =
  "The line is longer than what is kept of a typed line, so not all of it can be read. " +
  "Put it into a script file and run that instead.";
