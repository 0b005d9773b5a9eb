import type { Micros } from "../../../../kernel/index.js";
import type { LineReading } from "../../../../model/index.js";
import type { FocusChange } from "../facts.js";
import type { Stroke } from "../keys/key-reader.js";
import { confidenceOf, CONFIDENCE } from "./confidence.js";
import type { Dialect, Doubt, EditEffect } from "./editor.js";
import { createOwnHistory } from "./own-history.js";
import { createSecrecy } from "./secrecy.js";
import { Suppositions, type Supposition } from "./suppositions.js";

/**
 * The line being typed in what has the focus, from its keys alone. What can not be excluded is a
 * candidate of the reading.
 */
export interface LineBook {
  /** A stroke that enters nothing went on its way. */
  press(stroke: Stroke, at: Micros): void;
  /** Would this stroke enter a line? Changes nothing. */
  submission(stroke: Stroke, at: Micros): Submission;
  /** The same of a paste: text with line breaks enters lines by itself. */
  pasteSubmission(text: string, at: Micros): Submission;
  /** The stroke that was asked about has passed. `surely`: it enters lines everywhere (plain Return). */
  entered(at: Micros, surely: boolean): void;
  /** `by`: which ways of editing take the key for a paste. Null: what was pasted is not known. */
  pasted(text: string | null, by: readonly Dialect[], at: Micros): void;
  /** A click, Alt-Tab: what follows may go elsewhere. */
  focusChanged(by: FocusChange, at: Micros): void;
  doubted(doubt: Doubt): void;
  /** A sign-in or a question of the system itself follows. */
  expectSecret(lines: number, at: Micros): void;
  /** What is typed now will be hidden, as far as is known now. */
  secret(at: Micros): boolean;
}

export type Submission =
  | { readonly type: "none" }
  | { readonly type: "line"; readonly reading: LineReading }
  /** A Return on what is not known: the reading is empty, and hardly sure of that. */
  | { readonly type: "unseen"; readonly reading: LineReading; readonly why: string };

export interface LineBookOptions {
  /** A terminal drawn by guacd (SSH, Telnet, Kubernetes) and not a desktop. */
  readonly terminal: boolean;
  readonly forms: boolean;
  readonly prompting: readonly string[];
}

/** Tabs of one line that are remembered. */
const FIELDS_MAX = 8;

