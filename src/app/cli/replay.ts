import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { encodeEvent } from "../../events/index.js";
import { err, fault, type Fault, type Result } from "../../kernel/index.js";
import { CAST_CHARS_MAX, readCast, type Cast } from "../../recording/index.js";
import { createHitMemory } from "../../rules/index.js";
import { replayCast, type ReplayDeps, type Replayed } from "../replay/replay-cast.js";
import { describeSummary, summarise } from "../replay/summary.js";
import { CONFIG_OPTION, type Command } from "./command.js";
import { tellFaults } from "./console.js";
import { EXIT } from "./exit-code.js";
import { loadCalledConfig } from "./find-config.js";
import { readRules } from "./read-rules.js";

export const replayCommand: Command = {
  words: ["replay"],
  positionals: "RECORDING...",
  summary: "the same engine over recorded sessions: what the rules of today would have done",
  options: {
    config: CONFIG_OPTION,
    summary: {
      type: "boolean",
      help: "a table of the rules that would have hit instead of events",
    },
  },
  notes: [
    "Prints events as NDJSON; no rule acts, `wouldHave` tells what it would have done. Recordings are",
    "replayed in the order of their beginning; rules that count across sessions count across them.",
    "What was typed with the echo off is in no recording: such lines are not there to judge.",
  ],
  examples: [
    "chaperone replay var/recordings/2026/11/20/*.cast | jq 'select(.type | endswith(\"rule.matched.v1\"))'",
    "chaperone replay --summary --config new.yaml var/recordings/2026/11/*/*.cast",
  ],
  async run(call) {
    const { console, positionals } = call;
    if (positionals.length === 0) {
      console.err("chaperone replay: say at least one RECORDING");
      return EXIT.usage;
    }
    const config = loadCalledConfig(call);
    const rules = config.ok ? readRules(config.value) : config;
    if (!config.ok || !rules.ok) {
      tellFaults(console, rules.ok ? [] : rules.error);
      return EXIT.couldNotRun;
    }
    const { casts, faults } = readAll(positionals);
    const { stepUp, approval, suspension } = config.value;
    const deps: ReplayDeps = {
      ruleset: rules.value.ruleset,
      memory: createHitMemory(),
      policy: { stepUp, approval, suspension },
    };
    const replays: Replayed[] = [];
    for (const { file, cast } of casts) {
      const replayed = replayCast(cast, deps);
      if (replayed.blind)
        console.err(`${console.errStyle.warn("warning")} ${file}: nothing typed is in it`);
      if (call.values["summary"] === true) {
        replays.push(replayed);
        continue;
      }
      for (const event of replayed.events) {
        console.out(encodeEvent(event).trimEnd());
        await console.flushed();
      }
    }
    if (call.values["summary"] === true)
      for (const row of describeSummary(summarise(replays))) console.out(row);
    tellFaults(console, faults);
    return faults.length === 0 ? EXIT.fine : EXIT.bad;
  },
};

interface NamedCast {
  readonly file: string;
  readonly cast: Cast;
}

/** In the order in which they began. */
function readAll(paths: readonly string[]): {
  readonly casts: readonly NamedCast[];
  readonly faults: readonly Fault[];
} {
  const casts: NamedCast[] = [];
  const faults: Fault[] = [];
  for (const path of paths) {
    const read = readOne(path);
    if (read.ok) casts.push({ file: path, cast: read.value });
    else faults.push(read.error);
  }
  casts.sort((a, b) => a.cast.header.wallMs - b.cast.header.wallMs);
  return { casts, faults };
}

function readOne(path: string): Result<Cast, Fault> {
  try {
    const { size } = statSync(path);
    if (size > CAST_CHARS_MAX)
      return err(fault("CHP_RECORDING_READ", `${path}: larger than ${CAST_CHARS_MAX} bytes`));
    return readCast(resolve(path), readFileSync(path, "utf8"));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return err(fault("CHP_RECORDING_READ", why));
  }
}
