import { decodeBase64, decodeHex } from "./base64.js";
import { formatText, unescapeText } from "./printf.js";

/** One program whose output is a function of its words and its standard input. */
type Folder = (words: readonly string[], stdin: string | null) => string | null;

/**
 * What a command writes when that can be known without running it: `echo`, `printf` and the usual
 * decoders over constant text. Null for everything else.
 */
export function constantOutput(argv: readonly string[], stdin: string | null): string | null {
  const name = argv[0];
  if (name === undefined) return null;
  return FOLDERS.get(name.slice(name.lastIndexOf("/") + 1))?.(argv.slice(1), stdin) ?? null;
}

const echo: Folder = (words) => {
  let first = 0;
  let newline = true;
  let escapes = false;
  for (; /^-[neE]+$/.test(words[first] ?? ""); first++) {
    const letters = words[first] ?? "";
    if (letters.includes("n")) newline = false;
    if (letters.includes("e")) escapes = true;
  }
  const text = words.slice(first).join(" ");
  return (escapes ? unescapeText(text) : text) + (newline ? "\n" : "");
};

const printf: Folder = (words) => {
  const rest = words[0] === "--" ? words.slice(1) : words;
  if (rest[0] === undefined || rest[0] === "-v") return null;
  return formatText(rest[0], rest.slice(1));
};

/** Only as a filter: a file operand is not known. */
const passThrough: Folder = (words, stdin) =>
  words.every((word) => word === "-" || (word.startsWith("-") && word !== "-")) ? stdin : null;

const base64: Folder = (words, stdin) => {
  if (stdin === null || !words.every((word) => word.startsWith("-"))) return null;
  return words.some((word) => /^-(?:[a-zA-Z]*[dD]|-decode)/.test(word))
    ? decodeBase64(stdin)
    : null;
};

const openssl: Folder = (words, stdin) => {
  const decodes = words.includes("-d") && words.some((word) => /^-?(?:base64|a)$/.test(word));
  return stdin !== null && decodes && !words.includes("-in") ? decodeBase64(stdin) : null;
};

const xxd: Folder = (words, stdin) => {
  const letters = words.filter((word) => word.startsWith("-")).join("");
  if (stdin === null || !words.every((word) => word.startsWith("-"))) return null;
  return letters.includes("r") && /p/.test(letters) ? decodeHex(stdin) : null;
};

const rev: Folder = (words, stdin) =>
  stdin === null || words.length > 0
    ? null
    : stdin
        .split("\n")
        .map((line) => Array.from(line).reverse().join(""))
        .join("\n");

const tac: Folder = (words, stdin) =>
  stdin === null || words.length > 0
    ? null
    : `${stdin.trimEnd().split("\n").reverse().join("\n")}\n`;

const tr: Folder = (words, stdin) => {
  if (stdin === null) return null;
  if (words[0] === "-d" && words.length === 2) {
    const dropped = trSet(words[1] ?? "");
    return Array.from(stdin, (one) => (dropped.includes(one) ? "" : one)).join("");
  }
  if (words.length !== 2 || words[0]?.startsWith("-") === true) return null;
  const from = trSet(words[0] ?? "");
  const to = trSet(words[1] ?? "");
  const map = (one: string): string => {
    const at = from.lastIndexOf(one);
    return at < 0 ? one : (to[Math.min(at, to.length - 1)] ?? one);
  };
  return Array.from(stdin, map).join("");
};

function trSet(spec: string): readonly string[] {
  const named = spec
    .replace("[:lower:]", "a-z")
    .replace("[:upper:]", "A-Z")
    .replace("[:digit:]", "0-9");
  const characters = Array.from(unescapeText(named));
  const out: string[] = [];
  for (let i = 0; i < characters.length; i++) {
    const low = characters[i] ?? "";
    const high = characters[i + 2];
    if (characters[i + 1] !== "-" || high === undefined) {
      out.push(low);
      continue;
    }
    for (let code = low.charCodeAt(0); code <= high.charCodeAt(0); code++)
      out.push(String.fromCharCode(code));
    i += 2;
  }
  return out;
}

const FOLDERS: ReadonlyMap<string, Folder> = new Map<string, Folder>([
  ["echo", echo],
  ["printf", printf],
  ["cat", passThrough],
  ["tee", (_words, stdin) => stdin],
  ["base64", base64],
  ["openssl", openssl],
  ["xxd", xxd],
  ["rev", rev],
  ["tac", tac],
  ["tr", tr],
]);
