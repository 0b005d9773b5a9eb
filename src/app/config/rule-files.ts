import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { describeError, err, fault, type Fault, ok, type Result } from "../../kernel/index.js";
import type { Maturity, ReadText } from "../../rules/index.js";
import type { RuleSource } from "./config.js";

export interface RuleFile {
  readonly file: string;
  readonly text: string;
  /** Which rules of a builtin pack are in force; absent: all. */
  readonly maturities?: readonly Maturity[];
  /** `true`: part of the installed package, whose tests are run before a release, not before a start. */
  readonly builtin?: boolean;
}

/** A folder of rules is read by people; more files are a wrong path. */
const FILES_MAX = 10_000;

/**
 * The rule files of the configuration, in the order of `rules`, files of one pattern by name. A file
 * that is named twice (`./rules/*.yaml` and `builtin:linux`) is read once. A pattern may match
 * nothing; a file that is named must exist.
 */
export function readRuleFiles(
  sources: readonly RuleSource[],
): Result<readonly RuleFile[], readonly Fault[]> {
  const faults: Fault[] = [];
  const files = new Map<string, RuleFile>();
  for (const source of sources) {
    const chosen = source.type === "builtin" ? { maturities: source.maturities } : {};
    for (const path of pathsOf(source, faults)) {
      try {
        const file = realpathSync(path);
        const known = files.get(file);
        // Named as a file and as part of a pack: what was chosen of the pack holds.
        if (known !== undefined) files.set(file, { ...known, ...chosen });
        else {
          const text = readFileSync(file, "utf8");
          files.set(file, { file, text, builtin: source.type === "builtin", ...chosen });
        }
      } catch (error) {
        const why = describeError(error);
        faults.push(fault("CHP_CONFIG_RULES_MISSING", why, source.at));
      }
    }
  }
  return faults.length > 0 ? err(faults) : ok([...files.values()]);
}

/** The rule files there are now, and those that are named and missing: what to watch for changes. */
export function rulePaths(sources: readonly RuleSource[]): readonly string[] {
  return [...new Set(sources.flatMap((source) => pathsOf(source, [])))];
}

function pathsOf(source: RuleSource, faults: Fault[]): readonly string[] {
  if (source.type === "builtin") return builtinPaths(source, faults);
  const folder = dirname(source.pattern);
  const name = basename(source.pattern);
  if (!/[*?]/.test(name)) return [source.pattern];
  const glob = globToPattern(name);
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    // A folder for rules to come need not exist yet; nothing in it is nothing to read.
    return [];
  }
  const hits = names.filter((one) => !one.startsWith(".") && glob.test(one)).sort();
  if (hits.length > FILES_MAX) {
    faults.push(fault("CHP_CONFIG_RULES_MISSING", `more than ${FILES_MAX} files match`, source.at));
    return [];
  }
  return hits.map((one) => join(folder, one));
}

type BuiltinSource = Extract<RuleSource, { readonly type: "builtin" }>;

/** `linux.yaml`, and what lies in `linux/` beside it. */
function builtinPaths(source: BuiltinSource, faults: Fault[]): readonly string[] {
  const folder = builtinFolder(source);
  const more = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith(".yaml"))
        .sort()
        .map((name) => join(folder, name))
    : [];
  const paths = [...(existsSync(source.file) ? [source.file] : []), ...more];
  if (paths.length === 0)
    faults.push(
      fault("CHP_CONFIG_RULES_MISSING", `there is no rule pack builtin:${source.name}`, source.at),
    );
  return paths;
}

function builtinFolder({ file }: BuiltinSource): string {
  return file.replace(/\.yaml$/, "");
}

function globToPattern(glob: string): RegExp {
  const body = glob
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*+/g, "[^/]*")
    .replaceAll("?", "[^/]");
  return new RegExp(`^${body}$`);
}

/** Longer lists belong into a database that is asked, not into a rule. */
const TEXT_BYTES_MAX = 4 * 1024 * 1024;

/** Reads what a rule file names (a list), relative to it. */
export const readRuleText: ReadText = (path, from) => {
  const file = resolve(dirname(from), path);
  try {
    const { size } = statSync(file);
    if (size > TEXT_BYTES_MAX)
      return { ok: false, error: `${file} is larger than ${TEXT_BYTES_MAX} bytes` };
    return { ok: true, value: readFileSync(file, "utf8") };
  } catch (error) {
    return { ok: false, error: describeError(error) };
  }
};
