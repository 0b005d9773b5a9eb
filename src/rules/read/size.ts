import type { Reader, Value } from "./reader.js";
import { COMPARISON_OPERATORS, type Comparison } from "./source.js";

/** Powers of 1024, as administrators read them in `ls -h` and `df -h`. */
const UNIT_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
};

/** `">= 100MB"`, `"< 4KB"`, `0`: in bytes. */
export function readSize(reader: Reader, value: Value, what: string): Comparison | undefined {
  const text = reader.text(value, what);
  if (text === undefined) return undefined;
  const match = /^\s*(>=|<=|>|<|==)?\s*(\d{1,12}(?:\.\d+)?)\s*(B|KB|MB|GB|TB)?\s*$/.exec(text);
  if (match === null) {
    reader.refuse("CHP_RULES_SHAPE", `${what} must look like ">= 100MB"`, reader.place(value));
    return undefined;
  }
  const operator = COMPARISON_OPERATORS.find((one) => one === match[1]) ?? "==";
  return { operator, value: Number(match[2]) * (UNIT_BYTES[match[3] ?? "B"] ?? 1) };
}
