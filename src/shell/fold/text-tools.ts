import { fishString } from "./fish-string.js";
import { jq } from "./json.js";
import { packedForm, unpackedText } from "./packed.js";
import { compilePattern, isCheap } from "./patterns.js";
import { linesOf, splitOptions, textOfLines, type Folder } from "./folder.js";
import { unescapeText } from "./printf.js";
import { foldAwk } from "./awk.js";
import { foldSed } from "./sed.js";

const cat: Folder = (words, read) => {
  const { operands } = splitOptions(words, "");
  return read(operands);
};

/** In whatever order: of one line there is one. */
const shuf: Folder = (words, read) => {
  const { options, operands } = splitOptions(words, "ion");
  return options.has("e") ? textOfLines(operands) : read(operands);
};

const pr: Folder = (words, read) =>
  words.some((word) => /^-\w*t/.test(word)) ? read(splitOptions(words, "hlowsS").operands) : null;

/** `comm -12 a b`: lines that both have. */
const common: Folder = (words, read) => {
  const { options, operands } = splitOptions(words, "");
  const [a, b] = operands.map((one) => read([one]));
  if (a === undefined || b === undefined || a === null || b === null || !options.has("1"))
    return null;
  const others = new Set(linesOf(b));
  return options.has("2") ? textOfLines(linesOf(a).filter((line) => others.has(line))) : null;
};

function withoutDollars(text: string | null): string | null {
  return text?.includes("$") === false ? text : null;
}

const tee: Folder = (_words, read) => read([]);

const rev: Folder = (words, read) => {
  const text = read(words);
  return text === null
    ? null
    : text
        .split("\n")
        .map((line) => Array.from(line).reverse().join(""))
        .join("\n");
};

const tac: Folder = (words, read) => {
  const text = read(words);
  return text === null ? null : textOfLines([...linesOf(text)].reverse());
};

const sort: Folder = (words, read) => {
  const { options, operands } = splitOptions(words, "koStT");
  const text = read(operands);
  if (text === null || options.has("k")) return null;
  const lines = [...linesOf(text)];
  lines.sort((a, b) => (options.has("n") ? Number(a) - Number(b) : a < b ? -1 : a > b ? 1 : 0));
  const ordered = options.has("r") ? lines.reverse() : lines;
  return textOfLines(options.has("u") ? [...new Set(ordered)] : ordered);
};

const uniq: Folder = (words, read) => {
  const { options, operands } = splitOptions(words, "fsw");
  const text = options.size > 0 ? null : read(operands);
  if (text === null) return null;
  return textOfLines(linesOf(text).filter((line, i, all) => line !== all[i - 1]));
};

const head: Folder = (words, read) =>
  part(words, read, (lines, count) => (count < 0 ? lines.slice(0, count) : lines.slice(0, count)));
const tail: Folder = (words, read) =>
  part(words, read, (lines, count, from) =>
    from ? lines.slice(count - 1) : count === 0 ? [] : lines.slice(-count),
  );

type Cut = <T>(items: readonly T[], count: number, from: boolean) => readonly T[];

function part(words: readonly string[], read: Parameters<Folder>[1], cut: Cut): string | null {
  // `-2` is short for `-n 2`.
  const spelt = words.map((word, i) => (i === 0 ? word.replace(/^-(\d+)$/, "-n$1") : word));
  const { options, operands } = splitOptions(spelt, "nc");
  const text = read(operands.filter((one) => !/^\+\d+$/.test(one)));
  if (text === null) return null;
  const plus = operands.find((one) => /^\+\d+$/.test(one));
  const count = options.get("c") ?? options.get("bytes");
  const lines = options.get("n") ?? options.get("lines") ?? plus ?? "10";
  const spec = count ?? lines;
  if (!/^[-+]?\d+$/.test(spec)) return null;
  const from = spec.startsWith("+");
  const number = Number(spec);
  if (count !== undefined) return cut(Array.from(text), number, from).join("");
  return textOfLines(cut(linesOf(text), number, from));
}

const cutFields: Folder = (words, read) => {
  const { options, operands } = splitOptions(words, "cfdb");
  const text = read(operands);
  if (text === null) return null;
  const delimiter = options.get("d") ?? options.get("delimiter") ?? "\t";
  const joint = options.get("output-delimiter") ?? delimiter;
  const characters = options.get("c") ?? options.get("b") ?? options.get("characters");
  const wanted = readRanges(characters ?? options.get("f") ?? options.get("fields") ?? "");
  if (wanted === null) return null;
  const complement = options.has("complement");
  const isWanted = (at: number): boolean =>
    wanted.some(([low, high]) => at >= low && at <= high) !== complement;
  const pick = <T>(items: readonly T[]): readonly T[] =>
    items.filter((_item, i) => isWanted(i + 1));
  return textOfLines(
    linesOf(text).map((line) => {
      if (characters !== undefined) return pick(Array.from(line)).join("");
      return line.includes(delimiter) ? pick(line.split(delimiter)).join(joint) : line;
    }),
  );
};

