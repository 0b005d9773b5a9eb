import { encodeHeader, type HeaderFacts, type RecordStart } from "./asciicast.js";
import { serializeInstruction, type Instruction, type RecordEntry } from "../model/index.js";

/**
 * A desktop as guacd itself records it: the instructions that drew it, one after the other, and keys
 * and mouse with guacd's own times (https://guacamole.apache.org/doc/gug/recording-playback.html).
 * `guacenc`, `guaclog` and the player of guacamole-common-js read it. The first instruction is a `log`,
 * which they skip: who it was, where and when, as in the header of an asciicast.
 */
export function encodeDumpHeader(start: RecordStart, facts: HeaderFacts): string {
  const text = encodeHeader(start, facts).trimEnd();
  return serializeInstruction({ opcode: "log", args: [asciiJson(text)] });
}

/** The player of guacamole-common-js takes characters for bytes where it seeks. */
function asciiJson(json: string): string {
  return json.replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** "" for what has no place in a dump. */
export function encodeDumpEntry(entry: RecordEntry): string {
  return entry.type === "instruction" ? serializeInstruction(entry.instruction) : "";
}

/** Mouse and size are seen on the screen; keys are not. */
export function isTyped({ opcode }: Instruction): boolean {
  return opcode === "key";
}
