/** One parsed instruction; numbers are still text, as they came. */
export interface Instruction {
  readonly opcode: string;
  readonly args: readonly string[];
}

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