function readRanges(spec: string): readonly (readonly [number, number])[] | null {
  const out: [number, number][] = [];
  for (const item of spec.split(",")) {
    const match = /^(\d*)(-?)(\d*)$/.exec(item);
    if (match === null || item === "" || item === "-") return null;
    const low = match[1] === "" ? 1 : Number(match[1]);
    const high =
      match[2] === "" ? low : match[3] === "" ? Number.POSITIVE_INFINITY : Number(match[3]);
    out.push([low, high]);
  }
  return out;
}

const tr: Folder = (words, read) => {
  const text = read([]);
  const { options, operands } = splitOptions(words, "");
  if (text === null) return null;
  const complement = options.has("c") || options.has("C");
  const from = trSet(operands[0] ?? "");
  const isFrom = (one: string): boolean => from.includes(one) !== complement;
  if (options.has("d")) return Array.from(text, (one) => (isFrom(one) ? "" : one)).join("");
  if (options.has("s") && operands.length === 1) return squeeze(text, isFrom);
  if (operands.length !== 2) return null;
  const to = trSet(operands[1] ?? "");
  const last = to.at(-1) ?? "";
  const map = (one: string): string => {
    if (complement) return from.includes(one) ? one : last;
    const at = from.lastIndexOf(one);
    return at < 0 ? one : (to[Math.min(at, to.length - 1)] ?? one);
  };
  const mapped = Array.from(text, map).join("");
  return options.has("s") ? squeeze(mapped, (one) => to.includes(one)) : mapped;
};

function squeeze(text: string, isSet: (one: string) => boolean): string {
  let out = "";
  for (const one of text) if (!(isSet(one) && out.endsWith(one))) out += one;
  return out;
}

function trSet(spec: string): readonly string[] {
  const named = spec
    .replaceAll("[:lower:]", "a-z")
    .replaceAll("[:upper:]", "A-Z")
    .replaceAll("[:digit:]", "0-9")
    .replaceAll("[:alpha:]", "A-Za-z")
    .replaceAll("[:alnum:]", "A-Za-z0-9")
    .replaceAll("[:space:]", " \t\n\r\f\v")
    .replaceAll("[:blank:]", " \t")
    .replaceAll("[:punct:]", "!-/:-@[-`{-~");
  const characters = Array.from(unescapeText(named));
  const out: string[] = [];
  for (let i = 0; i < characters.length; i++) {
    const low = characters[i] ?? "";
    const high = characters[i + 2];
    if (characters[i + 1] !== "-" || high === undefined) {
      out.push(low);
      continue;
    }
    for (
      let code = low.charCodeAt(0);
      code <= high.charCodeAt(0) && out.length < TR_SET_MAX;
      code++
    )
      out.push(String.fromCharCode(code));
    i += 2;
  }
  return out;
}

/** Characters of one set of `tr`. */
const TR_SET_MAX = 4096;

const grepBy =
  (program: string): Folder =>
  (words, read) => {
    const { options, operands } = splitOptions(words, "emABC");
    const pattern = options.get("e") ?? operands[0];
    const text = read(options.has("e") ? operands : operands.slice(1));
    if (text === null || pattern === undefined || UNFOLLOWED.some((one) => options.has(one)))
      return null;
    const fixed = program === "fgrep" || options.has("F");
    const compiled = compilePattern(fixed ? pattern.replace(/[\\^$.*[\]]/g, "\\$&") : pattern, {
      extended: program === "egrep" || options.has("E") || options.has("P"),
      flags: options.has("i") ? "gi" : "g",
      ...(options.has("o") || options.has("x") ? {} : { onlyWhether: true }),
    });
    const lines = linesOf(text);
    if (compiled === null || !lines.every((line) => isCheap(compiled, line))) return null;
    const matches = (line: string): readonly string[] =>
      (line.match(compiled.regex) ?? []).filter(
        (one) => !options.has("x") || one.length === line.length,
      );
    const kept = lines.filter((line) => matches(line).length > 0 !== options.has("v"));
    if (options.has("o"))
      return textOfLines(kept.flatMap((line) => matches(line).filter((one) => one !== "")));
    return textOfLines(options.has("m") ? kept.slice(0, Number(options.get("m"))) : kept);
  };

/** Options of grep with which it writes something else. */
const UNFOLLOWED: readonly string[] = ["c", "q", "A", "B", "C", "l", "L", "n", "b", "w"];

