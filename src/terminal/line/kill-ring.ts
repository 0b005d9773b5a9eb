/** What was cut, newest last; readline keeps ten. */
export interface KillRing {
  kill(
    chars: readonly string[],
    options: { readonly backward: boolean; readonly joined: boolean },
  ): void;
  current(): readonly string[] | null;
  /** Turns to the one before, for yank-pop. */
  rotate(): void;
}

/** readline's DEFAULT_MAX_KILLS. */
const KILLS_MAX = 10;
/** One kill never holds more than a line may. */
const KILL_CHARACTERS_MAX = 16 * 1024;

export function createKillRing(): KillRing {
  const kills: (readonly string[])[] = [];
  let index = -1;
  return {
    kill(chars, { backward, joined }) {
      const newest = kills.at(-1);
      if (joined && newest !== undefined) {
        const merged = backward ? [...chars, ...newest] : [...newest, ...chars];
        kills[kills.length - 1] = merged.slice(0, KILL_CHARACTERS_MAX);
      } else {
        kills.push(chars.slice(0, KILL_CHARACTERS_MAX));
        if (kills.length > KILLS_MAX) kills.shift();
      }
      index = kills.length - 1;
    },
    current: () => kills[index] ?? null,
    rotate() {
      index = index <= 0 ? kills.length - 1 : index - 1;
    },
  };
}
