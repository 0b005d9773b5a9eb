import type { Instruction } from "./instruction.js";

/** Five buttons and the wheel. */
const BUTTONS_MAX = 127;

/** Whether it is a key that goes down. */
export function isPress({ opcode, args }: Instruction): boolean {
  return opcode === "key" && args[1] !== "0";
}

/** Strict: guacd reads numbers with atoi, and whoever reads otherwise sees another key. */
export function readKey({
  opcode,
  args,
}: Instruction): { keysym: number; pressed: boolean } | null {
  const [keysym = "", pressed] = args;
  if (opcode !== "key" || args.length !== 2 || !/^(?:0|[1-9]\d{0,9})$/.test(keysym)) return null;
  if (pressed !== "0" && pressed !== "1") return null;
  return { keysym: Number(keysym), pressed: pressed === "1" };
}

/** `buttons`: a mask of those that are down. Null where it is no instruction of guacd's form. */
export function readMouse({
  opcode,
  args,
}: Instruction): { x: number; y: number; buttons: number } | null {
  if (opcode !== "mouse" || args.length !== 3) return null;
  const [x, y, buttons] = args.map((arg) => (/^-?\d{1,6}$/.test(arg) ? Number(arg) : null));
  if (typeof x !== "number" || typeof y !== "number" || typeof buttons !== "number") return null;
  return buttons < 0 || buttons > BUTTONS_MAX ? null : { x, y, buttons };
}
