import type { Config } from "../config/index.js";
import { demoSecrets, thisHost } from "../config/index.js";
import { compileSooner } from "../compile-sooner.js";
import type { RunningSidecar } from "../compose.js";
import { CONFIG_OPTION, textOf, type Command, type CommandCall } from "./command.js";
import { tellFaults, tellNotices } from "./console.js";
import { EXIT } from "./exit-code.js";
import { loadCalledConfig } from "./find-config.js";
import { introduce } from "./introduction.js";
import { wallNow } from "./people.js";
import { readRules } from "./read-rules.js";
import { rightsNotices } from "./rights.js";
import { ruleSubject } from "./rule-subject.js";
import { findTries } from "./tries.js";
import { packageVersion } from "./version.js";

const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

export const runCommand: Command = {
  words: ["run"],
  summary: "the sidecar",
  options: {
    config: CONFIG_OPTION,
    "log-level": {
      type: "string",
      value: "LEVEL",
      help: `${LOG_LEVELS.join(", ")}; without it info, or warn on a terminal`,
    },
    "log-file": { type: "string", value: "FILE", help: "operations log (JSON); without it stderr" },
  },
  notes: [
    "SIGTERM and Ctrl-C stop it: sessions are told and get time to end (`shutdown.drain`); a",
    "second one stops at once. SIGHUP reads the rules again and opens the event file anew; on a",
    "terminal it means that the terminal was closed, and stops it like SIGTERM.",
  ],
  examples: [
    "chaperone run --config /etc/chaperone/chaperone.yaml",
    "chaperone run --log-file /var/log/chaperone.log",
  ],
  async run(call) {
    const { console } = call;
    const level = logLevel(call);
    if (level === null) {
      console.err(`chaperone run: --log-level is one of ${LOG_LEVELS.join(", ")}`);
      return EXIT.usage;
    }
    const config = loadCalledConfig(call);
    if (!config.ok) {
      tellFaults(console, config.error);
      return EXIT.couldNotRun;
    }
    if (config.value.targets.length === 0) {
      console.err("chaperone run: this is the configuration of a core; start `chaperone core`");
      return EXIT.couldNotRun;
    }
    tellNotices(console, [...config.value.notices, ...rightsNotices(config.value, thisHost())]);
    const file = textOf(call, "log-file");
    // Loaded here: no other command needs ssh2, and it takes longer to load than they take to run.
    const { startSidecar } = await import("../compose.js");
    const started = await startSidecar(config.value, {
      version: packageVersion(),
      env: call.env,
      log: file === undefined ? { level } : { level, file },
    });
    if (!started.ok) {
      tellFaults(console, started.error);
      return EXIT.couldNotRun;
    }
    compileSooner();
    tellIntroduction(call, config.value, started.value);
    await untilStopped(started.value);
    return EXIT.fine;
  },
};

function logLevel(call: CommandCall): LogLevel | null {
  const given = textOf(call, "log-level") ?? (process.stderr.isTTY ? "warn" : "info");
  return LOG_LEVELS.find((level) => level === given) ?? null;
}

function tellIntroduction(call: CommandCall, config: Config, sidecar: RunningSidecar): void {
  const { console, env } = call;
  const demo = demoSecrets(config, env);
  const lines = introduce(
    {
      version: packageVersion(),
      config,
      addresses: sidecar.addresses,
      fingerprint: sidecar.hostKeys[0]?.fingerprint ?? "",
      rules: sidecar.rules.ruleset.size,
      demo,
      tries: demo.length === 0 ? [] : triesFor(config, demo[0]?.name),
      wall: wallNow(),
    },
    console.style,
  );
  for (const line of lines) console.out(line);
}

function triesFor(config: Config, person: string | undefined) {
  const rules = readRules(config);
  const subject = ruleSubject(config, { person, target: undefined, account: undefined });
  if (!rules.ok || typeof subject === "string") return [];
  const { onUnparsed } = config.doubt;
  return findTries({ ruleset: rules.value.ruleset, subject, onUnparsed, wall: wallNow() });
}

/** Resolves when the sidecar has stopped, by a signal or by itself. */
async function untilStopped(sidecar: RunningSidecar): Promise<void> {
  let asked = false;
  const stop = (signal: NodeJS.Signals) => {
    // The first asks; whoever asks again does not want to wait.
    const stopped = asked ? sidecar.stop(signal, 0) : sidecar.stop(signal);
    asked = true;
    stopped.catch(crash);
  };
  const onTerminal = startedOnTerminal();
  const hangUp = () => {
    // The terminal is gone, and with it who watched: what they started must not go on unseen.
    if (onTerminal) stop("SIGHUP");
    else sidecar.hangUp().catch(crash);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  process.on("SIGHUP", hangUp);
  try {
    await sidecar.closed;
  } finally {
    process.off("SIGTERM", stop);
    process.off("SIGINT", stop);
    process.off("SIGHUP", hangUp);
  }
}

/**
 * Started by hand on a terminal: then SIGHUP means that the terminal is closed (termios(3), hang-up), and
 * a service, which has none, is asked to read its rules again. Looked at once, because a terminal that
 * is gone is none any more.
 */
export function startedOnTerminal(
  streams: readonly { readonly isTTY?: boolean }[] = [process.stdin, process.stdout],
): boolean {
  return streams.some(({ isTTY }) => isTTY === true);
}

/** What rejects here is a bug: it must be seen, not swallowed by a signal handler. */
function crash(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}
