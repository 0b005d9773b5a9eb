import fc from "fast-check";
import type { ShellName } from "../../src/session/shell-lab.testing.js";
import { KEY, type Step, type WitnessCase } from "./cases.js";

/**
 * Habits of people who know their shell: cutting and yanking, arguments, undoing, case and order of
 * words, characters searched for, history by number, word and modifier, commands over several lines,
 * prompts that change, other keys for Enter, and lines that are given up.
 */
export function habitLines(shell: ShellName, count: number, seed: number): WitnessCase[] {
  const habits = HABITS.filter((habit) => habit.in.includes(shell));
  const one = fc.oneof(...habits.map(({ weight, steps }) => ({ weight, arbitrary: steps(shell) })));
  return fc
    .sample(fc.array(one, { minLength: 2, maxLength: 3 }), { numRuns: count, seed })
    .map((parts) => ({
      name: JSON.stringify(parts.flat()),
      steps: ["say first word-two /three/four.txt\r", ...parts.flat()],
      in: [shell],
      options: { files: FILES },
    }));
}

const FILES = { "alpha.txt": "", "alpine.txt": "", "beta file": "", "gamma-only": "" };

interface Habit {
  readonly in: readonly ShellName[];
  readonly weight: number;
  readonly steps: (shell: ShellName) => fc.Arbitrary<Step[]>;
}

const ALL: readonly ShellName[] = ["bash", "zsh", "fish", "mksh", "ash", "dash"];
const EDITORS = ALL.filter((shell) => shell !== "dash");
const READLINE: readonly ShellName[] = ["bash"];
const BANGS: readonly ShellName[] = ["bash", "zsh"];
const POSIX = ALL.filter((shell) => shell !== "fish");

const word = fc.constantFrom(
  ...[
    "alpha",
    "beta-2",
    "/tmp/dir/file.tar.gz",
    "foo_bar",
    "x",
    "--opt=value",
    "Zoë",
    "日本",
    "a.b",
  ],
  ...["'q r'", "LOUD", "Mixed", "été", "k=v", "3", "été日本", "🎉"],
);
/** mksh takes what lies beyond the Basic Multilingual Plane for bytes, and cuts it apart. */
const plain = word.filter((text) => !text.includes("🎉"));
const wordOf = (shell: ShellName): fc.Arbitrary<string> => (shell === "mksh" ? plain : word);
const words = (shell: ShellName, most = 4): fc.Arbitrary<string> =>
  fc.array(wordOf(shell), { minLength: 1, maxLength: most }).map((all) => all.join(" "));
const enter = fc.constantFrom("\r", "\r", "\r", "\r", "\n", "\x1bOM");
/** In fish and in mksh the keypad's Enter is not bound. */
const enterOf = (shell: ShellName): fc.Arbitrary<string> =>
  shell === "bash" ? enter : fc.constantFrom("\r", "\r", "\r", "\n");

const EMACS = [
  ...["\x01", "\x05", "\x02", "\x06", "\x0b", "\x15", "\x17", "\x19", "\x14", "\x04", "\x1f"],
  ...["\x1bb", "\x1bf", "\x1bd", "\x1b\x7f", "\x1bu", "\x1bl", "\x1bc", "\x1bt", "\x1by", "\x1b\\"],
  ...["\x18\x15", "\x18\x18", "\x1b ", "\x18\x7f", "\x1b<", "\x1b>", "\x1br", "\x1b.", "\x1b_"],
  ...["\x1b2\x1bb", "\x1b3\x02", "\x1b2\x1bd", "\x1b-\x1bu", "\x1b2\x14", "\x1b4x", "\x1b2\x17"],
  ...["\x1b1\x0b", "\x1b0\x1b.", "\x1b1\x1b.", "\x1b.\x1b.", "\x1b2\x1b\x7f", "\x1b-2\x1bf"],
  ...["\x1dx", "\x1b\x1da", "\x1da", "\x16\x01", "\x16\t", "\x1b\x19", "\x1b2\x1b\x19", "\x1b&"],
  ...["\x1b^", "\x1b\x05", "\x0c", "\x1b?", "\x1b=", "\x07", "\x1b*", "\x18*", "\x1b/", "\x1b!"],
  ...[KEY.home, KEY.end, KEY.delete, KEY.left, KEY.right, KEY.back, "\x1b[1;5D", "\x1b[1;5C"],
  ...[
    "\x18(ab\x18)\x18e",
    "\x19\x1by\x1by",
    "\x0b\x19\x19",
    "\x17\x17\x19",
    "\x15\x19",
    "\x1bd\x1bd\x19",
  ],
];

