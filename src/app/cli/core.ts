import { describeFault } from "../../kernel/index.js";
import { openStateDir } from "../../runtime/index.js";
import { openCoreStore } from "../core/open-core-store.js";
import { standCore } from "../core/standing-core.js";
import { createLog } from "../log.js";
import { CONFIG_OPTION, textOf, type Command, type CommandCall } from "./command.js";
import { tellFaults } from "./console.js";
import { EXIT, type ExitCode } from "./exit-code.js";
import { loadCalledConfig } from "./find-config.js";

const coreCommand: Command = {
  words: ["core"],
  summary: "the scoring core as a process of its own, for several sidecars",
  options: {
    config: CONFIG_OPTION,
    "log-file": { type: "string", value: "FILE", help: "operations log (JSON); without it stderr" },
  },
  notes: [
    "It listens at `scoring.listen`. Sidecars are pointed at it with `scoring.url` and `scoring.token`;",
    "a PAM core pushes `credential.viewed` and `credential.changed` to POST /v1/events with the same token.",
    "Several cores may share one PostgreSQL: one works, the others stand by and take over when it is gone.",
    "SIGTERM and Ctrl-C stop it; what it has not taken, the sidecars tell again.",
  ],
  examples: ["chaperone core --config /etc/chaperone/core.yaml"],
  async run(call) {
    const config = loadCalledConfig(call);
    if (!config.ok) {
      tellFaults(call.console, config.error);
      return EXIT.couldNotRun;
    }
    const { scoring, stateDir } = config.value;
    if (scoring?.core.type !== "embedded" || scoring.core.listen === undefined) {
      call.console.err(
        "chaperone core: the configuration needs `scoring` with `listen`, and no `url`",
      );
      return EXIT.couldNotRun;
    }
    const state = openStateDir(stateDir);
    if (!state.ok) {
      tellFaults(call.console, [state.error]);
      return EXIT.couldNotRun;
    }
    const file = textOf(call, "log-file");
    const log = createLog({ level: "info", role: "core", ...(file === undefined ? {} : { file }) });
    const running = await standCore(scoring.core, {
      settings: scoring.settings,
      env: call.env,
      log,
    });
    if (!running.ok) {
      state.value.release();
      tellFaults(call.console, [running.error]);
      return EXIT.couldNotRun;
    }
    const { served } = running.value;
    const standsBy = running.value.core === null ? "; another core works, this one stands by" : "";
    call.console.out(
      `scoring core: ${served?.address ?? ""}:${served?.port ?? 0}, token in ${scoring.core.listen.token}${standsBy}`,
    );
    log.info("core-listens", { address: served?.address, port: served?.port });
    await untilAsked();
    await running.value.close();
    state.value.release();
    return EXIT.fine;
  },
};

const eraseCommand: Command = {
  words: ["core", "erase"],
  summary: "deletes everything that the scoring core keeps about a person",
  inGroup: true,
  options: {
    config: CONFIG_OPTION,
    person: { type: "string", value: "NAME", help: "whose facts, ratings and history" },
    yes: { type: "boolean", help: "really do it; without it nothing happens" },
  },
  notes: ["The sidecar or core that keeps the store must not be running."],
  examples: ["chaperone core erase --person alice --yes"],
  run: runErase,
};

async function runErase(call: CommandCall): Promise<ExitCode> {
  const { console } = call;
  const person = textOf(call, "person");
  if (person === undefined) {
    console.err("chaperone core erase: name a --person");
    return EXIT.usage;
  }
  if (call.values["yes"] !== true) {
    console.err("nothing was erased: this can not be undone; say --yes to do it");
    return EXIT.usage;
  }
  const config = loadCalledConfig(call);
  if (!config.ok) {
    tellFaults(console, config.error);
    return EXIT.couldNotRun;
  }
  const { scoring, stateDir } = config.value;
  if (scoring?.core.type !== "embedded") {
    console.err("chaperone core erase: the configuration has no `scoring` with a core of its own");
    return EXIT.couldNotRun;
  }
  const state = openStateDir(stateDir);
  if (!state.ok) {
    tellFaults(console, [state.error]);
    return EXIT.couldNotRun;
  }
  try {
    const store = await openCoreStore(scoring.core.store, call.env);
    if (!store.ok) {
      tellFaults(console, [store.error]);
      return EXIT.couldNotRun;
    }
    const gone = await store.value.erase(person, Date.now());
    await store.value.close();
    if (!gone.ok) {
      console.err(describeFault(gone.error));
      return EXIT.couldNotRun;
    }
    console.out(`${gone.value} facts deleted`);
    return EXIT.fine;
  } finally {
    state.value.release();
  }
}

function untilAsked(): Promise<void> {
  return new Promise((asked) => {
    const stop = () => asked();
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);
  });
}

/** `core erase` first: the longer words are found first. */
export const CORE_COMMANDS: readonly Command[] = [eraseCommand, coreCommand];
