import type { Micros } from "../../../kernel/index.js";
import type { Instruction } from "./instruction.js";

/** What the person sends while a line waits for its verdict, in order. Full: nothing more is taken. */
export class HoldQueue {
  #waiting: Waiting[] = [];
  #chars = 0;

  /** False when it is full; the instruction was not taken. */
  push(given: Instruction, at: Micros): boolean {
    const chars = given.args.reduce((sum, arg) => sum + arg.length, 0);
    if (this.#waiting.length >= INSTRUCTIONS_MAX || this.#chars + chars > CHARS_MAX) return false;
    this.#waiting.push({ given, at });
    this.#chars += chars;
    return true;
  }

  shift(): Waiting | undefined {
    const first = this.#waiting.shift();
    if (first !== undefined)
      this.#chars -= first.given.args.reduce((sum, arg) => sum + arg.length, 0);
    return first;
  }
}

interface Waiting {
  readonly given: Instruction;
  readonly at: Micros;
}

/** Some minutes of typing and pointing. */
const INSTRUCTIONS_MAX = 4_096;
const CHARS_MAX = 1024 * 1024;
