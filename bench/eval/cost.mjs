// CPU time per key and per command with a full crowd of synthetic people: no person's data.
import {
  closeKeystrokeProfile,
  createCommandCounts,
  createCommandCrowd,
  createCrowd,
  createKeystrokeDetector,
  createSequenceDetector,
  learnSample,
  openKeystrokeProfile,
} from "../../dist/behaviour/index.js";
import { cut } from "./data.mjs";
import { createRandom } from "./random.mjs";

const PEOPLE = 64;
const KEYS = 50_000;
const COMMANDS = 50_000;
const ROUNDS = 10;

export function measureCost() {
  const random = createRandom(7);
  const type = (keys) =>
    Array.from({ length: keys }, (_, i) => ({
      key: "etaoinshrdlucmfwypvbgkjq "[Math.floor(25 * random.next() ** 2)],
      at: i * 150_000 + Math.floor(random.next() * 90_000),
    }));
  const members = Array.from({ length: PEOPLE }, (_, person) => {
    const profile = openKeystrokeProfile();
    learnSample(profile, { phrase: null, presses: type(2_000) });
    return { person: `p${person}`, ...profile };
  });
  const crowd = createCrowd(members);
  const profile = closeKeystrokeProfile(members[0]);
  const detector = createKeystrokeDetector({ person: "p0", crowd }, { profile });
  for (const press of type(5_000)) detector.press(press);
  const keys = type(KEYS);
  const perKey = leastMicros(keys, (press) => detector.press(press));

  const words = (count) =>
    Array.from({ length: count }, () => `command-${Math.floor(400 * random.next() ** 3)}`);
  const commandMembers = Array.from({ length: PEOPLE }, (_, person) => {
    const counts = createCommandCounts();
    let before = null;
    for (const word of words(2_000)) {
      counts.learn(word, before);
      before = word;
    }
    return { person: `p${person}`, groups: [], counts };
  });
  const sequence = createSequenceDetector({
    person: "p0",
    crowd: createCommandCrowd(commandMembers),
  });
  const commands = words(COMMANDS);
  const perCommand = leastMicros(commands, (word) => sequence.command(word));
  // As large as it gets: everything is taken for the person's.
  for (const [index, word] of words(COMMANDS).entries()) {
    sequence.command(`${word} --with ${index % 7}`);
    if (index % 50 === 49) sequence.confirm();
  }
  const size = (value) => `${(JSON.stringify(value).length / 1024).toFixed(0)} KiB`;
  return [
    row("CPU time per key, 64 people compared with", `${perKey.toFixed(1)} us`, "50 us"),
    row("CPU time per command", `${perCommand.toFixed(1)} us`, "50 us"),
    row("profile of typing after 57,000 keys", size(detector.profile()), "64 KiB"),
    row(
      "profile of commands after 100,000, as many kinds as are kept",
      size(sequence.profile()),
      "64 KiB",
    ),
  ];
}

/** CPU time of one, us; the least of ten rounds. */
function leastMicros(all, work) {
  let least = Infinity;
  for (const round of cut(all, all.length / ROUNDS)) {
    const from = process.cpuUsage();
    for (const one of round) work(one);
    const { user, system } = process.cpuUsage(from);
    least = Math.min(least, (user + system) / round.length);
  }
  return least;
}

function row(what, value, bar) {
  return { what, value, bar, before: "" };
}
