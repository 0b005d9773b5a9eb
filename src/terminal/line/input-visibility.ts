import type { Micros } from "../../kernel/index.js";
import type { Screen } from "../screen/index.js";
import { columnsOf } from "../screen/width.js";
import { standsAlone } from "./drawn-otherwise.js";
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

interface InputVisibilityDeps {
  readonly screen: () => Screen;
  /** Does the screen show exactly the line that the keys make? */
  readonly agrees: () => boolean;
  /** Is this a place where keys that show nothing are ordinary (a shell's prompt)? */
  readonly atPrompt: () => boolean;
}

export function createInputVisibility(deps: InputVisibilityDeps): InputVisibility {
  return new EchoedInput(deps);
}

class EchoedInput implements InputVisibility {
  readonly #deps: InputVisibilityDeps;
  #waiting: Waiting[] = [];
  #decided: VisibleInput[] = [];
  #echoed: boolean | null = null;
  #hiddenOnLine = 0;
  #hiddenSince: Micros | null = null;

  constructor(deps: InputVisibilityDeps) {
    this.#deps = deps;
  }

  look(at: Micros, hiddenAfterUs: number): void {
    let agrees: boolean | null = null;
    const screen = this.#deps.screen();
    let done = 0;
    for (const entry of this.#waiting) {
      const reacted = screen.revision > entry.revision;
      const late = at - entry.at >= hiddenAfterUs;
      if (entry.kind === "enter") this.#show(entry);
      else if (entry.kind === "other" && this.#echoed !== null && !late) {
        if (this.#echoed) this.#show(entry);
        else this.#hide(entry);
      } else if (
        entry.kind === "other" &&
        (this.#deps.atPrompt() || reacted) &&
        this.#echoed !== false
      ) {
        this.#show(entry);
      } else if (
        entry.kind === "printable" &&
        reacted &&
        (shownAt(screen, entry) || (agrees ??= this.#deps.agrees()))
      ) {
        this.#echoed = true;
        this.#show(entry);
      } else if (late) {
        if (entry.kind === "printable") {
          this.#echoed = false;
          this.#hiddenOnLine += 1;
          this.#hiddenSince ??= entry.at;
        }
        this.#hide(entry);
      } else break;
      done += 1;
    }
    if (done > 0) this.#waiting = this.#waiting.slice(done);
  }

  typed(bytes: Uint8Array, at: Micros, text: string | null): void {
    const alone = text !== null && standsAlone(text);
    this.#add(alone ? "printable" : "other", bytes, at, text ?? "");
  }

  entered(bytes: Uint8Array, at: Micros): void {
    this.#add("enter", bytes, at, "");
  }

  take(): readonly VisibleInput[] {
    const taken = this.#decided;
    if (taken.length > 0) this.#decided = [];
    return taken;
  }

  get pending(): boolean {
    return this.#waiting.length > 0;
  }

  get hiddenOnLine(): number {
    return this.#hiddenOnLine;
  }

  get hiddenSince(): Micros | null {
    return this.#hiddenSince;
  }

  get undecided(): number {
    return this.#waiting.length;
  }

  newLine(): void {
    this.#hiddenOnLine = 0;
    this.#hiddenSince = null;
  }

  #add(kind: Waiting["kind"], bytes: Uint8Array, at: Micros, text: string): void {
    const screen = this.#deps.screen();
    const before = this.#waiting.at(-1);
    const place = before?.kind === "printable" ? behind(screen, before) : cursorPlace(screen);
    this.#waiting.push({
      kind,
      bytes: bytes.slice(),
      at,
      text,
      ...place,
      revision: screen.revision,
    });
    if (this.#waiting.length > WAITING_MAX)
      for (const entry of this.#waiting.splice(0)) this.#hide(entry);
  }

  #show(entry: Waiting): void {
    if (entry.kind === "enter") this.#echoed = null;
    this.#decided.push({ kind: "shown", bytes: entry.bytes, at: entry.at });
    this.#bound();
  }

  #hide(entry: Waiting): void {
    entry.bytes.fill(0);
    if (this.#decided.at(-1)?.kind !== "hidden")
      this.#decided.push({ kind: "hidden", at: entry.at });
    this.#bound();
  }

  #bound(): void {
    const first = this.#decided[0];
    if (this.#decided.length <= DECIDED_MAX || first === undefined) return;
    this.#decided = [{ kind: "hidden", at: first.at }, ...this.#decided.slice(-DECIDED_MAX / 2)];
  }
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
