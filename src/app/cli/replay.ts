import { readFileSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { parseBehaviourProfile } from "../../behaviour/index.js";
import { encodeEvent } from "../../events/index.js";
import { describeError, err, fault, ok, type Fault, type Result } from "../../kernel/index.js";
import {
  CAST_CHARS_MAX,
  decryptRecording,
  parseRecordingName,
  readCast,
  readDump,
  type Cast,
  type Dump,
  type Identities,
} from "../../recording/index.js";
import { createHitMemory } from "../../rules/index.js";
import { replayCast } from "../replay/replay-cast.js";
import { replayDump } from "../replay/replay-dump.js";
import type { ReplayDeps, Replayed } from "../replay/stage.js";
import { describeSummary, summarise } from "../replay/summary.js";
import { openProfileStore } from "../../runtime/index.js";
import type { Config } from "../config/index.js";
import { describeLadder } from "../replay/ladder.js";
import { createProfileShelf } from "../replay/profile-shelf.js";
import { CONFIG_OPTION, textOf, type Command, type CommandCall } from "./command.js";
import { tellFaults } from "./console.js";
import { EXIT } from "./exit-code.js";
import { loadCalledConfig } from "./find-config.js";
import { readRules } from "./read-rules.js";
import { IDENTITY_OPTION, loadIdentities } from "./recording.js";

export const replayCommand: Command = {
  words: ["replay"],
  positionals: "RECORDING...",
  summary: "the same engine over recorded sessions: what the rules of today would have done",
  options: {
    config: CONFIG_OPTION,
    identity: IDENTITY_OPTION,
    summary: {
      type: "boolean",
      help: "a table of the rules that would have hit instead of events",
    },
    ladder: {
      type: "boolean",
      help: "how the risk of each session went instead of events; needs `risk:`",
    },
    learn: {
      type: "boolean",
      help: "people are learnt from these recordings alone, one after the other; nothing is kept",
    },
  },
  notes: [
    "Prints events as NDJSON; no rule acts, `wouldHave` tells what it would have done. Recordings are",
    "replayed in the order of their beginning; rules that count across sessions count across them.",
    "With `risk:` behaviour is compared with what is stored now, which these sessions may have taught;",
    "with --learn only with the recordings before. Answers to questions are in no recording.",
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
    const keys = textOf(call, "identity");
    const identities = keys === undefined ? ok(null) : await loadIdentities(keys);
    if (!identities.ok) {
      tellFaults(console, [identities.error]);
      return EXIT.couldNotRun;
    }
    const { casts, faults } = await readAll(positionals, identities.value);
    const { stepUp, approval, suspension } = config.value;
    const deps: ReplayDeps = {
      ruleset: rules.value.ruleset,
      memory: createHitMemory(),
      policy: { stepUp, approval, suspension },
      ...behaviourOf(config.value, call),
    };
    const replays: Replayed[] = [];
    for (const { file, cast } of casts) {
      const replayed = "entries" in cast ? replayDump(cast, deps) : replayCast(cast, deps);
      if (replayed.blind)
        console.err(`${console.errStyle.warn("warning")} ${file}: nothing typed is in it`);
      if (call.values["summary"] === true) {
        replays.push(replayed);
        continue;
      }
      if (call.values["ladder"] === true) {
        for (const row of describeLadder(replayed.events)) console.out(row);
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

function behaviourOf({ risk, stateDir }: Config, call: CommandCall): Pick<ReplayDeps, "behaviour"> {
  if (risk === undefined) return {};
  const learns = call.values["learn"] === true;
  const store = learns ? null : openProfileStore(stateDir, Date.now);
  if (store !== null && !store.ok) tellFaults(call.console, [store.error]);
  const kept = store?.ok === true ? store.value.newest(PROFILES_MAX).profiles : [];
  const stored = kept.flatMap(({ person, groups, text }) => {
    const parsed = parseBehaviourProfile(text);
    return parsed.ok ? [{ person, groups, profile: parsed.value }] : [];
  });
  return { behaviour: { policy: risk.policy, shelf: createProfileShelf(stored, { learns }) } };
}

/** People whose profiles a replay compares with: as many as the crowd of the sidecar, and all the others. */
const PROFILES_MAX = 1_000;

interface NamedCast {
  readonly file: string;
  readonly cast: Recorded;
}

/** A terminal, or a desktop. */
type Recorded = Cast | Dump;

/** In the order in which they began. */
async function readAll(
  paths: readonly string[],
  identities: Identities | null,
): Promise<{ readonly casts: readonly NamedCast[]; readonly faults: readonly Fault[] }> {
  const casts: NamedCast[] = [];
  const faults: Fault[] = [];
  for (const path of paths) {
    const name = parseRecordingName(basename(path));
    // Parts of another, which a pattern for file names has caught.
    if (name !== null && (name.input || name.tail)) continue;
    const read = await readOne(path, identities);
    if (read.ok) casts.push({ file: path, cast: read.value });
    else faults.push(read.error);
  }
  casts.sort((a, b) => a.cast.header.wallMs - b.cast.header.wallMs);
  return { casts, faults };
}

async function readOne(
  path: string,
  identities: Identities | null,
): Promise<Result<Recorded, Fault>> {
  try {
    const { size } = statSync(path);
    if (size > CAST_CHARS_MAX)
      return err(fault("CHP_RECORDING_READ", `${path}: larger than ${CAST_CHARS_MAX} bytes`));
    const read = parseRecordingName(basename(path))?.format === "guac" ? readDump : readCast;
    if (!path.endsWith(".age")) return read(resolve(path), readFileSync(path, "utf8"));
    if (identities === null)
      return err(fault("CHP_RECORDING_ENCRYPTED", `${path}: no --identity was given`));
    const text = await decrypted(path, identities);
    return text.ok ? read(resolve(path), text.value) : text;
  } catch (error) {
    return err(fault("CHP_RECORDING_READ", describeError(error)));
  }
}

async function decrypted(path: string, identities: Identities): Promise<Result<string, Fault>> {
  const opened = await decryptRecording(path, identities);
  if (!opened.ok) return opened;
  const pieces = opened.value.text();
  const all: Buffer[] = [];
  for (;;) {
    const piece = pieces.next();
    if (piece.done !== true) all.push(piece.value);
    else if (piece.value.how === "altered") return err(piece.value.fault);
    else return ok(Buffer.concat(all).toString("utf8"));
  }
}
