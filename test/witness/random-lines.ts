import fc from "fast-check";
import type { ShellName } from "../../src/session/shell-lab.testing.js";
import { KEY, type WitnessCase } from "./cases.js";

/** Lines as people mend them while they type: words, motions, cuts, recalls, completions. */
export function randomLines(shell: ShellName, count: number, seed: number): WitnessCase[] {
  const word = fc.constantFrom(...WORDS);
  const edits = shell === "dash" ? KERNEL_EDITS : [...EDITS, ...(MORE_EDITS[shell] ?? [])];
  const step = fc.oneof(
    { weight: 6, arbitrary: word.map((text) => `${text} `) },
    { weight: 2, arbitrary: word },
    { weight: 5, arbitrary: fc.constantFrom(...edits) },
    ...(shell === "dash" ? [] : [{ weight: 1, arbitrary: fc.constantFrom(...RECALLS) }]),
  );
  const line = fc.array(step, { minLength: 1, maxLength: 8 });
  return fc.sample(line, { numRuns: count, seed }).map((steps) => ({
    name: JSON.stringify(steps.join("")),
    steps: [`say ${steps[0] ?? ""}`, ...steps.slice(1), "\r"],
    in: [shell],
  }));
}

const WORDS = [
  "alpha",
  "beta-2",
  "/tmp/dir",
  "foo_bar",
  "x",
  "--long=value",
  "a.b/c",
  "Zoë",
  "日本",
];
const KERNEL_EDITS = [KEY.back, "\x17", "\x7f\x7f"];
const EDITS = [
  KEY.left,
  `${KEY.left}${KEY.left}`,
  KEY.right,
  KEY.back,
  "\x01\x06\x06\x06\x06",
  "\x05",
  "\x02",
  "\x06",
  "\x0b",
  "\x17",
  "x\x02\x04",
];
const MORE_EDITS: Readonly<Partial<Record<ShellName, readonly string[]>>> = {
  bash: [
    "\x1bb",
    "\x1bf",
    "\x1bd",
    "\x19",
    "\x14",
    "\x1bu",
    "\x1b\x7f",
    KEY.home,
    KEY.end,
    KEY.delete,
  ],
  zsh: ["\x1bb", "\x1bf", "\x1bd", "\x19", "\x14", "\x1bu", "\x1b\x7f"],
  fish: ["\x1bb", "\x1bd", "\x19", KEY.home, KEY.end, KEY.delete, "\x1b\x7f"],
  mksh: ["\x1bb", "\x1bf", "\x19"],
  ash: [KEY.home, KEY.end, KEY.delete],
};
const RECALLS = [KEY.up, `${KEY.up}${KEY.up}`, `${KEY.up}${KEY.down}`, "\t"];
