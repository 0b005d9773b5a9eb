import type { Screen } from "../screen/index.js";

/**
 * Is the screen a fair witness of the line? Not while others print on it, and not while it shows
 * something else than it is told.
 */
export interface Disturbance {
  readonly disturbed: boolean;
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
  #background = false;
  #unasked = false;
  #redraws = false;

  constructor(screen: () => Screen) {
    this.#screen = screen;
  }

  get disturbed(): boolean {
    return this.#background || this.#unasked || this.#screen().distorting;
  }

  printed(late: boolean): void {
    if (late && !this.#redraws) this.#unasked = true;
    this.#redraws = false;
  }

  resized(): void {
    this.#redraws = true;
  }

  ran(text: string): void {
    this.#background ||= startsBackground(text);
  }

  newLine(): void {
    this.#unasked = false;
  }
}

/** `command &`, `coproc`: an ampersand that is neither `&&` nor part of a redirection or an address. */
function startsBackground(text: string): boolean {
  return /(?:^|[^&<>|\\])&(?![&>\d])|\bcoproc\b/.test(text.replace(/\w+:\/\/[^\s'"]*/g, ""));
}