const editing = (shell: ShellName): fc.Arbitrary<Step[]> =>
  fc
    .tuple(
      words(shell),
      fc.array(
        fc.oneof(
          { weight: 3, arbitrary: fc.constantFrom(...EMACS) },
          { weight: 1, arbitrary: wordOf(shell).map((text) => `${text} `) },
        ),
        { minLength: 1, maxLength: 6 },
      ),
      enterOf(shell),
    )
    .map(([text, steps, end]) => [`say ${text}`, ...steps, end]);

const MODIFIED = [
  ...[
    "!!:s/a/b/",
    "!!:gs/o/0/",
    "say !$:h",
    "say !$:t",
    "say !$:r",
    "say !$:e",
    "say !!:0",
    "say !:1-2",
  ],
  ...[
    "say !:1*",
    "say !:2-",
    "say !:$",
    "say x !#",
    "say !?wor?:%",
    "^wor^WOR",
    "^wor^^",
    "!!:q",
    "!!:x",
  ],
  ...["say !-1:2", "!!:s/first/&-&/", "!!:s/two/2/:s/three/3/", "say !$:h:t"],
  ...["say a!", "say a! b", 'say "!$"', "say '!$'", "say \\!$", "say $'!!'", "say x=!$", "!!;!!"],
  ...["say !say:1", "say !?four", "say ^a^b", "say !*:s/o/0/", "say [!a]* ${!x}"],
];
const bang = (): fc.Arbitrary<Step[]> => fc.constantFrom(...MODIFIED).map((text) => [text, "\r"]);
const bangMended = (shell: ShellName): fc.Arbitrary<Step[]> =>
  fc
    .tuple(fc.constantFrom("!!", "!$", "say !*", "!say"), wordOf(shell))
    .map(([text, more]) => [`${text} x`, KEY.back, `${more} `, "\x01\x05", "\r"]);

const OVER_LINES: readonly (readonly Step[])[] = [
  ["say 'a\r", "b'\r"],
  ['say "a\r', '  b" c\r'],
  ["say a \\\r", "  b\r"],
  ["say a &&\r", "say b\r"],
  ["say a |\r", "cat\r"],
  ["for x in 1 2\r", "do say $x\r", "done\r"],
  ["if true; then\r", "say in\r", "fi\r"],
  ["while false; do\r", "say no\r", "done; say after\r"],
  ["{ say a\r", "say b; }\r"],
  ["(say a\r", "say b)\r"],
  ["cat <<EOF\r", "text one\r", "EOF\r"],
  ["cat <<'E' | cat\r", "$HOME text\r", "E\r", "say behind\r"],
  ["cat <<-T\r", "\x16\tin\r", "T\r"],
  ["f() {\r", "say f\r", "}\r", "f\r"],
  ["case x in\r", "x) say x;;\r", "esac\r"],
  ["say $(\r", "echo in)\r"],
  ["say a # it's\r"],
];
const overLines = (): fc.Arbitrary<Step[]> =>
  fc.constantFrom(...OVER_LINES).map((steps) => [...steps]);
const overLinesRecalled = (shell: ShellName): fc.Arbitrary<Step[]> =>
  fc
    .tuple(fc.constantFrom(...OVER_LINES.slice(0, 11)), wordOf(shell))
    .map(([steps, more]) => [...steps, KEY.up, "\x05", `; say ${more}`, "\r"]);

const PROMPTS = [
  "PS1='\\u@\\h:\\w\\$ '",
  "PS1='[\\u \\W \\!]\\$ '",
  "PS1='\\n\\w\\nlab> '",
  "PS1='\\[\\e[1;32m\\]lab\\[\\e[0m\\]> '",
  "PS1='\\t % '",
  "PS1='λ '",
  "PS1='$(echo sub)> '",
  "PS1='日本> '",
  "PS1='say> '",
  "PS1='lab> '",
  "PROMPT_COMMAND='__ran; echo status ok'",
  "PROMPT_COMMAND='__ran; printf \"(x) \"'",
  "PROMPT_COMMAND='__ran; printf \"\\e]0;title\\a\"'",
  "PROMPT_COMMAND='__ran'",
  "PS2='more: '",
];
const prompts = (shell: ShellName): fc.Arbitrary<Step[]> =>
  fc
    .tuple(
      fc.constantFrom(...PROMPTS),
      words(shell),
      wordOf(shell),
      fc.constantFrom("", "cd /tmp\r"),
    )
    .map(([set, text, more, cd]) => [
      `${set}\r`,
      ...(cd === "" ? [] : [cd]),
      `say ${text}`,
      KEY.back,
      "\r",
      KEY.up,
      ` ${more}`,
      "\r",
      `say 'a\r`,
      `${more}'\r`,
      "PS1='lab> ' PS2='> ' PROMPT_COMMAND=__ran; cd\r",
    ]);

