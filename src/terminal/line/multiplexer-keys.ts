import { CONTROL, type Key } from "../keys/index.js";
import type { Witnesses } from "./witnesses.js";

/** Ctrl-B of tmux and Ctrl-A of screen, and the key behind: another window may be shown then. */
export interface MultiplexerKeys {
  /** The key most likely never comes to a shell. */
  takes(key: Key): boolean;
}

export function createMultiplexerKeys({ context, screen, trust }: Witnesses): MultiplexerKeys {
  let prefixed = false;
  return {
    takes(key) {
      const behind = prefixed;
      prefixed = false;
      if (!context.multiplexed || !screen.alternate) return false;
      // The multiplexer's own command line, which can give every key another meaning.
      if (behind && key.kind === "text" && key.text === ":") trust.launched([], true);
      prefixed = !behind && key.kind === "control" && PREFIX_KEYS.has(key.code);
      return behind || prefixed;
    },
  };
}

const PREFIX_KEYS: ReadonlySet<number> = new Set([CONTROL.a, CONTROL.b]);
