import { missingSecrets } from "../config/index.js";
import type { Fault } from "../../kernel/index.js";
import { CONFIG_OPTION, type Command } from "./command.js";
import { shortPath, tellFaults, tellNotices } from "./console.js";
import { EXIT } from "./exit-code.js";
import { loadCalledConfig } from "./find-config.js";
import { wallNow } from "./people.js";
import { readRules } from "./read-rules.js";

export const checkCommand: Command = {
  words: ["check"],
  summary: "configuration, rules and secrets; one line per fault",
  options: {
    config: CONFIG_OPTION,
    "without-secrets": {
      type: "boolean",
      help: "do not look secrets up: for a machine that has none, as in CI",
    },
  },
  notes: [
    "Exit 1 with lines of the form file:line:column CODE message; nothing is started or made.",
  ],
  examples: [
    "chaperone check --config /etc/chaperone/chaperone.yaml",
    "chaperone check --without-secrets && git push",
  ],
  run(call) {
    const { console } = call;
    const config = loadCalledConfig(call);
    if (!config.ok) {
      tellFaults(console, config.error);
      return Promise.resolve(EXIT.bad);
    }
    const rules = readRules(config.value);
    const secrets =
      call.values["without-secrets"] === true ? [] : missingSecrets(config.value, call.env);
    const faults: readonly Fault[] = [...secrets, ...(rules.ok ? [] : rules.error)];
    if (faults.length > 0 || !rules.ok) {
      tellFaults(console, faults);
      return Promise.resolve(EXIT.bad);
    }
    tellNotices(console, config.value.notices);
    for (const warning of rules.value.ruleset.warnings(wallNow())) {
      console.err(`${console.errStyle.warn("warning")} ${warning}`);
    }
    const { people, targets, file } = config.value;
    const { ruleset, files } = rules.value;
    const counts = [
      `people: ${people.length}`,
      `targets: ${targets.length}`,
      `rules: ${ruleset.size} (files: ${files.length})`,
    ];
    console.out(`${shortPath(file)}: ${console.style.good("fine")}, ${counts.join(", ")}`);
    return Promise.resolve(EXIT.fine);
  },
};
