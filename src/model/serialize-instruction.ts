import type { Instruction } from "./desktop.js";

/**
 * The one form an instruction has on the wire. Everything that is forwarded is written anew from what
 * was understood, never copied: what guacd and the browser read is what the rules have seen.
 */
export function serializeInstruction({ opcode, args }: Instruction): string {
  let text = element(opcode);
  for (const arg of args) text += `,${element(arg)}`;
  return `${text};`;
}

function element(value: string): string {
  return `${codePoints(value)}.${value}`;
}

const SURROGATE = /[\ud800-\udfff]/;

/** The protocol counts code points; a string's length counts UTF-16 units. */
function codePoints(value: string): number {
  if (!SURROGATE.test(value)) return value.length;
  return Array.from(value).length;
}
