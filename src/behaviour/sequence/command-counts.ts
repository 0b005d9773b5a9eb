/**
 * How often one person runs what, and what after what: the whole memory of the sequence detector.
 * Bounded; what was not used for longest goes first.
 */
export interface CommandCounts {
  /** `before`: the command before it in the same session, null for the first. */
  learn(command: string, before: string | null): void;
  /** Commands learnt in all. */
  readonly total: number;
  /** Different commands known. */
  readonly kinds: number;
  of(command: string): number;
  /** How often `command` followed `before`. */
  following(before: string, command: string): number;
  /** How often anything followed `before`. */
  followed(before: string): number;
  /** Share (0..1) of the command among those learnt last; null before anything was learnt. */
  lately(command: string): number | null;
  commands(): IterableIterator<readonly [string, number]>;
  pairs(): IterableIterator<readonly [string, number]>;
  state(): CommandCountsState;
}

export interface CommandCountsState {
  /** Command and count, least recently used first. */
  readonly commands: readonly (readonly [string, number])[];
  /** Places of both commands in `commands`, and count; least recently used first. */
  readonly pairs: readonly (readonly [number, number, number])[];
  /** Places in `commands` of those learnt last, in order; absent in what was stored before they were kept. */
  readonly lately?: readonly number[];
}

/** Different commands of one person: administrators of the trials used up to 139. */
const COMMANDS_MAX = 600;
/** Different pairs; with the names below 56 KiB of JSON. */
const PAIRS_MAX = 2_400;
/** Learnt last: what somebody works at this week. Fewer than `COMMANDS_MAX`, so none of them is forgotten. */
const LATELY_COMMANDS = 125;
/** A longer name is cut: it is a path or a token, and its beginning says which. */
const COMMAND_CHARACTERS_MAX = 32;

export function createCommandCounts(saved?: CommandCountsState): CommandCounts {
  const commands = new Map<string, number>();
  const pairs = new Map<string, number>();
  const followers = new Map<string, number>();
  /** Command to the pairs it is in, so that a forgotten one takes them along. */
  const pairsWith = new Map<string, Set<string>>();
  const lately: string[] = [];
  const latelyCounts = new Map<string, number>();
  let total = 0;
  if (saved !== undefined) restore(saved);

  function learn(command: string, before: string | null): void {
    const name = cut(command);
    bump(commands, name, 1);
    total += 1;
    learnLately(name);
    if (before !== null) learnPair(cut(before), name, 1);
    while (commands.size > COMMANDS_MAX) forgetCommand();
    while (pairs.size > PAIRS_MAX) forgetPair();
  }

  function learnLately(name: string): void {
    lately.push(name);
    latelyCounts.set(name, (latelyCounts.get(name) ?? 0) + 1);
    if (lately.length <= LATELY_COMMANDS) return;
    const oldest = lately.shift() ?? "";
    const left = (latelyCounts.get(oldest) ?? 0) - 1;
    if (left > 0) latelyCounts.set(oldest, left);
    else latelyCounts.delete(oldest);
  }

  function learnPair(before: string, name: string, times: number): void {
    const pair = `${before}\t${name}`;
    bump(pairs, pair, times);
    link(before, pair);
    link(name, pair);
    followers.set(before, (followers.get(before) ?? 0) + times);
  }

  function forgetCommand(): void {
    for (const [name, count] of commands) {
      commands.delete(name);
      total -= count;
      // Pairs with a name that is gone could not be written down.
      for (const pair of pairsWith.get(name) ?? []) dropPair(pair);
      return;
    }
  }

  function forgetPair(): void {
    for (const pair of pairs.keys()) {
      dropPair(pair);
      return;
    }
  }

  function dropPair(pair: string): void {
    const tab = pair.indexOf("\t");
    const before = pair.slice(0, tab);
    unlink(before, pair);
    unlink(pair.slice(tab + 1), pair);
    const left = (followers.get(before) ?? 0) - (pairs.get(pair) ?? 0);
    if (left > 0) followers.set(before, left);
    else followers.delete(before);
    pairs.delete(pair);
  }

  function link(name: string, pair: string): void {
    const known = pairsWith.get(name);
    if (known === undefined) pairsWith.set(name, new Set([pair]));
    else known.add(pair);
  }

  function unlink(name: string, pair: string): void {
    const known = pairsWith.get(name);
    known?.delete(pair);
    if (known?.size === 0) pairsWith.delete(name);
  }

  function restore(state: CommandCountsState): void {
    for (const [name, count] of state.commands) {
      bump(commands, cut(name), count);
      total += count;
    }
    for (const [before, name, count] of state.pairs) {
      const from = state.commands[before]?.[0];
      const to = state.commands[name]?.[0];
      if (from !== undefined && to !== undefined) learnPair(cut(from), cut(to), count);
    }
    for (const place of state.lately ?? []) {
      const name = state.commands[place]?.[0];
      if (name !== undefined) learnLately(cut(name));
    }
  }

  function state(): CommandCountsState {
    const place = new Map([...commands.keys()].map((name, index) => [name, index]));
    return {
      commands: [...commands],
      pairs: [...pairs].map(([pair, count]) => {
        const tab = pair.indexOf("\t");
        return [place.get(pair.slice(0, tab)) ?? 0, place.get(pair.slice(tab + 1)) ?? 0, count];
      }),
      lately: lately.map((name) => place.get(name) ?? 0),
    };
  }

  return {
    learn,
    get total() {
      return total;
    },
    get kinds() {
      return commands.size;
    },
    of: (command) => commands.get(cut(command)) ?? 0,
    following: (before, command) => pairs.get(`${cut(before)}\t${cut(command)}`) ?? 0,
    followed: (before) => followers.get(cut(before)) ?? 0,
    lately: (command) =>
      lately.length === 0 ? null : (latelyCounts.get(cut(command)) ?? 0) / lately.length,
    commands: () => commands.entries(),
    pairs: () => pairs.entries(),
    state,
  };
}

/** Adds and moves the entry to the end: the order of a map is the order of last use. */
function bump(map: Map<string, number>, key: string, times: number): void {
  const count = map.get(key) ?? 0;
  map.delete(key);
  map.set(key, count + times);
}

/** Tabs separate the commands of a pair, so no name has one. */
function cut(command: string): string {
  const short =
    command.length > COMMAND_CHARACTERS_MAX ? command.slice(0, COMMAND_CHARACTERS_MAX) : command;
  return short.includes("\t") ? short.replaceAll("\t", " ") : short;
}
