import { micros } from "../kernel/index.js";
import { createSeededRandom, type SeededRandom } from "../testing/index.js";
import type { KeyPress } from "./keystroke/rhythm.js";

/** A synthetic person at a keyboard: a habit for each pair of keys, and a hand that varies. */
export interface Typist {
  /** The next keys, going on from where the last call ended. */
  type(keys: number): KeyPress[];
  phrase(text: string): KeyPress[];
}

const WORDS =
  "sudo systemctl status restart nginx journalctl tail grep error log deploy config server user the and for with from that this have list show".split(
    " ",
  );

/** Different `person` numbers are different people; `seed` varies what they happen to type. */
export function createTypist(person: number, seed: number): Typist {
  const habits = new Map<string, number>();
  const habitsRandom = createSeededRandom(person * 7_919 + 13);
  const tempo = 0.85 + 0.3 * habitsRandom.next();
  const random = createSeededRandom(seed * 104_729 + person);
  let at = 1_000_000;
  let text = "";
  let last = " ";

  function gapMs(pair: string): number {
    let habit = habits.get(pair);
    if (habit === undefined) {
      // The habit depends on the pair alone, not on when it was first typed.
      habit = 160 * tempo * Math.exp(0.45 * gaussian(createSeededRandom(hash(pair) + person * 31)));
      habits.set(pair, habit);
    }
    return habit * Math.exp(0.25 * gaussian(random));
  }

  function press(key: string): KeyPress {
    at += Math.round(gapMs(last + key) * 1_000);
    last = key;
    return { key, at: micros(at) };
  }

  return {
    type: (keys) =>
      Array.from({ length: keys }, () => {
        if (text === "") text = `${random.pick(WORDS)} `;
        const key = text.charAt(0);
        text = text.slice(1);
        return press(key);
      }),
    phrase(written) {
      at += 5_000_000;
      return Array.from(written, press);
    },
  };
}

function gaussian(random: SeededRandom): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

function hash(text: string): number {
  let value = 17;
  for (const char of text) value = (Math.imul(value, 31) + (char.codePointAt(0) ?? 0)) | 0;
  return value >>> 0;
}
