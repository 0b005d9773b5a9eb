import type { Micros } from "../../kernel/index.js";
import type { Screen } from "../screen/index.js";
import { columnsOf } from "../screen/width.js";
import type { VisibleInput } from "./typed-line.js";

/**
 * Which typed bytes the person saw on the screen. Until that is known they wait here; what was not
 * shown is wiped and leaves one mark without length. Secrecy beats completeness.
 */
export interface InputVisibility {
  /** `text`: the printable character that the bytes are, when they are one. */
  typed(bytes: Uint8Array, at: Micros, text: string | null): void;
  /** Enter: neither proves nor hides anything. */
  entered(bytes: Uint8Array, at: Micros): void;
  /** Decides what can be decided now. */
  look(at: Micros, hiddenAfterUs: number): void;
  take(): readonly VisibleInput[];
  readonly pending: boolean;
  /** Printable keys of this line that were not shown. */
  readonly hiddenOnLine: number;
  /** When the oldest and the newest hidden key of this line were typed. */
  readonly hiddenSince: Micros | null;
  readonly undecided: number;
  newLine(): void;
}

interface Waiting {
  readonly kind: "printable" | "other" | "enter";
  readonly bytes: Uint8Array;
  readonly at: Micros;
  readonly text: string;
  readonly line: number;
  readonly column: number;
  readonly revision: number;
}

/** More undecided keys than this are a paste or an attack: they count as hidden. */
const WAITING_MAX = 4_096;
/** Decided input that nobody took; then the oldest becomes one hidden mark. */
const DECIDED_MAX = 8_192;

export function createInputVisibility(deps: {
  readonly screen: () => Screen;
  /** Does the screen show exactly the line that the keys make? */
  readonly agrees: () => boolean;
  /** Is this a place where keys that show nothing are ordinary (a shell's prompt)? */
  readonly atPrompt: () => boolean;
}): InputVisibility {
  let waiting: Waiting[] = [];
  let decided: VisibleInput[] = [];
  let echoed: boolean | null = null;
  let hiddenOnLine = 0;
  let hiddenSince: Micros | null = null;

  function add(kind: Waiting["kind"], bytes: Uint8Array, at: Micros, text: string): void {
    const screen = deps.screen();
    const before = waiting.at(-1);
    const place = before?.kind === "printable" ? behind(screen, before) : cursorPlace(screen);
    waiting.push({ kind, bytes: bytes.slice(), at, text, ...place, revision: screen.revision });
    if (waiting.length > WAITING_MAX) for (const entry of waiting.splice(0)) hide(entry);
  }

  function look(at: Micros, hiddenAfterUs: number): void {
    let agrees: boolean | null = null;
    const screen = deps.screen();
    let done = 0;
    for (const entry of waiting) {
      const reacted = screen.revision > entry.revision;
      const late = at - entry.at >= hiddenAfterUs;
      if (entry.kind === "enter") show(entry);
      else if (entry.kind === "other" && echoed !== null && !late) {
        if (echoed) show(entry);
        else hide(entry);
      } else if (entry.kind === "other" && (deps.atPrompt() || reacted) && echoed !== false) {
        show(entry);
      } else if (
        entry.kind === "printable" &&
        reacted &&
        (shownAt(screen, entry) || (agrees ??= deps.agrees()))
      ) {
        echoed = true;
        show(entry);
      } else if (late) {
        if (entry.kind === "printable") {
          echoed = false;
          hiddenOnLine += 1;
          hiddenSince ??= entry.at;
        }
        hide(entry);
      } else break;
      done += 1;
    }
    if (done > 0) waiting = waiting.slice(done);
  }

  function show(entry: Waiting): void {
    if (entry.kind === "enter") echoed = null;
    decided.push({ kind: "shown", bytes: entry.bytes, at: entry.at });
    bound();
  }

  function hide(entry: Waiting): void {
    entry.bytes.fill(0);
    if (decided.at(-1)?.kind !== "hidden") decided.push({ kind: "hidden", at: entry.at });
    bound();
  }

  function bound(): void {
    const first = decided[0];
    if (decided.length <= DECIDED_MAX || first === undefined) return;
    decided = [{ kind: "hidden", at: first.at }, ...decided.slice(-DECIDED_MAX / 2)];
  }

  return {
    typed: (bytes, at, text) => add(text === null ? "other" : "printable", bytes, at, text ?? ""),
    entered: (bytes, at) => add("enter", bytes, at, ""),
    look,
    take() {
      const taken = decided;
      if (taken.length > 0) decided = [];
      return taken;
    },
    get pending() {
      return waiting.length > 0;
    },
    get hiddenOnLine() {
      return hiddenOnLine;
    },
    get hiddenSince() {
      return hiddenSince;
    },
    get undecided() {
      return waiting.length;
    },
    newLine() {
      hiddenOnLine = 0;
      hiddenSince = null;
    },
  };
}

function cursorPlace(screen: Screen): { line: number; column: number } {
  const { row, column } = screen.cursor;
  return column >= screen.columns
    ? { line: row + screen.scrolled + 1, column: 0 }
    : { line: row + screen.scrolled, column };
}

function behind(screen: Screen, entry: Waiting): { line: number; column: number } {
  const width = columnsOf(entry.text.codePointAt(0) ?? 0x20);
  const column = entry.column + width;
  return column >= screen.columns
    ? { line: entry.line + 1, column: 0 }
    : { line: entry.line, column };
}

function shownAt(screen: Screen, entry: Waiting): boolean {
  const cell = screen.cell(entry.line - screen.scrolled, entry.column);
  return cell.written > entry.revision && cell.text.startsWith(entry.text);
}
