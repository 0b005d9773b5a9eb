import { err, fault, ok, type Fault, type Place, type Result } from "../kernel/index.js";
import type { Instruction } from "../model/index.js";
import { readHeader, type CastHeader } from "./read-cast.js";

/** A recorded desktop, as far as it tells what the person did: pictures are left out. */
export interface Dump {
  readonly header: CastHeader;
  /** Keys, mouse, frames and sizes of the screen, in the order of guacd's clock. */
  readonly entries: readonly DumpEntry[];
  /** The last instruction was torn (a crash while it was written) and is left out. */
  readonly torn: boolean;
}

export interface DumpEntry {
  /** Since the first frame. */
  readonly ms: number;
  readonly instruction: Instruction;
}

const KEPT: ReadonlySet<string> = new Set(["key", "mouse", "sync", "size", "log"]);
const LENGTH_DIGITS_MAX = 9;

/** Reads what `encodeDumpHeader` and `encodeDumpEntry` have written; what is torn at the end is left out. */
export function readDump(file: string, text: string): Result<Dump, Fault> {
  const refuse = (message: string, column: number): Result<Dump, Fault> =>
    err(fault("CHP_RECORDING_READ", message, { file, line: 1, column } satisfies Place));
  const first = readInstruction(text, 0);
  if (typeof first !== "object" || first.instruction.opcode !== "log") {
    return refuse("a recording of another program: it does not tell who typed, where and when", 1);
  }
  const header = readHeader(first.instruction.args[0] ?? "");
  if (typeof header === "string") return refuse(header, 1);
  const found: { frame: number; ms: number | null; instruction: Instruction }[] = [];
  let frame: number | null = null;
  let base: number | null = null;
  let at = first.end;
  let torn = false;
  while (at < text.length) {
    const next = readInstruction(text, at);
    if (next === "torn") {
      torn = true;
      break;
    }
    if (next === "wrong") return refuse("not an instruction of Guacamole's protocol", at + 1);
    at = next.end;
    const { instruction } = next;
    if (instruction.opcode === "sync") {
      frame = Number(instruction.args[0]);
      base ??= frame;
    }
    if (KEPT.has(instruction.opcode)) {
      found.push({ frame: frame ?? 0, ms: ownTime(instruction), instruction });
    }
  }
  const start = base ?? 0;
  const entries = found
    .map(({ frame: of, ms, instruction }) => ({
      ms: Math.max(0, (ms ?? (of === 0 ? start : of)) - start),
      instruction,
    }))
    // Keys come when their line is entered, with the times at which they were pressed.
    .sort((a, b) => a.ms - b.ms);
  return ok({ header, entries, torn });
}

/** Keys and movements stand with guacd's time at the end; null: as late as the frame before. */
function ownTime({ opcode, args }: Instruction): number | null {
  const time = opcode === "key" ? args[2] : opcode === "mouse" ? args[3] : undefined;
  return time === undefined ? null : Number(time);
}

function readInstruction(
  text: string,
  start: number,
): { readonly instruction: Instruction; readonly end: number } | "torn" | "wrong" {
  const elements: string[] = [];
  let at = start;
  for (;;) {
    const dot = text.indexOf(".", at);
    if (dot < 0) return text.length - at <= LENGTH_DIGITS_MAX ? "torn" : "wrong";
    const digits = text.slice(at, dot);
    if (!/^\d{1,9}$/.test(digits)) return "wrong";
    const end = endOf(text, dot + 1, Number(digits));
    const sign = text[end];
    if (sign === undefined) return "torn";
    if (sign !== "," && sign !== ";") return "wrong";
    elements.push(text.slice(dot + 1, end));
    at = end + 1;
    if (sign === ",") continue;
    const [opcode = "", ...args] = elements;
    return { instruction: { opcode, args }, end: at };
  }
}

/** Lengths count code points, strings count UTF-16 units. */
function endOf(text: string, start: number, codePoints: number): number {
  const end = start + codePoints;
  if (!/[\ud800-\udbff]/.test(text.slice(start, end))) return end;
  let at = start;
  for (let left = codePoints; left > 0 && at < text.length; left -= 1) {
    at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  }
  return at;
}
