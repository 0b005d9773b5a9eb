import type { Instruction } from "../../../model/index.js";

export type { Instruction };

/** `from-client`: towards the desktop; `from-server`: towards the person. */
export type Direction = "from-client" | "from-server";

export function instruction(opcode: string, ...args: readonly string[]): Instruction {
  return { opcode, args };
}

/** Status codes of the protocol that a refusal is answered with. */
export const STATUS = {
  success: 0,
  /** The stream is longer than may pass. */
  tooLong: 781,
  forbidden: 771,
  badRequest: 768,
} as const;
