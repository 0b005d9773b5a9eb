import { invariant } from "../../kernel/index.js";

/** `512KiB`, `100MiB`, `2GiB`; a bare number has no unit and is refused. */
export const SIZE = /^(?<amount>\d{1,9})(?<unit>KiB|MiB|GiB)$/;

const BYTES_PER_UNIT: Readonly<Record<string, number>> = {
  KiB: 1_024,
  MiB: 1_024 ** 2,
  GiB: 1_024 ** 3,
};

/** Bytes of a text whose form the schema has already checked. */
export function sizeBytes(text: string): number {
  const groups = SIZE.exec(text)?.groups;
  const perUnit = BYTES_PER_UNIT[groups?.["unit"] ?? ""];
  invariant(groups !== undefined && perUnit !== undefined, "the schema lets only sizes through");
  return Number(groups["amount"]) * perUnit;
}
