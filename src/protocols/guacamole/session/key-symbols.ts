/** Keys that are no characters, by the names of their timings; keysymdef.h. */
const SYMBOLS: ReadonlyMap<string, number> = new Map([
  ["Backspace", 0xff08],
  ["Tab", 0xff09],
  ["Enter", 0xff0d],
  ["Escape", 0xff1b],
  ["Home", 0xff50],
  ["Left", 0xff51],
  ["Up", 0xff52],
  ["Right", 0xff53],
  ["Down", 0xff54],
  ["PageUp", 0xff55],
  ["PageDown", 0xff56],
  ["End", 0xff57],
  ["Insert", 0xff63],
  ["Delete", 0xffff],
]);

const UNICODE = 0x0100_0000;

/** The keysym of a character or of a named key; null: a combination, which has none. */
export function keysymOf(key: string): number | null {
  const named = SYMBOLS.get(key);
  if (named !== undefined) return named;
  const [character, ...more] = Array.from(key);
  const point = character?.codePointAt(0);
  if (point === undefined || more.length > 0) return null;
  return (point >= 0x20 && point <= 0x7e) || (point >= 0xa0 && point <= 0xff)
    ? point
    : UNICODE + point;
}
