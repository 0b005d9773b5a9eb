import { escapeControls } from "../../../kernel/index.js";
import { missingSecrets, thisHost, type Config, type HostFacts } from "../../config/index.js";
import { CONFIG_OPTION, type Command } from "../command.js";
import { shortPath, tellFaults, type Console, type Style } from "../console.js";
import { EXIT } from "../exit-code.js";
import { loadCalledConfig } from "../find-config.js";
import { readRules } from "../read-rules.js";
import { needsRoot } from "../rights.js";
import { packageVersion } from "../version.js";
import { examineCore } from "./core.js";
import { bad, fine, info, warn, type Finding } from "./finding.js";
import { examineListeners } from "./listening.js";
import { examineMachine } from "./machine.js";
import { examineSinks } from "./sinks.js";
import { examineStateFolder } from "./state-folder.js";
import { examineTargets } from "./targets.js";

export const doctorCommand: Command = {
  words: ["doctor"],
  summary: "environment, ports, targets, clock; what is wrong and how to mend it",
  options: { config: CONFIG_OPTION },
  notes: [
    "Makes and changes nothing here; every sink is sent one event of the type `sink.tested`.",
    "Exit 1 when something keeps the sidecar from its work.",
  ],
  examples: ["chaperone doctor", "chaperone doctor --config /etc/chaperone/chaperone.yaml"],
  async run(call) {
    const { console } = call;
    const machine = await examineMachine();
    tellFindings(console, machine);
    const config = loadCalledConfig(call);
    if (!config.ok) {
      tellFaults(console, config.error);
      return EXIT.bad;
    }
    const host = thisHost();
    const rest = [
      fine("configuration", shortPath(config.value.file)),
      ...examineRules(config.value),
      ...examineSecrets(config.value, call.env),
      ...examineStateFolder(config.value),
      ...(await examineListeners(config.value)),
      ...(await examineTargets(config.value, host)),
      ...(await examineSinks(config.value, call.env, packageVersion())),
      ...(await examineCore(config.value, call.env)),
      ...rightsOf(config.value, host),
      ...noticesOf(config.value),
    ];
    tellFindings(console, rest);
    return [...machine, ...rest].some((one) => one.state === "bad") ? EXIT.bad : EXIT.fine;
  },
};

function examineRules(config: Config): readonly Finding[] {
  const rules = readRules(config);
  if (rules.ok) {
    const { ruleset, files } = rules.value;
    return [
      fine(
        "rules",
        `${ruleset.size} (files: ${files.length}), digest ${ruleset.digest.slice(0, 12)}`,
      ),
    ];
  }
  return [
    bad(
      "rules",
      `refused (faults: ${rules.error.length}): nothing starts`,
      "see them with `chaperone check`",
    ),
  ];
}

function examineSecrets(
  config: Config,
  env: Readonly<Record<string, string | undefined>>,
): readonly Finding[] {
  return missingSecrets(config, env).map((missing) =>
    bad(
      "secret",
      `${missing.message}${missing.at === undefined ? "" : ` (${shortPath(missing.at.file)}:${missing.at.line})`}`,
      "set the variable in the sidecar's environment, or create the file with mode 0600",
    ),
  );
}

function rightsOf(config: Config, host: HostFacts): readonly Finding[] {
  if (host.uid !== 0) return [fine("rights", `uid ${host.uid}, not root`)];
  return needsRoot(config)
    ? [info("rights", "root, which embedded targets with `runAs` need")]
    : [warn("rights", "root, and nothing here needs it", "run the sidecar as a user of its own")];
}

function noticesOf(config: Config): readonly Finding[] {
  return config.notices.map((notice) => {
    const where =
      notice.at === undefined ? "" : ` (${shortPath(notice.at.file)}:${notice.at.line})`;
    return notice.kind === "not-active"
      ? info("not active", `${notice.message}${where}`)
      : warn(notice.kind, `${notice.message}${where}`, "change it outside of tests");
  });
}

function tellFindings(console: Console, findings: readonly Finding[]): void {
  for (const { state, subject, detail, mend } of findings) {
    console.out(`${mark(state, console.style)} ${subject}: ${escapeControls(detail)}`);
    if (mend !== undefined) console.out(`       mend: ${mend}`);
  }
}

function mark(state: Finding["state"], style: Style): string {
  switch (state) {
    case "fine":
      return style.good("fine  ");
    case "info":
      return "info  ";
    case "warn":
      return style.warn("warn  ");
    case "bad":
      return style.bad("BAD   ");
  }
}
