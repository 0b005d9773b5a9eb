import { isMap, isScalar } from "yaml";
import type { Value } from "./reader.js";

/** The key is there, though its value may have been refused: told once is enough. */
export function mentions(value: Value, key: string): boolean {
  return isMap(value) && value.items.some((pair) => isScalar(pair.key) && pair.key.value === key);
}
