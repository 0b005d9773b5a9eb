import type { Micros } from "../../../../kernel/index.js";
import type { MouseSamples } from "../facts.js";

/**
 * Movements of the mouse, kept compact until there are enough to be told. More than a hand can make are
 * left out and counted: a click is always kept.
 */
export class PointerTrack {
  #at: number[] = [];
  #x: number[] = [];
  #y: number[] = [];
  #buttons: number[] = [];
  #dropped = 0;
  #lastAt = Number.NEGATIVE_INFINITY;
  #lastButtons = 0;

  add(at: Micros, x: number, y: number, buttons: number): void {
    const click = buttons !== this.#lastButtons;
    if ((!click && at - this.#lastAt < SPACING_US) || this.#at.length >= SAMPLES_HELD_MAX) {
      this.#dropped += 1;
      return;
    }
    this.#lastAt = at;
    this.#lastButtons = buttons;
    this.#at.push(at);
    this.#x.push(x);
    this.#y.push(y);
    this.#buttons.push(buttons);
  }

  get full(): boolean {
    return this.#at.length >= SAMPLES_TOLD;
  }

  /** Null when there is nothing to tell. */
  take(): MouseSamples | null {
    if (this.#at.length === 0) return null;
    const samples = {
      at: this.#at,
      x: this.#x,
      y: this.#y,
      buttons: this.#buttons,
      dropped: this.#dropped,
    };
    this.#at = [];
    this.#x = [];
    this.#y = [];
    this.#buttons = [];
    this.#dropped = 0;
    return samples;
  }
}

/** Browsers report at most once a frame; a hundred a second tell everything about a hand. */
const SPACING_US = 10_000;
const SAMPLES_TOLD = 256;
const SAMPLES_HELD_MAX = 512;
