import type { Screen } from "../screen/index.js";

/**
 * Is the screen a fair witness of the line? Not while others print on it, and not while it shows
 * something else than it is told.
 */
export interface Disturbance {
  readonly disturbed: boolean;
  /** A mark of this line shows nowhere: readline draws it in front of the row behind its letter's. */
  readonly marksLost: boolean;
  /** The target printed; `late`: long after everything that it could have answered. */
  printed(late: boolean): void;
  /** The window changed: readline will draw again, unasked. */
  resized(): void;
  /** A line was released. */
  ran(text: string): void;
  /** A new line begins, or its prompt was drawn. */
  newLine(): void;
}

export function createDisturbance(screen: () => Screen): Disturbance {
  return new WatchedDisturbance(screen);
}

class WatchedDisturbance implements Disturbance {
  readonly #screen: () => Screen;
  /** Prompts until a job in the background is believed to be silent. */
  #background = 0;
  #unasked = false;
  #redraws = false;
  /** Marks lost before this line. */
  #lostBefore = 0;

  constructor(screen: () => Screen) {
    this.#screen = screen;
  }

  get disturbed(): boolean {
    return this.#background > 0 || this.#unasked || this.#screen().distorting;
  }

  get marksLost(): boolean {
    return this.#screen().marksLost > this.#lostBefore;
  }

  printed(late: boolean): void {
    if (late && !this.#redraws) {
      this.#unasked = true;
      if (this.#background > 0) this.#background = SILENT_PROMPTS;
    }
    this.#redraws = false;
  }

  resized(): void {
    this.#redraws = true;
  }

  ran(text: string): void {
    if (startsBackground(text)) this.#background = SILENT_PROMPTS;
    else if (this.#background > 0) this.#background -= 1;
  }

  newLine(): void {
    this.#unasked = false;
    this.#lostBefore = this.#screen().marksLost;
  }
}

/** Lines typed in peace: who has printed nothing meanwhile most likely prints nothing at all. */
const SILENT_PROMPTS = 5;

/** `command &`, `coproc`: an ampersand that is neither `&&` nor part of a redirection or an address. */
function startsBackground(text: string): boolean {
  return /(?:^|[^&<>|\\])&(?![&>\d])|\bcoproc\b/.test(text.replace(/\w+:\/\/[^\s'"]*/g, ""));
}
