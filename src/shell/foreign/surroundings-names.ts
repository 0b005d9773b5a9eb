import type { Value } from "./values.js";

/** What a program of another language can ask its surroundings for; null where it is not known. */
export interface Asked {
  /** A variable of the environment. */
  readonly variable: (name: string) => string | null;
  /** The text of a file that this session wrote. */
  readonly file: (path: string) => string | null;
  /** The lists of words that the language has, by name. */
  readonly words: ReadonlyMap<string, Value>;
}

export interface NamedSurroundings {
  readonly code: string;
  readonly values: ReadonlyMap<string, Value>;
}

/**
 * Gives what a program asks its surroundings for a name of its own, in its text: `os.environ["X"]`,
 * `$ENV{X}`, `process.env.X`, `sys.argv[1]`, `$ARGV[0]`. So it is found inside texts as well
 * (`"rm $ENV{X}"`, `f"{sys.argv[1]}"`). What is not known stays as it is written.
 */
export function nameSurroundings(code: string, asked: Asked): NamedSurroundings {
  if (!WORTH_READING.test(code)) return { code, values: NONE };
  const values = new Map<string, Value>();
  const note = (whole: string, name: string, value: Value | undefined): string => {
    if (typeof value !== "string") return whole;
    values.set(name, value);
    return whole.startsWith("$") ? `$${name}` : name;
  };
  let named = code;
  for (const pattern of VARIABLES)
    named = named.replace(pattern, (whole: string, _quote: string, name: string) =>
      note(whole, `env_${name}`, asked.variable(name)),
    );
  let files = 0;
  named = named.replace(FILE, (whole: string, _quote: string, path: string) => {
    const text = asked.file(path);
    return text === null ? whole : note(whole, `file_${String(files++)}`, text);
  });
  named = named.replace(WORD, (whole: string, list: string, index: string) => {
    const words = asked.words.get(list);
    return note(whole, `word_${index}`, Array.isArray(words) ? wordAt(words, index) : undefined);
  });
  return { code: named, values };
}

function wordAt(words: readonly Value[], index: string): Value | undefined {
  return words[Number(index)];
}

const NONE: ReadonlyMap<string, Value> = new Map();
const WORTH_READING = /environ|getenv|ENV|process\.env|argv|ARGV|open\(|read|get_contents|\barg\b/i;

/** Group 2 is the name of the variable. */
const VARIABLES: readonly RegExp[] = [
  /\b(?:os\.environb?\.get|os\.getenv|ENV\.fetch|getenv)\(\s*(["'])(\w+)\1[^()]*\)/g,
  /(?:\$_(?:ENV|SERVER)|\b(?:os\.environ|environ|ENVIRON|ENV|process\.env))\[\s*(["'])(\w+)\1\s*\]/g,
  /\$ENV\{\s*(["']?)(\w+)\1\s*\}/g,
  /\bprocess\.env()\.(\w+)/g,
];
/** Group 2 is the path of a file that is read as a whole. */
const FILE =
  /\b(?:(?:io\.)?open|File\.read|IO\.read|(?:\w+\.)?readFileSync|file_get_contents|Path|require\(["'](?:node:)?fs["']\)\.readFileSync)\(\s*(["'])([\w./~-]+)\1[^()]*\)(?:[.:]read(?:_text)?\((?:["'][^"']*["'])?\)|\.toString\(\))?/g;
const WORD = /\$?(?:\b(?:sys|process)\.)?\b(argv|ARGV|arg)\[\s*(\d{1,3})\s*\]/g;
