import type { CommandCounts } from "./command-counts.js";

/** What others run: everybody but the person, and the person's peers among them. */
export interface CommandCrowd {
  backgroundFor(person: string, groups?: readonly string[]): CommandBackground;
}

/** Probabilities under "somebody else". */
export interface CommandBackground {
  probability(command: string): number;
  /** Of `command` right after `before`; `alone` is `probability(command)`. */
  probabilityAfter(before: string, command: string, alone: number): number;
  /** What a newcomer may be expected to run: the peers' habits, over everybody's. */
  peerProbability(command: string, anybody: number): number;
}

export interface CommandCrowdMember {
  readonly person: string;
  readonly groups: readonly string[];
  readonly counts: CommandCounts;
}

/** People whose habits are added up; give the most active first. */
const MEMBERS_MAX = 1_000;
/** What nobody was seen to run is possible, but hardly: parts of one observation. */
const UNSEEN_WEIGHT = 0.01;
/** A command's overall share counts as so many observations of what follows another. */
const ALONE_WEIGHT = 5;
/** Everybody's habits count as so many commands of the peers. */
const ANYBODY_WEIGHT = 200;

interface Totals {
  readonly commands: Map<string, number>;
  readonly pairs: Map<string, number>;
  readonly followed: Map<string, number>;
  total: number;
}

export function createCommandCrowd(members: readonly CommandCrowdMember[]): CommandCrowd {
  const known = members.slice(0, MEMBERS_MAX);
  const everybody = addUp(known);
  return {
    backgroundFor(person, groups = []) {
      const own = known.find((member) => member.person === person);
      const mine = own === undefined ? NOTHING : addUp([own]);
      const peers = known.filter(
        (member) =>
          member.person !== person && member.groups.some((group) => groups.includes(group)),
      );
      return createBackground(everybody, mine, addUp(peers));
    },
  };
}

function createBackground(everybody: Totals, own: Totals, peers: Totals): CommandBackground {
  const total = everybody.total - own.total;
  // One more for all that was never seen.
  const kinds = everybody.commands.size + 1;
  const without = (from: Map<string, number>, mine: Map<string, number>, key: string): number =>
    (from.get(key) ?? 0) - (mine.get(key) ?? 0);
  return {
    probability: (command) =>
      (without(everybody.commands, own.commands, command) + UNSEEN_WEIGHT) /
      (total + UNSEEN_WEIGHT * kinds),
    probabilityAfter: (before, command, alone) =>
      (without(everybody.pairs, own.pairs, `${before}\t${command}`) + ALONE_WEIGHT * alone) /
      (without(everybody.followed, own.followed, before) + ALONE_WEIGHT),
    peerProbability: (command, anybody) =>
      ((peers.commands.get(command) ?? 0) + ANYBODY_WEIGHT * anybody) /
      (peers.total + ANYBODY_WEIGHT),
  };
}

const NOTHING: Totals = addUp([]);

function addUp(members: readonly CommandCrowdMember[]): Totals {
  const sum: Totals = { commands: new Map(), pairs: new Map(), followed: new Map(), total: 0 };
  for (const { counts } of members) {
    sum.total += counts.total;
    for (const [command, count] of counts.commands()) add(sum.commands, command, count);
    for (const [pair, count] of counts.pairs()) {
      add(sum.pairs, pair, count);
      add(sum.followed, pair.slice(0, pair.indexOf("\t")), count);
    }
  }
  return sum;
}

function add(map: Map<string, number>, key: string, count: number): void {
  map.set(key, (map.get(key) ?? 0) + count);
}
