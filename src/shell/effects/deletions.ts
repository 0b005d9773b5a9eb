import type { Deletion } from "../../model/index.js";
import { resolvePath } from "../words/path.js";
import { DELETION_ROWS } from "./deletion-rows.js";
import type { DeletionRow } from "./row.js";

const BY_NAME = new Map<string, readonly DeletionRow[]>();
for (const row of DELETION_ROWS) {
  for (const name of row.names) BY_NAME.set(name, [...(BY_NAME.get(name) ?? []), row]);
}

/** Programs that do nothing else: a line that can not be read and names one must be suspected to delete. */
export const DELETING_PROGRAMS: readonly string[] = DELETION_ROWS.filter(
  ({ needs, subcommand, into }) =>
    needs === undefined && subcommand === undefined && into === undefined,
).flatMap(({ names }) => names);

/** Whether a program of this name may remove something by itself. */
export function deletes(name: string): boolean {
  return BY_NAME.has(name);
}

/** What a program removes by itself, as its words say; a word that can not be known is null. */
export function deletionsOf(
  exec: string | null,
  argv: readonly (string | null)[],
): readonly Deletion[] | undefined {
  const rows = exec === null ? undefined : BY_NAME.get(exec);
  if (rows === undefined) return undefined;
  const found = rows.flatMap((row) => deletionsBy(row, argv.slice(1)));
  return found.length === 0 ? undefined : found;
}

function deletionsBy(row: DeletionRow, args: readonly (string | null)[]): readonly Deletion[] {
  const words = sortWords(args, row);
  const operands = behind(row.subcommand ?? [], words.operands);
  if (operands === null || has(words, row.inert)) return [];
  if (row.needs !== undefined && !has(words, row.needs)) return [];
  if (row.into !== undefined && operands.at(-1) !== row.into) return [];
  if (row.removes === "roots" && sparesWhatIsFull(args)) return [];
  const recursive = typeof row.recursive === "boolean" ? row.recursive : has(words, row.recursive);
  const base = row.directory
    ?.map((name) => words.values.get(name))
    .find((one) => one !== undefined);
  return removed(row, operands, args).map((path) => ({ path: from(base, path), recursive }));
}

/** Relative words stand below the directory that an option names. */
function from(base: string | null | undefined, path: string | null): string | null {
  if (base === undefined || path === null) return path;
  return base === null ? null : resolvePath(path, { cwd: base });
}

function removed(
  { removes }: DeletionRow,
  operands: readonly (string | null)[],
  args: readonly (string | null)[],
): readonly (string | null)[] {
  switch (removes) {
    case "operands":
      return operands;
    case "last":
      return operands
        .slice(1)
        .slice(-1)
        .map(
          (one) =>
            one?.replace(/^(?:[\w.-]+@)?(?:localhost|127\.[\d.]+|\[::1\]):(?=\/)/, "") ?? null,
        )
        .filter((one) => one?.includes(":") !== true);
    case "sources":
      return operands.slice(0, -1).filter((one) => one?.includes(":") !== true);
    case "behind-first":
      return operands.slice(1);
    case "here":
      // What is kept there stays: the folder itself does not go.
      return operands.length === 0 ? ["./*"] : operands;
    case "roots":
      return rootsOf(args);
  }
}

/** `find -L /a /b -name x -delete`: the starting points; without any, where it stands. */
function rootsOf(args: readonly (string | null)[]): readonly (string | null)[] {
  const first = args.findIndex((one) => one === null || !/^-(?:[HLP]|O\d)$/.test(one));
  const words = first < 0 ? [] : args.slice(first);
  const end = words.findIndex((one) => one !== null && /^[-(!]/.test(one));
  const roots = end < 0 ? words : words.slice(0, end);
  return roots.length === 0 ? ["."] : roots;
}

/** `find /srv/x -type d -empty -delete` tidies up: nothing with a content goes. */
function sparesWhatIsFull(args: readonly (string | null)[]): boolean {
  if (!args.includes("-empty") || rootsOf(args).includes("/")) return false;
  return !args.some((one) => one === null || /^(?:!|,|-(?:not|o|or))$/.test(one));
}

interface Sorted {
  readonly operands: readonly (string | null)[];
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string | null>;
}

function sortWords(args: readonly (string | null)[], row: DeletionRow): Sorted {
  const operands: (string | null)[] = [];
  const flags = new Set<string>();
  const values = new Map<string, string | null>();
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? null;
    if (word === "--") {
      operands.push(...args.slice(i + 1));
      break;
    }
    const bundled = row.bundled === true && i === 0 && word !== null && /^[A-Za-z]+$/.test(word);
    if (word === null || word === "-" || !(word.startsWith("-") || bundled)) operands.push(word);
    else i += readOption(bundled ? `-${word}` : word, args.slice(i + 1), { row, flags, values });
  }
  return { operands, flags, values };
}

/** Notes one option word; answers how many further words it takes. */
function readOption(
  word: string,
  behind: readonly (string | null)[],
  {
    row,
    flags,
    values,
  }: { row: DeletionRow; flags: Set<string>; values: Map<string, string | null> },
): number {
  if (word.startsWith("--")) {
    const equals = word.indexOf("=");
    const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
    flags.add(name);
    if (equals >= 0) values.set(name, word.slice(equals + 1));
    else if (row.valuedLong?.includes(name) === true) {
      values.set(name, behind[0] ?? null);
      return 1;
    }
    return 0;
  }
  // `-delete`, `-sdel`: a word and no letters.
  flags.add(word.slice(1));
  for (let at = 1; at < word.length; at++) {
    const letter = word.charAt(at);
    flags.add(letter);
    if (row.valued?.includes(letter) !== true) continue;
    const attached = word.slice(at + 1);
    values.set(letter, attached === "" ? (behind[0] ?? null) : attached);
    return attached === "" ? 1 : 0;
  }
  return 0;
}

/** Long names may be cut short, as getopt takes them. */
function has({ flags }: Sorted, names: readonly string[] | undefined): boolean {
  if (names === undefined) return false;
  return names.some(
    (name) =>
      flags.has(name) ||
      (name.length > ABBREVIATION_MIN &&
        [...flags].some((flag) => flag.length >= ABBREVIATION_MIN && name.startsWith(flag))),
  );
}

/** Shorter beginnings of a long name are taken for something else. */
const ABBREVIATION_MIN = 3;

function behind(
  subcommand: readonly string[],
  operands: readonly (string | null)[],
): readonly (string | null)[] | null {
  const selects = subcommand.every(
    (word, i) => operands[i] === word || (word === "*" && i < operands.length),
  );
  return selects ? operands.slice(subcommand.length) : null;
}
