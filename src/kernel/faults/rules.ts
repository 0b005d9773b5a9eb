import type { FaultTable } from "./entry.js";

export const rulesFaults = {
  CHP_RULES_YAML: {
    summary: "a rule file is not valid YAML",
    remedy: "mend the syntax at the place shown; a YAML linter or your editor shows it too",
    retryable: false,
  },
  CHP_RULES_SHAPE: {
    summary: "a key of a rule file is unknown or a value has the wrong form",
    remedy: "compare the place shown with docs/reference/rules.md",
    retryable: false,
  },
  CHP_RULES_REGEX: {
    summary: "a regular expression can not be compiled to linear time",
    remedy: "use RE2 syntax: no lookaround, no backreferences, balanced brackets",
    retryable: false,
  },
  CHP_RULES_UNSUPPORTED: {
    summary: "a rule asks for something that this version does not evaluate",
    remedy:
      "remove the key or wait for the release that supports it; it is refused so that nothing is silently ignored",
    retryable: false,
  },
  CHP_RULES_SIGMA: {
    summary: "a Sigma rule asks for something that rules over commands can not express",
    remedy:
      "leave the rule to the SIEM that has such records, or write a rule of your own for what it is about",
    retryable: false,
  },
  CHP_RULES_TEST: {
    summary: "a test inside a rule file fails",
    remedy:
      "mend the rule or its test: `chaperone rules test FILE` and `chaperone rules explain --line` show why",
    retryable: false,
  },
  CHP_RULES_REFERENCE: {
    summary:
      "a rule names a list, a rule or a group to notify that does not exist, or an id is used twice",
    remedy:
      "define it in one of the loaded files (groups: `notify.groups` of the configuration), or mend the name",
    retryable: false,
  },
} as const satisfies FaultTable;
