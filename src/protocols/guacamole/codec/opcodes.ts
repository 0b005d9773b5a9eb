import { err, fault, ok, type Fault, type Result } from "../../../kernel/index.js";
import type { Instruction } from "../../../model/index.js";

/** Who sends. */
export type Sender = "person" | "target";

/** Form of one argument: `int` is a canonical decimal number, with a sign where it may have one. */
type Form = "int" | "number" | "text";

interface Shape {
  readonly args: readonly Form[];
  /** Arguments that may be left out, at the end. */
  readonly optional?: readonly Form[];
  /** Any number of further arguments of this form. */
  readonly rest?: Form;
}

const STREAMED: Readonly<Record<string, Shape>> = {
  ack: { args: ["int", "text", "int"] },
  blob: { args: ["int", "text"] },
  end: { args: ["int"] },
  clipboard: { args: ["int", "text"] },
  file: { args: ["int", "text", "text"] },
  pipe: { args: ["int", "text", "text"] },
  argv: { args: ["int", "text", "text"] },
  body: { args: ["int", "int", "text", "text"] },
  nop: { args: [] },
  disconnect: { args: [] },
};

/**
 * What may be said once a connection stands. An opcode that is not here is dropped: what it would do is
 * not known to any rule. Sources: the protocol reference of the Guacamole manual, chapter "Guacamole
 * protocol reference", and the handlers of guacd (user-handlers.c) and guacamole-common-js (Client.js).
 */
const FROM_PERSON: Readonly<Record<string, Shape>> = {
  ...STREAMED,
  key: { args: ["int", "int"] },
  mouse: { args: ["int", "int", "int"] },
  touch: { args: ["int", "int", "int", "int", "int", "number", "number"] },
  size: { args: ["int", "int"], optional: ["int"] },
  sync: { args: ["int"], optional: ["int"] },
  audio: { args: ["int", "text"] },
  put: { args: ["int", "int", "text", "text"] },
  get: { args: ["int", "text"] },
};

const FROM_TARGET: Readonly<Record<string, Shape>> = {
  ...STREAMED,
  arc: {
    args: ["int", "int", "int", "int", "number", "number", "int"],
  },
  audio: { args: ["int", "text"] },
  cfill: { args: ["int", "int", "int", "int", "int", "int"] },
  clip: { args: ["int"] },
  close: { args: ["int"] },
  copy: { args: ["int", "int", "int", "int", "int", "int", "int", "int", "int"] },
  cstroke: { args: ["int", "int", "int", "int", "int", "int", "int", "int", "int"] },
  cursor: { args: ["int", "int", "int", "int", "int", "int", "int"] },
  curve: { args: ["int", "int", "int", "int", "int", "int", "int"] },
  dispose: { args: ["int"] },
  distort: {
    args: ["int", "number", "number", "number", "number", "number", "number"],
  },
  error: { args: ["text", "int"] },
  filesystem: { args: ["int", "text"] },
  identity: { args: ["int"] },
  img: { args: ["int", "int", "int", "text", "int", "int"] },
  lfill: { args: ["int", "int", "int"] },
  line: { args: ["int", "int", "int"] },
  log: { args: ["text"] },
  lstroke: { args: ["int", "int", "int", "int", "int", "int"] },
  mouse: { args: ["int", "int"], optional: ["int", "int"] },
  move: { args: ["int", "int", "int", "int", "int"] },
  msg: { args: ["int"], rest: "text" },
  pop: { args: ["int"] },
  push: { args: ["int"] },
  rect: { args: ["int", "int", "int", "int", "int"] },
  required: { args: [], rest: "text" },
  reset: { args: ["int"] },
  set: { args: ["int", "text", "text"] },
  shade: { args: ["int", "int"] },
  size: { args: ["int", "int", "int"] },
  start: { args: ["int", "int", "int"] },
  sync: { args: ["int"], optional: ["int"] },
  transfer: { args: ["int", "int", "int", "int", "int", "int", "int", "int", "int"] },
  transform: {
    args: ["int", "number", "number", "number", "number", "number", "number"],
  },
  undefine: { args: ["int"] },
  video: { args: ["int", "int", "text"] },
};

const OPCODES: Readonly<Record<Sender, ReadonlyMap<string, Shape>>> = {
  person: new Map(Object.entries(FROM_PERSON)),
  target: new Map(Object.entries(FROM_TARGET)),
};

/** No leading zeros, no `-0`, no blanks; small enough for every counter of guacd (64 bits). */
const INT = /^(?:0|-?[1-9]\d{0,17})$/;
const NUMBER = /^-?(?:0|[1-9]\d{0,17})(?:\.\d{1,20})?(?:e[+-]?\d{1,3})?$/i;

export function isKnownOpcode(opcode: string, from: Sender): boolean {
  return OPCODES[from].has(opcode);
}

/** `unknown`: it is dropped. A fault: whoever sends this is broken or wants to be misunderstood. */
export function checkInstruction(
  instruction: Instruction,
  from: Sender,
): Result<"known" | "unknown", Fault> {
  const shape = OPCODES[from].get(instruction.opcode);
  if (shape === undefined) return ok("unknown");
  const forms = [...shape.args, ...(shape.optional ?? [])];
  const { args } = instruction;
  const many = shape.rest !== undefined ? Infinity : forms.length;
  if (args.length < shape.args.length || args.length > many) {
    return err(
      fault("CHP_GUACAMOLE_ARGUMENT", `${instruction.opcode} has ${args.length} arguments`),
    );
  }
  for (let index = 0; index < args.length; index += 1) {
    const form = forms[index] ?? shape.rest ?? "text";
    const arg = args[index] ?? "";
    const good = form === "text" || (form === "int" ? INT : NUMBER).test(arg);
    if (!good) {
      const which = `argument ${index + 1} of ${instruction.opcode}`;
      return err(fault("CHP_GUACAMOLE_ARGUMENT", `${which} is not a number`));
    }
  }
  return ok("known");
}
