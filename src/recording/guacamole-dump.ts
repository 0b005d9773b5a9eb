import { serializeInstruction, type Instruction, type RecordEntry } from "../model/index.js";

/**
 * A desktop as guacd itself records it: the instructions that drew it, one after the other, and keys
 * and mouse with guacd's own times (https://guacamole.apache.org/doc/gug/recording-playback.html).
 * `guacenc`, `guaclog` and the player of guacamole-common-js read it.
 */
export function encodeDumpEntry(entry: RecordEntry): string {
  return entry.type === "instruction" ? serializeInstruction(entry.instruction) : "";
}

/** Mouse and size are seen on the screen; keys are not. */
export function isTyped({ opcode }: Instruction): boolean {
  return opcode === "key";
}
