import { linesOf, splitOptions, textOfLines, type Folder } from "./folder.js";

type Change = (texts: readonly string[], options: ReadonlyMap<string, string>) => readonly string[];

/** Texts behind the words that a subcommand takes for itself. */
interface Verb {
  readonly valued: string;
  readonly own: number;
  readonly change: (own: readonly string[]) => Change;
}

const each = (change: (text: string) => string): Verb => ({
  valued: "",
  own: 0,
  change: () => (texts) => texts.map(change),
});

const VERBS: ReadonlyMap<string, Verb> = new Map<string, Verb>([
  ["lower", each((text) => text.toLowerCase())],
  ["upper", each((text) => text.toUpperCase())],
  ["reverse", each((text) => Array.from(text).reverse().join(""))],
  ["trim", { ...each((text) => text.trim()), valued: "c" }],
  [
    "join",
    {
      valued: "",
      own: 1,
      change:
        ([glue = ""]) =>
        (texts) => [texts.join(glue)],
    },
  ],
  ["join0", { valued: "", own: 0, change: () => (texts) => [texts.join("\0")] }],
  [
    "split",
    {
      valued: "mf",
      own: 1,
      change:
        ([at = ""]) =>
        (texts) =>
          texts.flatMap((one) => one.split(at)),
    },
  ],
  [
    "replace",
    {
      valued: "",
      own: 2,
      change:
        ([from = "", to = ""]) =>
        (texts, options) =>
          texts.map((one) =>
            options.has("a") || options.has("all")
              ? one.replaceAll(from, to)
              : one.replace(from, () => to),
          ),
    },
  ],
  [
    "repeat",
    {
      valued: "nm",
      own: 0,
      change: () => (texts, options) =>
        texts.map((one) => one.repeat(Math.min(REPEATS_MAX, Number(options.get("n") ?? "1") || 1))),
    },
  ],
  [
    "sub",
    {
      valued: "sle",
      own: 0,
      change: () => (texts, options) => {
        const from = Number(options.get("s") ?? "1") - 1;
        const length = options.get("l");
        return texts.map((one) =>
          one.slice(from, length === undefined ? undefined : from + Number(length)),
        );
      },
    },
  ],
]);

const REPEATS_MAX = 64;

/** `string join " " rm -rf x` of fish: its texts are words, or else the lines that it reads. */
export const fishString: Folder = (words, read) => {
  const verb = VERBS.get(words[0] ?? "");
  if (verb === undefined || words.includes("-r") || words.includes("--regex")) return null;
  const at = words.findIndex((one, i) => i > 0 && !one.startsWith("-"));
  const plain = verb.own > 0 && at > 0 ? at + verb.own : words.length;
  // What follows its own words are texts, though they look like options.
  const { options, operands } = splitOptions(words.slice(1, plain), verb.valued);
  const own = operands.slice(0, verb.own);
  const texts = [...operands.slice(verb.own), ...words.slice(plain)];
  const input = texts.length > 0 ? texts : linesOf(read([]) ?? "");
  if (input.length === 0) return null;
  return textOfLines(verb.change(own)(input, options));
};
