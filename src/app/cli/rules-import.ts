import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { describeError, describeFault, type Fault } from "../../kernel/index.js";
import { RULE_VERBS, type RuleVerb } from "../../model/index.js";
import { importSigma, type SigmaFile, type SigmaOptions } from "../../rules/index.js";
import { textOf, type Command, type CommandCall } from "./command.js";
import { shortPath } from "./console.js";
import { EXIT } from "./exit-code.js";

const MODES = ["shadow", "enforce", "off"] as const;
const LEVELS = ["informational", "low", "medium", "high", "critical"] as const;

export const rulesImportSigmaCommand: Command = {
  words: ["rules", "import", "sigma"],
  positionals: "FILE...",
  summary: "makes a rule pack of Sigma rules about Linux commands",
  options: {
    out: { type: "string", value: "FILE", help: "where the pack is written; without it to stdout" },
    name: { type: "string", value: "NAME", help: "name of the pack; without it sigma-linux" },
    mode: { type: "string", value: "MODE", help: "shadow (default), enforce or off" },
    action: { type: "string", value: "VERB", help: "what the rules do; without it alert" },
    "min-level": { type: "string", value: "LEVEL", help: "rules below it are left out" },
  },
  notes: [
    "Takes process_creation, file_event, auditd and keyword rules, and correlations of them. A filter or one of",
    "several ways to hold that can not be expressed is left out and told on stderr and in the rule's description.",
    "A rule that says nothing without it is refused by name, and the exit code is 1; the others are written.",
    "Author, licence (DRL 1.1) and references stand in every alert that such a rule raises.",
  ],
  examples: [
    "chaperone rules import sigma sigma/rules/linux/process_creation/*.yml --out rules/sigma.yaml",
  ],
  run(call) {
    const { console, positionals } = call;
    const options = readOptions(call);
    if (typeof options === "string" || positionals.length === 0) {
      console.err(
        `chaperone rules import sigma: ${typeof options === "string" ? options : "say at least one FILE"}`,
      );
      return Promise.resolve(EXIT.usage);
    }
    const out = textOf(call, "out");
    try {
      const result = importSigma(readFiles(positionals), options);
      if (out === undefined) console.out(result.pack.trimEnd());
      else writeFileSync(out, result.pack);
      for (const one of result.lossy) console.err(`${console.errStyle.warn("note")} ${tell(one)}`);
      for (const one of result.refused) console.err(tell(one));
      console.err(
        `${result.imported} rules imported (${refusedFiles(result.lossy)} of them without a part that is told above), ${result.left.length} below the level, ${refusedFiles(result.refused)} refused`,
      );
      return Promise.resolve(result.refused.length === 0 ? EXIT.fine : EXIT.bad);
    } catch (error) {
      // readFileSync and writeFileSync: a path that can not be read or written.
      console.err(`chaperone rules import sigma: ${describeError(error)}`);
      return Promise.resolve(EXIT.couldNotRun);
    }
  },
};

function readFiles(paths: readonly string[]): readonly SigmaFile[] {
  return paths.map((path) => ({ file: resolve(path), text: readFileSync(path, "utf8") }));
}

function refusedFiles(faults: readonly Fault[]): number {
  return new Set(faults.map((one) => one.at?.file)).size;
}

function tell(problem: Fault): string {
  const { at } = problem;
  return describeFault(
    at === undefined ? problem : { ...problem, at: { ...at, file: shortPath(at.file) } },
  );
}

/** The options, or what is wrong with them in words. */
function readOptions(call: CommandCall): SigmaOptions | string {
  const mode = MODES.find((one) => one === (textOf(call, "mode") ?? "shadow"));
  const action: RuleVerb | undefined = RULE_VERBS.find(
    (one) => one === (textOf(call, "action") ?? "alert"),
  );
  const minLevel = LEVELS.find((one) => one === (textOf(call, "min-level") ?? "informational"));
  if (mode === undefined) return `--mode is one of ${MODES.join(", ")}`;
  if (action === undefined) return `--action is one of ${RULE_VERBS.join(", ")}`;
  if (minLevel === undefined) return `--min-level is one of ${LEVELS.join(", ")}`;
  return { name: textOf(call, "name") ?? "sigma-linux", mode, action, minLevel };
}
