import type { LanguageName } from "../foreign/language.js";

/** Programs that read a script of their own language: from an option, a file, or standard input. */
export interface Interpreter {
  readonly language: LanguageName;
  /** Last letters of options that take the program as their value. */
  readonly letters: string;
  /** The first operand is the program itself (awk). */
  readonly operand?: true;
  /** Letters of options whose value, if there is one, is attached. */
  readonly attached?: string;
  /** Letters of options that take a value, so that it is no file. */
  readonly valued?: string;
}

export const INTERPRETERS: ReadonlyMap<string, Interpreter> = new Map<string, Interpreter>([
  ["python", { language: "python", letters: "c", valued: "mWXQ" }],
  ["pypy", { language: "python", letters: "c", valued: "mWX" }],
  ["ipython", { language: "python", letters: "c" }],
  ["perl", { language: "perl", letters: "eE", valued: "I", attached: "MmiFDxCV" }],
  ["ruby", { language: "ruby", letters: "e", valued: "rI", attached: "iFxKETW" }],
  ["jruby", { language: "ruby", letters: "e", valued: "rI", attached: "iFxKETWJ" }],
  ["jython", { language: "python", letters: "c", valued: "mWQ" }],
  ["micropython", { language: "python", letters: "c", valued: "mX" }],
  ["bpython", { language: "python", letters: "c" }],
  ["hhvm", { language: "php", letters: "r", valued: "dc" }],
  ["texlua", { language: "lua", letters: "e", valued: "l" }],
  ["goawk", { language: "awk", letters: "", operand: true, valued: "vF" }],
  ["original-awk", { language: "awk", letters: "", operand: true, valued: "vF" }],
  ["irb", { language: "ruby", letters: "e" }],
  ["php", { language: "php", letters: "rBRE", valued: "dc" }],
  ["node", { language: "node", letters: "ep", valued: "r" }],
  ["nodejs", { language: "node", letters: "ep", valued: "r" }],
  ["bun", { language: "node", letters: "e" }],
  ["deno", { language: "node", letters: "e" }],
  ["lua", { language: "lua", letters: "e", valued: "l" }],
  ["luajit", { language: "lua", letters: "e", valued: "l" }],
  ["awk", { language: "awk", letters: "", operand: true, valued: "vF" }],
  ["gawk", { language: "awk", letters: "e", operand: true, valued: "vF" }],
  ["mawk", { language: "awk", letters: "", operand: true, valued: "vFW" }],
  ["nawk", { language: "awk", letters: "", operand: true, valued: "vF" }],
]);
