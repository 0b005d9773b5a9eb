import { isKnownProgram } from "./programs.js";

/**
 * fish puts an abbreviation's words in its place when a blank or Enter follows it. With a blank the
 * screen shows it in time; with Enter only once it runs. Those made in this session are known; of others
 * a word alone can be one when no program is known by that name.
 */
export interface Abbreviations {
  /** A line ran: it may have made or taken away some, and its programs are no abbreviations. */
  ran(text: string, programs: readonly string[]): void;
  /** What Enter makes of the line. */
  expand(line: string): { readonly text: string; readonly sure: boolean };
}

/** More are forgotten, oldest first; their words are then doubted like any other. */
const NAMES_MAX = 256;

export function createAbbreviations(): Abbreviations {
  const made = new Map<string, string>();
  const programs = new Set<string>();

  function learn(command: string): void {
    const words = command.trim().split(/\s+/);
    if (words[0] !== "abbr") return;
    const rest = words.slice(1).filter((word) => !FLAGS.has(word));
    const [name, ...expansion] = rest;
    if (name === undefined) return;
    if (words.includes("-e") || words.includes("--erase")) made.delete(name);
    else remember(made, name, unquoted(expansion.join(" ")));
  }

  return {
    ran(text, started) {
      for (const command of text.split(/[;\n]|&&|\|\|/)) learn(command);
      for (const program of started) {
        programs.delete(program);
        programs.add(program);
        if (programs.size > NAMES_MAX) forgetOldest(programs);
      }
    },
    expand(line) {
      const match =
        /(?<before>(?:^|.*[;&|\n({]|.*\b(?:and|or|not|begin|then)\s)\s*)(?<word>[\w.+-]+)$/s.exec(
          line,
        );
      const word = match?.groups?.["word"];
      if (word === undefined) return { text: line, sure: true };
      const expansion = made.get(word);
      if (expansion !== undefined) {
        return { text: `${match?.groups?.["before"] ?? ""}${expansion}`, sure: true };
      }
      return { text: line, sure: programs.has(word) || isKnownProgram(word) };
    },
  };
}

const FLAGS: ReadonlySet<string> = new Set(["-a", "--add", "-g", "-U", "--", "-e", "--erase"]);

function remember(made: Map<string, string>, name: string, expansion: string): void {
  made.delete(name);
  made.set(name, expansion);
  if (made.size > NAMES_MAX) forgetOldest(made);
}

function forgetOldest(names: {
  keys(): IterableIterator<string>;
  delete(name: string): boolean;
}): void {
  const oldest = names.keys().next();
  if (oldest.done !== true) names.delete(oldest.value);
}

function unquoted(words: string): string {
  const match = /^(?<quote>['"])(?<text>.*)\k<quote>$/s.exec(words);
  return match?.groups?.["text"] ?? words;
}
