import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sensitiveFields } from "../../events/index.js";
import { describeError, err, fault, ok, type Fault, type Result } from "../../kernel/index.js";
import { openStateDir } from "../../runtime/index.js";
import { isRotationOrdered, openSealedLog, orderRotation } from "../../sealing/index.js";
import { CONFIG_OPTION, type Command, type CommandCall } from "./command.js";
import { tellFaults } from "./console.js";
import { EXIT, type ExitCode } from "./exit-code.js";
import { loadCalledConfig } from "./find-config.js";

export const rotateCommand: Command = {
  words: ["audit", "rotate-key"],
  summary: "changes the key that signs the audit log; what the old one signed verifies as before",
  options: { config: CONFIG_OPTION },
  notes: [
    "The old key seals the log, hands over in a record, and is destroyed: who gets hold of the folder",
    "from now on can not sign what happened before. Its public part stays. The sidecar may be running.",
    "`audit verify --key` goes on to take the key that began the log.",
  ],
  examples: ["chaperone audit rotate-key"],
  run: runRotate,
};

/** A sidecar that runs looks every second whether somebody asks for a new key. */
const ROTATION_PATIENCE_MS = 15_000;
const ROTATION_LOOK_MS = 100;

async function runRotate(call: CommandCall): Promise<ExitCode> {
  const config = loadCalledConfig(call);
  if (!config.ok) {
    tellFaults(call.console, config.error);
    return EXIT.couldNotRun;
  }
  const { stateDir } = config.value;
  const dir = join(stateDir, "audit");
  const rotated = existsSync(dir)
    ? await rotateKey(stateDir, dir)
    : err(fault("CHP_SEALING_NO_LOG", dir));
  if (!rotated.ok) {
    tellFaults(call.console, [rotated.error]);
    return EXIT.couldNotRun;
  }
  call.console.out("a new key signs the audit log; the old one is destroyed");
  return EXIT.fine;
}

async function rotateKey(stateDir: string, dir: string): Promise<Result<void, Fault>> {
  const state = openStateDir(stateDir);
  if (!state.ok) {
    return state.error.code === "CHP_RUNTIME_STATE_LOCKED" ? await askForRotation(dir) : state;
  }
  try {
    const log = openSealedLog({
      dir,
      sensitive: sensitiveFields,
      now: () => new Date().toISOString(),
    });
    if (!log.ok) return log;
    const rotated = log.value.rotateKey();
    const closed = await log.value.close();
    return rotated.ok ? closed : rotated;
  } finally {
    state.value.release();
  }
}

async function askForRotation(dir: string): Promise<Result<void, Fault>> {
  try {
    orderRotation(dir);
    for (let waitedMs = 0; waitedMs < ROTATION_PATIENCE_MS; waitedMs += ROTATION_LOOK_MS) {
      await sleep(ROTATION_LOOK_MS);
      if (!isRotationOrdered(dir)) return ok(undefined);
    }
    return err(fault("CHP_SEALING_WRITE", "the sidecar was asked, and has not done it yet"));
  } catch (error) {
    return err(fault("CHP_SEALING_WRITE", describeError(error)));
  }
}
