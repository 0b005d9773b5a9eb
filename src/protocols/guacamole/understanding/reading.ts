import type { Fact } from "./facts.js";
import type { Instruction } from "./instruction.js";
import type { Reading } from "./understanding.js";

/** A reading while it is being made. */
export class ReadingDraft implements Reading {
  readonly forward: Instruction[] = [];
  readonly answer: Instruction[] = [];
  readonly facts: Fact[] = [];
}
