import { rmSync } from "node:fs";
import { join } from "node:path";
import { describeError, err, fault, ok, type Fault, type Result } from "../../kernel/index.js";
import { findRecordings } from "../../recording/index.js";
import { openStateDir } from "../../runtime/index.js";
import { eraseSessionKeys, sessionsOf, type Erasure } from "../../sealing/index.js";
import { CONFIG_OPTION, textOf, type Command, type CommandCall } from "./command.js";
import { tellFaults } from "./console.js";
import { EXIT, type ExitCode } from "./exit-code.js";
import { loadCalledConfig } from "./find-config.js";

export const eraseCommand: Command = {
  words: ["audit", "erase"],
  summary: "destroys the keys of a person or a session: their personal fields are gone for good",
  options: {
    config: CONFIG_OPTION,
    person: { type: "string", value: "NAME", help: "every session of this person" },
    session: { type: "string", value: "ID", help: "one session" },
    recordings: { type: "boolean", help: "delete the recordings of these sessions as well" },
    yes: { type: "boolean", help: "really do it; without it nothing happens" },
  },
  notes: [
    "The log stays whole and verifies as before. The sidecar must not be running.",
    "Not touched: events.file, what sinks have received, and without --recordings the recordings. Which",
    "sessions were a person's only the keys tell: say --recordings in the same call.",
  ],
  examples: ["chaperone audit erase --person alice --recordings --yes"],
  run(call) {
    return Promise.resolve(runErase(call));
  },
};

function runErase(call: CommandCall): ExitCode {
  const { console } = call;
  const erasure = erasureOf(call);
  if (erasure === null) {
    console.err("chaperone audit erase: name either --person or --session");
    return EXIT.usage;
  }
  const config = loadCalledConfig(call);
  if (!config.ok) {
    tellFaults(console, config.error);
    return EXIT.couldNotRun;
  }
  if (call.values["yes"] !== true) {
    console.err("nothing was erased: this can not be undone; say --yes to do it");
    return EXIT.usage;
  }
  const state = openStateDir(config.value.stateDir);
  if (!state.ok) {
    tellFaults(console, [state.error]);
    return EXIT.couldNotRun;
  }
  const { folder } = config.value.recording;
  const recordings = call.values["recordings"] === true;
  const erased = erase(
    join(state.value.path, "audit", "keys"),
    erasure,
    recordings ? folder : null,
  );
  state.value.release();
  if (!erased.ok) {
    tellFaults(console, [erased.error]);
    return EXIT.couldNotRun;
  }
  const { keys, files } = erased.value;
  console.out(
    `${keys} keys destroyed${recordings ? `, ${files} files of recordings deleted` : ""}`,
  );
  return EXIT.fine;
}

/** Recordings first: after a crash in between the keys still tell whose the others are. */
function erase(
  keysDir: string,
  erasure: Erasure,
  folder: string | null,
): Result<{ readonly keys: number; readonly files: number }, Fault> {
  const sessions = folder === null ? ok([]) : sessionsOf(keysDir, erasure);
  if (!sessions.ok) return sessions;
  try {
    const files = findRecordings(folder ?? "", sessions.value);
    for (const file of files) rmSync(file);
    const erased = eraseSessionKeys(keysDir, erasure);
    return erased.ok ? ok({ keys: erased.value, files: files.length }) : erased;
  } catch (error) {
    return err(fault("CHP_RECORDING_WRITE", describeError(error)));
  }
}

function erasureOf(call: CommandCall): Erasure | null {
  const person = textOf(call, "person");
  const session = textOf(call, "session");
  if (person !== undefined && session === undefined) return { what: "person", person };
  if (session !== undefined && person === undefined) return { what: "session", session };
  return null;
}
