import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { err, fault, ok, type Fault, type Result } from "../../kernel/index.js";
import type { RuleSource } from "./config.js";

export interface RuleFile {
  readonly file: string;
  readonly text: string;
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
    for (const path of pathsOf(source, faults)) {
      try {
        const file = realpathSync(path);
        if (!files.has(file)) files.set(file, { file, text: readFileSync(file, "utf8") });
      } catch (error) {
        const why =
          source.type === "builtin"
            ? `there is no rule pack builtin:${source.name}`
            : error instanceof Error
              ? error.message
              : String(error);
        faults.push(fault("CHP_CONFIG_RULES_MISSING", why, source.at));
      }
    }
  }
  return faults.length > 0 ? err(faults) : ok([...files.values()]);
}

/** Folders to watch for changes of rules. */
export function ruleFolders(sources: readonly RuleSource[]): readonly string[] {
  return [
    ...new Set(
      sources.map((source) => dirname(source.type === "builtin" ? source.file : source.pattern)),
    ),
  ];
}

function pathsOf(source: RuleSource, faults: Fault[]): readonly string[] {
  if (source.type === "builtin") return [source.file];
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

function globToPattern(glob: string): RegExp {
  const body = glob
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*+/g, "[^/]*")
    .replaceAll("?", "[^/]");
  return new RegExp(`^${body}$`);
}
