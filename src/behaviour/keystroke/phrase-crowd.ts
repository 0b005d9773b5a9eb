import { columnSpreads, type PhraseBook, type PhraseSample } from "./phrase-book.js";

/** How others type the same phrase: what a person's own repetitions are compared against. */
export interface PhraseCrowd {
  /** Everybody but `person` who types the phrase, a bounded choice of repetitions each. */
  othersOf(person: string, phrase: string): PhraseOthers | null;
}

export interface PhraseOthers {
  readonly people: readonly (readonly PhraseSample[])[];
  /** How much one person varies in each time, averaged over the people: pairs first, then holds. */
  readonly spreads: readonly number[];
}

/** Repetitions of each other person that are compared with: evenly chosen over all. */
const SAMPLES_PER_PERSON = 40;
/** With fewer people an average is one person's habit. */
const PEOPLE_MIN = 3;
const PEOPLE_MAX = 32;

interface Member {
  readonly person: string;
  readonly phrases?: PhraseBook;
}

export function createPhraseCrowd(members: readonly Member[]): PhraseCrowd {
  const made = new Map<string, PhraseOthers | null>();
  return {
    othersOf(person, phrase) {
      const key = `${person}\t${phrase}`;
      const known = made.get(key);
      if (known !== undefined) return known;
      const others = gather(members, person, phrase);
      made.set(key, others);
      return others;
    },
  };
}

function gather(members: readonly Member[], person: string, phrase: string): PhraseOthers | null {
  const people = members
    .filter((member) => member.person !== person)
    .map((member) => member.phrases?.samples(phrase) ?? [])
    .filter((samples) => samples.length > 0)
    .slice(0, PEOPLE_MAX);
  if (people.length < PEOPLE_MIN) return null;
  const width = widthOf(people[0]?.[0]);
  const alike = people.filter((samples) => samples.every((sample) => widthOf(sample) === width));
  if (alike.length < PEOPLE_MIN) return null;
  const spreads = alike.map((samples) => columnSpreads(samples.map(times)));
  return {
    people: alike.map(chosen),
    spreads: Array.from(
      { length: width },
      (_, column) => spreads.reduce((sum, one) => sum + (one[column] ?? 0), 0) / spreads.length,
    ),
  };
}

function chosen(samples: readonly PhraseSample[]): readonly PhraseSample[] {
  const step = Math.max(1, Math.floor(samples.length / SAMPLES_PER_PERSON));
  return samples.filter((_, index) => index % step === 0).slice(0, SAMPLES_PER_PERSON);
}

/** Pairs first, then holds. */
export function times(sample: PhraseSample): readonly number[] {
  return sample.holds.length === 0 ? sample.pairs : [...sample.pairs, ...sample.holds];
}

function widthOf(sample: PhraseSample | undefined): number {
  return sample === undefined ? 0 : sample.pairs.length + sample.holds.length;
}
