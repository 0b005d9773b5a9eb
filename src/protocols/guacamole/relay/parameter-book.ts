import type { Fault, Result } from "../../../kernel/index.js";
import { askParameters, type GuacdAddress } from "./guacd.js";

/**
 * The names of guacd's parameters by protocol. Remembered, so that whoever has shown no token yet does
 * not make guacd start a process for every connection.
 */
export interface ParameterBook {
  of(protocol: string): Promise<Result<readonly string[], Fault>>;
}

/** guacd may be replaced by a newer one while we run. */
const REMEMBERED_MS = 60_000;

export function createParameterBook(guacd: GuacdAddress): ParameterBook {
  const known = new Map<
    string,
    { readonly askedMs: number; readonly names: Promise<Result<readonly string[], Fault>> }
  >();
  return {
    of(protocol) {
      const now = performance.now();
      const entry = known.get(protocol);
      if (entry !== undefined && now - entry.askedMs < REMEMBERED_MS) return entry.names;
      const names = askParameters(guacd, protocol).then((result) => {
        // A guacd that is away may be back in a moment.
        if (!result.ok) known.delete(protocol);
        return result;
      });
      known.set(protocol, { askedMs: now, names });
      return names;
    },
  };
}