const SEARCH_ENDS = [
  "\r",
  "\x05 more\r",
  "\x1b[D\x1b[Dx\r",
  "\x01\x06\x06y\r",
  "\x12\r",
  "\x07\x15say z\r",
  "\x1bf-\r",
];
const search = (shell: ShellName): fc.Arbitrary<Step[]> =>
  fc
    .tuple(
      words(shell),
      words(shell),
      fc.constantFrom("al", "say", "o", "日", "t", "first", "zz", "é"),
      fc.constantFrom(...SEARCH_ENDS),
    )
    .map(([a, b, what, end]) => [`say ${a}\r`, `say ${b}\r`, `\x12${what}`, end]);

const VI_KEYS = [
  "0",
  "$",
  "b",
  "w",
  "e",
  "x",
  "dw",
  "db",
  "D",
  "~",
  "rz",
  "u",
  "p",
  "P",
  "h",
  "l",
  "fx",
  ";",
  "X",
  "k",
  "j",
  "yw",
  "cwnew\x1b",
  "A end\x1b",
  "Istart \x1b",
  "ab\x1b",
  "2x",
  "3h",
];
const vi = (shell: ShellName): fc.Arbitrary<Step[]> =>
  fc
    .tuple(words(shell), fc.array(fc.constantFrom(...VI_KEYS), { minLength: 1, maxLength: 5 }))
    .map(([text, keys]) => [
      "set -o vi\r",
      `say ${text}`,
      "\x1b",
      ...keys,
      "\r",
      "\x1bccset -o emacs\r",
    ]);

const RECALLS = [
  [KEY.up, KEY.up, "\r"],
  [KEY.up, KEY.up, KEY.down, "\r"],
  ["say half", KEY.up, KEY.down, " done\r"],
  [KEY.up, "\x01\x1bd\x1bd", "\x01say ", "\r"],
  [KEY.up, KEY.up, "\x0f", "\r"],
  ["\x1b<", "\x0e", "\r"],
  [KEY.up, "\x17", KEY.up, KEY.down, "\r"],
  [KEY.up, "x", KEY.up, "y", KEY.down, "\r"],
];
const recalls = (): fc.Arbitrary<Step[]> => fc.constantFrom(...RECALLS).map((steps) => [...steps]);

const aheads = (shell: ShellName): fc.Arbitrary<Step[]> =>
  fc
    .tuple(words(shell, 2), fc.constantFrom("", "\x7f\x7f", "\x17zz", "\x15say u"), wordOf(shell))
    .map(([text, mend, more]) => [
      "sleep 0.25\r",
      { at: "once", keys: `say ${text}${mend}\r` },
      { at: "once", keys: `say ${more}\r` },
      "\r",
    ]);
const givenUp = (shell: ShellName): fc.Arbitrary<Step[]> =>
  fc
    .tuple(
      words(shell),
      fc.constantFrom("\x03", "\x15", "\x01\x0b", "\x12al\x03", "\x01#\r"),
      words(shell),
    )
    .map(([text, way, next]) => [`say ${text}`, way, `say ${next}`, "\r"]);
const pasted = (shell: ShellName): fc.Arbitrary<Step[]> =>
  fc
    .tuple(wordOf(shell), wordOf(shell), fc.boolean())
    .map(([a, b, bracketed]) => [
      { at: "once", keys: bracketed ? KEY.paste(`say ${a}\nsay ${b}`) : `say ${a}\rsay ${b}` },
      "\r",
    ]);
const FC = ["fc -s\r", "fc -s first=1st say\r", "fc -l -2\r"];
const fcs = (): fc.Arbitrary<Step[]> => fc.constantFrom(...FC).map((text) => ["say fixed\r", text]);

const HABITS: readonly Habit[] = [
  { in: ["bash", "zsh", "fish", "mksh"], weight: 8, steps: editing },
  { in: BANGS, weight: 4, steps: bang },
  { in: BANGS, weight: 1, steps: bangMended },
  { in: POSIX, weight: 3, steps: overLines },
  { in: READLINE, weight: 2, steps: overLinesRecalled },
  { in: READLINE, weight: 2, steps: prompts },
  { in: ["bash", "zsh"], weight: 3, steps: search },
  { in: READLINE, weight: 2, steps: vi },
  { in: EDITORS, weight: 3, steps: recalls },
  { in: ALL, weight: 2, steps: aheads },
  { in: ALL, weight: 2, steps: givenUp },
  { in: EDITORS, weight: 1, steps: pasted },
  { in: READLINE, weight: 1, steps: fcs },
];
