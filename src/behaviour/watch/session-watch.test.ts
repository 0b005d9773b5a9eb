import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { micros, type Micros } from "../../kernel/index.js";
import { createSeededRandom, seed } from "../../testing/index.js";
import type { BehaviourProfile } from "../behaviour-profile.js";
import { createSiteHabits, SessionWatch } from "./index.js";

const OWN = ["psql <text>", "pg_dump <text>", "ls", "cd /var/*", "vi <file>", "tail -f <path>"];
const FOREIGN = ["id", "nc <host>", "useradd <text>", "chmod <number>", "curl <url>", "tar xf"];
const NOON: Micros = micros(1_000_000);

/** Commands in an order that has favourites. */
function work(words: readonly string[], commands: number, draw: number): readonly string[] {
  const random = createSeededRandom(draw);
  let at = 0;
  return Array.from({ length: commands }, () => {
    at = random.next() < 0.7 ? (at + 1) % words.length : random.below(words.length);
    return words[at] ?? "ls";
  });
}

function watchOf(
  person: string,
  stored: BehaviourProfile,
  others: BehaviourProfile[],
): SessionWatch {
  const site = createSiteHabits(() =>
    [stored, ...others].map((profile, index) => ({
      person: index === 0 ? person : `other-${String(index)}`,
      groups: [],
      profile,
    })),
  );
  const watch = new SessionWatch({ person, groups: [] }, site);
  watch.learnt(stored);
  return watch;
}

function taught(
  words: readonly string[],
  stored: BehaviourProfile = { version: 1 },
): BehaviourProfile {
  const watch = watchOf("newcomer", stored, []);
  for (const word of words) watch.ran([word], NOON);
  watch.proved();
  return watch.lesson(NOON, true) ?? stored;
}

const alice = taught(work(OWN, 400, 1), taught(work(OWN, 400, 2)));
const bob = taught(work(FOREIGN, 400, 3));
const habits = (profile: BehaviourProfile | null): unknown => [
  profile?.sequence?.counts,
  profile?.sequence?.usual,
  profile?.keystroke,
];

describe("a session that ends without the proof that it owes", () => {
  it("teaches nothing, not even the stretches that looked like the person", () => {
    const stretch = fc.record({ own: fc.boolean(), commands: fc.nat(130), draw: fc.nat(99) });
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 4 }), (stretches) => {
        const watch = watchOf("alice", alice, [bob]);
        for (const { own, commands, draw } of stretches) {
          for (const word of work(own ? OWN : FOREIGN, commands, draw)) watch.ran([word], NOON);
        }
        expect(habits(watch.lesson(NOON, false))).toEqual(habits(alice));
      }),
      { seed, numRuns: 30 },
    );
  });

  it("leaves its suspicion to the next, whatever was learnt before it", () => {
    const watch = watchOf("alice", alice, [bob]);
    for (const word of work(FOREIGN, 60, 5)) watch.ran([word], NOON);
    const left = watch.lesson(NOON, false);
    expect(left?.sequence?.evidence).toBeGreaterThan(40);
  });

  it("keeps what a proof had confirmed, and nothing after it", () => {
    const watch = watchOf("alice", alice, [bob]);
    for (const word of work(["git pull", "ls"], 40, 6)) watch.ran([word], NOON);
    watch.proved();
    for (const word of work(["nc <host>", "ls"], 40, 7)) watch.ran([word], NOON);
    const names = watch.lesson(NOON, false)?.sequence?.counts.commands.map(([word]) => word);
    expect(names).toContain("git pull");
    expect(names).not.toContain("nc <host>");
  });
});

describe("a session that is accepted", () => {
  it("teaches what looked like the person", () => {
    const watch = watchOf("alice", alice, [bob]);
    for (const word of work(OWN, 250, 8)) watch.ran([word], NOON);
    const counts = watch.lesson(NOON, true)?.sequence?.counts.commands ?? [];
    const total = counts.reduce((sum, [, count]) => sum + count, 0);
    expect(total).toBeGreaterThan(800);
  });
});
