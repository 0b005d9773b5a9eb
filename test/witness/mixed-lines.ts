import fc from "fast-check";
import type { ShellName } from "../../src/session/shell-lab.testing.js";
import { KEY, type Step, type WitnessCase } from "./cases.js";

/**
 * What a person does in an hour, in a few lines: editing, history, completion, searches, pastes, characters
 * of all widths, resizing, output beside the line, and typing ahead, in any mixture.
 */
export function mixedLines(shell: ShellName, count: number, seed: number): WitnessCase[] {
  const line = fc.oneof(
    { weight: 16, arbitrary: fc.tuple(word(shell), edits(shell, 7)).map(edited) },
    {
      weight: 3,
      arbitrary: edits(shell, 3).map((steps): Step[] => [recall(shell), ...steps, "\r"]),
    },
    { weight: 2, arbitrary: bang(shell).map((text): Step[] => [text, "\r"]) },
    { weight: 2, arbitrary: fc.tuple(word(shell), word(shell)).map(ahead) },
    { weight: 1, arbitrary: fc.tuple(word(shell), word(shell)).map(both) },
    { weight: 1, arbitrary: fc.tuple(word(shell), word(shell)).map(disturbed(shell)) },
    { weight: 1, arbitrary: word(shell).map((text): Step[] => [`say ${text}`, "\x03"]) },
  );
  return fc.sample(fc.tuple(line, line), { numRuns: count, seed }).map(([one, two]) => ({
    name: JSON.stringify([...one, ...two]),
    steps: ["say before one\r", ...one, ...two],
    in: [shell],
    options: { files: FILES },
  }));
}

export const FILES = { "alpha.txt": "", "alpine.txt": "", "beta file": "", "gamma-only": "" };
const WORDS = [
  "alpha beta-2 /tmp/dir foo_bar x --long=value a.b/c gam al x=1 + 1.5 *.none".split(" "),
  ["Zoë", "日本", "한글", "ﬀ", "e\u0301te", "🎉", "👍🏽", '"q r"', "'two words'", "a\\ b"],
].flat();
/** The others tell their words, and not what stood for them. */
const EXPANDED = ["$HOME", "~"];
const TELLING: readonly ShellName[] = ["bash", "zsh", "fish"];
/** mksh takes what lies beyond the Basic Multilingual Plane for bytes, and cuts it apart. */
const beyond = (text: string): boolean => /[\u{10000}-\u{10ffff}]/u.test(text);

export function word(shell: ShellName): fc.Arbitrary<string> {
  const words = TELLING.includes(shell) ? [...WORDS, ...EXPANDED] : WORDS;
  return fc.constantFrom(...(shell === "mksh" ? words.filter((one) => !beyond(one)) : words));
}

const KERNEL = [KEY.back, `${KEY.back}${KEY.back}`, "\x17"];
const EVERYWHERE = [
  ...["\x01", "\x05", "\x02", "\x06", "\x0b", "\x15", "\x17", "\x04", KEY.left, KEY.right],
  ...[KEY.back, `${KEY.left}${KEY.left}`, `${KEY.back}${KEY.back}${KEY.back}`],
];
const BY_WORDS = ["\x1bb", "\x1bf", "\x1bd", "\x19", "\x14", "\x1bu", "\x1bl", "\x1bc", "\x1b\x7f"];
const NAMED = [KEY.home, KEY.end, KEY.delete];
const KEYS: Readonly<Record<ShellName, readonly string[]>> = {
  bash: [...EVERYWHERE, ...BY_WORDS, ...NAMED, "\x1bt", "\x1f", "\x1by", "\x1b.", "\x0c"],
  zsh: [...EVERYWHERE, ...BY_WORDS, "\x1bt", "\x1f", "\x1by", "\x1b.", "\x0c"],
  fish: [...EVERYWHERE, ...BY_WORDS, ...NAMED, "\x1b.", "\x0c", "\x1a"],
  mksh: [...EVERYWHERE, "\x1bb", "\x1bf", "\x19"],
  ash: [...EVERYWHERE, ...NAMED],
  dash: KERNEL,
};
const RECALLS = [KEY.up, `${KEY.up}${KEY.up}`, `${KEY.up}${KEY.down}`, "\x10", "\x0e", KEY.down];
const COMPLETIONS = ["\t", " al\t", " gam\t", " bet\t", "\t\t"];
const SEARCHES = ["\x12al", "\x12say", "\x12x\x07", "\x12al\x05"];
const SIZES: readonly Step[] = [{ resize: [60, 20] }, { resize: [48, 24] }, { resize: [100, 24] }];

export function edits(shell: ShellName, most: number): fc.Arbitrary<Step[]> {
  const plain = ["dash", "ash", "mksh"].includes(shell);
  const choices: { weight: number; arbitrary: fc.Arbitrary<Step> }[] = [
    { weight: 8, arbitrary: word(shell).map((text) => `${text} `) },
    { weight: 3, arbitrary: word(shell) },
    { weight: 8, arbitrary: fc.constantFrom(...KEYS[shell]) },
    {
      weight: 2,
      arbitrary: word(shell).map((text) => ({ at: "once", keys: plain ? text : KEY.paste(text) })),
    },
  ];
  if (shell !== "dash") {
    choices.push({ weight: 2, arbitrary: fc.constantFrom(...RECALLS) });
    choices.push({ weight: 2, arbitrary: fc.constantFrom(...COMPLETIONS) });
    choices.push({ weight: 1, arbitrary: fc.constantFrom(...SIZES) });
  }
  if (shell === "bash" || shell === "zsh") {
    choices.push({ weight: 1, arbitrary: fc.constantFrom(...SEARCHES) });
  }
  return fc.array(fc.oneof(...choices), { minLength: 1, maxLength: most });
}

function bang(shell: ShellName): fc.Arbitrary<string> {
  if (shell !== "bash" && shell !== "zsh") return fc.constant("say z");
  return fc.constantFrom("say !$", "!!", "say !*", "!say", "!-2", "say !:1", "!! more", "say '!x'");
}

const recall = (shell: ShellName): string => (shell === "dash" ? "say c" : KEY.up);
const edited = ([text, steps]: [string, Step[]]): Step[] => [`say ${text} `, ...steps, "\r"];
const ahead = ([a, b]: [string, string]): Step[] => [
  "sleep 0.15\r",
  { at: "once", keys: `say ${a} ${b}\r` },
  { see: "lab>" },
];
const both = ([a, b]: [string, string]): Step[] => [{ at: "once", keys: `say ${a}\rsay ${b}\r` }];
const disturbed =
  (shell: ShellName) =>
  ([a, b]: [string, string]): Step[] => {
    const job =
      shell === "fish" ? "sh -c 'sleep 0.2; echo noi''se' &" : "(sleep 0.2; echo noi''se) &";
    return [`${job}\r`, `say ${a}`, { see: "noise" }, ` ${b}\r`];
  };