export function createLineBook({ terminal, forms, prompting }: LineBookOptions): LineBook {
  const supposed = new Suppositions(terminal ? ["readline"] : ["windows", "readline"]);
  const history = createOwnHistory();
  const secrecy = createSecrecy({ desktop: !terminal, forms, prompting });
  const doubts = new Set<Doubt>();
  let expected: Dialect = terminal ? "readline" : "windows";
  let fields: string[] = [];
  let source: "keys" | "paste" = "keys";
  let base: number = CONFIDENCE.firstInPlace;
  let recalledUnknown = false;

  /** Of all suppositions that have text, the likeliest first; none of them twice. */
  function ranked(): readonly Supposition[] {
    const seen = new Set<string>();
    return [...supposed.active]
      .sort((a, b) => unlikeliness(a) - unlikeliness(b))
      .filter(({ editor: { edited } }) => {
        if (edited.text === "" || seen.has(edited.text)) return false;
        seen.add(edited.text);
        return true;
      });
  }

  /** A click mostly stays in the window; who switches windows means to; Escape mostly empties. */
  function unlikeliness({ editor, since }: Supposition): number {
    const place = { mouse: 0, here: 2, shortcut: 4, "session-start": 6, interrupt: 8 }[since];
    return place + (editor.dialect === expected ? 0 : 1);
  }

  function press(stroke: Stroke, at: Micros): void {
    if (stroke.name === "Tab" && fields.length < FIELDS_MAX)
      fields.push(ranked()[0]?.editor.edited.text ?? "");
    const hidden = secret(at);
    const before = [...supposed.active];
    const kept = before.map(({ editor }) => editor.fork());
    let recall: -1 | 1 | undefined;
    for (const [index, { editor }] of before.entries()) {
      const effect = editor.press(stroke);
      if (effect === null) continue;
      noteEffect(effect, editor.dialect);
      recall ??= effect.recall;
      const was = kept[index];
      if (effect.cleared === true && !terminal && was !== undefined)
        supposed.keepBeside(was, hidden);
      if (effect.cleared === true && stroke.name !== "Escape") secrecy.interrupted();
    }
    if (recall !== undefined) recallLine(recall, at);
    if (supposed.active.every(({ editor }) => editor.edited.text === "") && recall === undefined)
      emptied(stroke);
  }

  function noteEffect({ telling, doubt }: EditEffect, dialect: Dialect): void {
    if (telling === true) expected = dialect;
    if (doubt === undefined) return;
    const fromElsewhere = doubt === "history" || doubt === "search";
    if (fromElsewhere) recalledUnknown = true;
    if (fromElsewhere || ranked().length > 0) doubts.add(doubt);
  }

  /** An empty line is a new one, unless something is on its way into it. */
  function emptied({ ctrl, name }: Stroke): void {
    if (recalledUnknown && !(ctrl && name.toLowerCase() === "c") && name !== "Escape") return;
    newLine();
  }

  function recallLine(step: -1 | 1, at: Micros): void {
    if (secrecy.awaits(at)) return;
    const recalled = history.recall(step, ranked()[0]?.editor.edited.text ?? "");
    recalledUnknown = recalled === null;
    doubts.add("history");
    for (const { editor, since } of supposed.active)
      if (since === "here" || terminal) editor.edited.replace(recalled ?? "");
  }

  function newLine(): void {
    doubts.clear();
    fields = [];
    source = "keys";
    recalledUnknown = false;
    history.rewind();
  }

  function hides(text: string, at: Micros): boolean {
    return secrecy.hides({ text, fields }, at);
  }

  function secret(at: Micros): boolean {
    return (
      secrecy.awaits(at) ||
      ranked().some(({ editor, hidden }) => hidden || hides(editor.edited.text, at))
    );
  }

  function submission(stroke: Stroke, at: Micros): Submission {
    if (!entersLines(stroke)) return NOTHING;
    const candidates = ranked();
    if (candidates.length > 0) return lineOf(candidates, "", at);
    if (!recalledUnknown && !supposed.forgot) return NOTHING;
    if (!terminal) return unseenOf(supposed.forgot ? FORGOT : OLDER, secret(at));
    return lineOf([], "", at);
  }

  function pasteSubmission(text: string, at: Micros): Submission {
    const entering = text.slice(0, lastBreak(text)).replace(/\r\n?/g, "\n");
    const candidates = ranked();
    if (entering.trim() === "" && candidates.length === 0) return NOTHING;
    if (lastBreak(text) < 0) return NOTHING;
    const { reading } = lineOf(candidates, entering, at);
    return { type: "line", reading: { ...reading, source: "paste" } };
  }

  function lineOf(
    from: readonly Supposition[],
    behind: string,
    at: Micros,
  ): Extract<Submission, { type: "line" }> {
    const texts =
      from.length === 0 ? [behind] : from.map(({ editor }) => editor.edited.text + behind);
    const [text = ""] = texts;
    const hidden = from.some((one) => one.hidden) || texts.some((one) => hides(one, at));
    const dialects = new Set(
      from.filter(({ since }) => since === "here").map(({ editor }) => editor.edited.text),
    );
    return {
      type: "line",
      reading: {
        text,
        source,
        confidence: confidenceOf(base, doubtsOf(from), dialects.size > 1),
        candidates: texts,
        hidden,
        context: "unknown",
        prompt: "unknown",
        ...unknowable(),
      },
    };
  }

  function doubtsOf(from: readonly Supposition[]): ReadonlySet<Doubt> {
    const all = new Set(doubts);
    for (const { since } of from) {
      if (since === "mouse") all.add("click");
      else if (since !== "here") all.add("focus");
    }
    return all;
  }

  /** Only of terminals: a Return on a desktop confirms a thousand things that are no lines. */
  function unknowable(): { readonly unknowable?: string } {
    if (supposed.active.some(({ editor }) => editor.edited.overflown))
      return { unknowable: TOO_LONG };
    if (!terminal) return {};
    if (recalledUnknown) return { unknowable: OLDER };
    return doubts.has("pasted-unknown") ? { unknowable: ELSEWHERE } : {};
  }

  function entered(at: Micros, surely: boolean): void {
    const [first] = ranked();
    const text = first?.editor.edited.text ?? "";
    const hidden = secret(at);
    secrecy.entered({ text, fields }, hidden, at);
    if (!hidden && text.trim() !== "") history.add(text);
    if (surely || terminal) supposed.entered();
    else supposed.divide("shortcut", hidden);
    newLine();
    base = CONFIDENCE.typed;
  }

  function pasted(text: string | null, by: readonly Dialect[], at: Micros): void {
    if (text === null) {
      doubts.add("pasted-unknown");
      return;
    }
    if (lastBreak(text) >= 0) {
      const entering = text.slice(0, lastBreak(text)).replace(/\r\n?/g, "\n");
      for (const { editor } of supposed.active) editor.edited.insert(entering);
      entered(at, true);
    }
    const behind = text.slice(lastBreak(text) + 1);
    for (const { editor } of supposed.active)
      if (by.includes(editor.dialect)) editor.edited.insert(behind);
    if (behind !== "") source = "paste";
  }

  return {
    press,
    submission,
    pasteSubmission,
    entered,
    pasted,
    focusChanged(by, at) {
      supposed.divide(by, secret(at));
      if (ranked().length === 0) newLine();
      base = CONFIDENCE.firstInPlace;
      if (!terminal) history.forget();
    },
    doubted(doubt) {
      if (ranked().length > 0) doubts.add(doubt);
    },
    expectSecret(lines, at) {
      secrecy.expect({ certain: lines, possible: 0 }, at);
    },
    secret,
  };
}

function unseenOf(why: string, hidden: boolean): Submission {
  const reading: LineReading = {
    text: "",
    source: "keys",
    confidence: CONFIDENCE.unseen,
    candidates: [""],
    hidden,
    context: "unknown",
    prompt: "unknown",
  };
  return { type: "unseen", reading, why };
}

const NOTHING: Submission = { type: "none" };
const TOO_LONG = "the line is longer than can be read";
const OLDER = "an older line was called back that was not typed here";
const ELSEWHERE = "text was pasted that did not pass here";
const FORGOT = "text was left in more places than can be remembered";

/** Ctrl-J and Ctrl-M are Return in every terminal, Ctrl-O is operate-and-get-next of readline. */
function entersLines({ name, ctrl, alt, shift }: Stroke): boolean {
  if (name === "Enter") return true;
  return ctrl && !alt && !shift && ["j", "m", "o"].includes(name.toLowerCase());
}

/** Return without anything held down enters a line wherever one can be entered. */
export function surelyEnters({ name, ctrl, alt, shift }: Stroke): boolean {
  return name === "Enter" && !ctrl && !alt && !shift;
}

/** Where the last line break of a text ends; -1 when it has none. */
function lastBreak(text: string): number {
  return Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r"));
}
