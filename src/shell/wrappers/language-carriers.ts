import type { LanguageName } from "../foreign/language.js";
import type { Carrier } from "./carrier.js";

type CarrierRow = readonly [string, readonly Carrier[]];

const DELETING = /\bfile\s+delete\s+(?:-force\s+)?(?:--\s+)?([^\];}]+)/;
/** `file delete -force PATH` removes what is below, too. */
export const TCL: readonly Carrier[] = [
  { lines: true, pattern: DELETING, before: "rm -r " },
  { options: ["-c"], pattern: DELETING, before: "rm -r " },
];

const COMMAND_OPTIONS = ["-c", "-Command", "-command", "/c", "-C"];
/** `Remove-Item -Recurse PATH`: the letters of the option are among those of rm. */
const REMOVING = /\b(?:Remove-Item|ri|rd|del|erase)\s([^;|]+)/i;
const powershell: readonly Carrier[] = [
  { options: COMMAND_OPTIONS },
  { lines: true },
  { options: COMMAND_OPTIONS, pattern: REMOVING, before: "rm " },
  { lines: true, pattern: REMOVING, before: "rm " },
];

/** Languages of which only calls and texts are read: a program in an option, or one that is fed. */
const CALLING =
  "elixir iex scala kotlin ocaml ghc runghc crystal nim raku perl6 janet dart swift v nu".split(
    " ",
  );
const LISPS =
  "guile sbcl racket clisp scheme mit-scheme chicken csi gsi ecl bb clojure clj gosh".split(" ");
const TEXT_OPTIONS = ["-e", "--eval", "-eval", "-c", "-x", "-E"];

function rowsOf(names: readonly string[], language: LanguageName): readonly CarrierRow[] {
  const carriers: readonly Carrier[] = [
    { options: TEXT_OPTIONS, language },
    { read: true, language },
  ];
  return names.map((name) => [name, carriers]);
}

/** Programs that run programs of other languages than the shell's, beside the interpreters. */
export const LANGUAGE_CARRIERS: readonly CarrierRow[] = [
  ...rowsOf(CALLING, "other"),
  ...rowsOf(LISPS, "lisp"),
  ["erl", [{ options: ["-eval", "--eval"], language: "other" }]],
  ["emacs", [{ options: ["--eval", "-eval", "--execute"], language: "lisp" }]],
  ["deno", [{ words: true, pattern: /^(?!eval$|run$|-)(.+)$/s, language: "node" }]],
  [
    "ipython",
    [
      { options: ["-c"], pattern: /^\s*!+(.+)$/s },
      { lines: true, pattern: /^\s*!+(.+)$/ },
    ],
  ],
  ["m4", [{ lines: true, pattern: /e?syscmd\(\s*[`"]*(.+?)['"]*\s*\)/ }]],
  ["osascript", [{ options: ["-e"], pattern: /do shell script "((?:[^"\\]|\\.)+)"/s }]],
  ["pwsh", powershell],
  ["powershell", powershell],
  ["tclsh", [...TCL, { lines: true, pattern: /^\s*(?:puts\s+\[)?(?:exec|system)\s+([^\]]+)\]?$/ }]],
];