const fold: Folder = (words, read) => {
  const { options, operands } = splitOptions(words, "w");
  const text = read(operands);
  const width = Number(options.get("w") ?? "80");
  if (text === null || !Number.isInteger(width) || width < 1) return null;
  return textOfLines(
    linesOf(text).flatMap((line) => {
      const out: string[] = [];
      for (let at = 0; at < line.length; at += width) out.push(line.slice(at, at + width));
      return out.length === 0 ? [""] : out;
    }),
  );
};

const paste: Folder = (words, read) => {
  const { options, operands } = splitOptions(words, "d");
  const between = options.get("d") ?? "\t";
  if (options.has("s")) {
    const text = read(operands);
    return text === null ? null : `${linesOf(text).join(between)}\n`;
  }
  const columns = operands.map((one) => read([one]));
  if (columns.length === 0 || !columns.every((one) => one !== null)) return null;
  const lines = columns.map(linesOf);
  const count = Math.max(...lines.map((one) => one.length));
  return textOfLines(
    Array.from({ length: count }, (_one, i) => lines.map((one) => one[i] ?? "").join(between)),
  );
};

/** `nl`: a number and a tab in front of each line. */
const numbered: Folder = (words, read) => {
  const text = read(splitOptions(words, "bdfhilnpsvw").operands);
  if (text === null) return null;
  return textOfLines(linesOf(text).map((line, i) => `${String(i + 1).padStart(6)}\t${line}`));
};

/** `perl -pe 's/a/b/'`, `perl -pi -e ...`: what sed would do. Everything else is no filter. */
const perlFilter: Folder = (words, read) => {
  const at = words.findIndex((one) => /^-[a-z0]*e$/.test(one));
  const script = words[at + 1];
  if (at < 0 || script === undefined || !words.some((one) => /^-[a-z0]*p/.test(one))) return null;
  const sets = /^(?:tr|y)([^\w\s])(.*?)\1(.*?)\1;?\s*$/s.exec(script);
  if (sets !== null) return tr([sets[2] ?? "", sets[3] ?? ""], () => read(words.slice(at + 2)));
  const spelt = script.replace(/;\s*$/, "");
  if (!/^[sy][^\w\s]/.test(spelt)) return null;
  return foldSed([spelt, ...words.slice(at + 2)], read);
};

/** What is packed here is unpacked here; a packed text from elsewhere is not known. */
const packed: Folder = (words, read) => {
  const { options, operands } = splitOptions(words, "SkbpT");
  const text = read(operands);
  if (text === null) return null;
  if (options.has("d") || options.has("decompress") || options.has("uncompress"))
    return unpackedText(text);
  return packedForm(text);
};
const unpacked: Folder = (words, read) => {
  const text = read(splitOptions(words, "S").operands);
  return text === null ? null : unpackedText(text);
};

export const TEXT_TOOLS: readonly (readonly [string, Folder])[] = [
  ["perl", perlFilter],
  ["jq", jq],
  ["string", fishString],
  ["nl", numbered],
  ...["gzip", "bzip2", "xz", "zstd", "lz4", "lzma", "pigz", "compress"].map(
    (name) => [name, packed] as const,
  ),
  ...["zcat", "gunzip", "bzcat", "bunzip2", "xzcat", "unxz", "zstdcat", "unzstd", "lz4cat"].map(
    (name) => [name, unpacked] as const,
  ),
  ["cat", cat],
  ["tee", tee],
  ["sponge", tee],
  ["rev", rev],
  ["tac", tac],
  ["sort", sort],
  ["uniq", uniq],
  ["head", head],
  ["tail", tail],
  ["cut", cutFields],
  ["tr", tr],
  ["grep", grepBy("grep")],
  ["fgrep", grepBy("fgrep")],
  ["egrep", grepBy("egrep")],
  ["fold", fold],
  ["paste", paste],
  ["sed", foldSed],
  ["awk", foldAwk],
  ["gawk", foldAwk],
  ["mawk", foldAwk],
  [
    "dd",
    (words, read) =>
      read(words.filter((word) => word.startsWith("if=")).map((word) => word.slice(3))),
  ],
  ["column", cat],
  ["pv", cat],
  ["fmt", cat],
  ["m4", cat],
  ["unexpand", cat],
  ["shuf", shuf],
  ["pr", pr],
  ["comm", common],
  ["envsubst", (_words, read) => withoutDollars(read([]))],
  ["less", cat],
  ["more", cat],
  ["expand", cat],
  ["strings", cat],
  ["iconv", (_words, read) => read([])],
  ["dos2unix", (_words, read) => read([])?.replaceAll("\r", "") ?? null],
];
