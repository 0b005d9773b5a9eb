import { micros, MICROS_PER_MS } from "../../kernel/index.js";
import {
  isDesktopProtocol,
  type DesktopPolicy,
  type DesktopProtocol,
  type InputBody,
} from "../../model/index.js";
import { createDesktopSession, understandDesktop } from "../../protocols/guacamole/index.js";
import type { Dump, DumpEntry } from "../../recording/index.js";
import { createStage, factsOf, replaySeed, type Replayed, type ReplayDeps } from "./stage.js";

const TAIL_MS = 5_000;
/** `blocked no-sudo`: what was decided about a line when it was recorded. */
const DECISION = /^[a-z]+(?: \S+)?$/;

/**
 * A recorded desktop through the very machine that a live one goes through: lines, rules in shadow and the
 * rhythm of the keys. Clipboards and files are in no recording, and neither are lines that were hidden.
 */
export function replayDump({ header, entries }: Dump, deps: ReplayDeps): Replayed {
  const protocol: DesktopProtocol = isDesktopProtocol(header.protocol) ? header.protocol : "rdp";
  const session = createDesktopSession({
    ...replaySeed(factsOf(header, protocol), deps),
    readOnly: false,
    dump: false,
    understand: (judge) => understandDesktop({ protocol, policy: EVERYTHING, judge }),
  });
  const stage = createStage(session, header, deps);
  stage.step(micros(0), { kind: "opened" });
  for (const entry of entries) {
    const at = micros(Math.round(entry.ms * MICROS_PER_MS));
    stage.runUntil(at);
    const body = inputOf(entry);
    if (body !== null) stage.step(at, body);
  }
  const last = micros(Math.round(((entries.at(-1)?.ms ?? 0) + TAIL_MS) * MICROS_PER_MS));
  stage.runUntil(last);
  stage.step(last, { kind: "disconnected", reason: "the recording ends" });
  return {
    events: stage.told,
    decided: entries.flatMap(({ ms, instruction: { opcode, args } }) => {
      const [label = ""] = args;
      return opcode === "log" && DECISION.test(label) ? [{ seconds: ms / 1_000, label }] : [];
    }),
    blind: !entries.some(({ instruction }) => instruction.opcode === "key"),
  };
}

function inputOf({ instruction }: DumpEntry): InputBody | null {
  const { opcode, args } = instruction;
  switch (opcode) {
    case "key":
    case "mouse": {
      // guacd's time stands behind what was sent.
      const sent = args.slice(0, opcode === "key" ? 2 : 3);
      return { kind: "instruction", from: "person", instruction: { opcode, args: sent } };
    }
    case "sync":
    case "size":
      return { kind: "instruction", from: "target", instruction };
    default:
      return null;
  }
}

/** What is over is neither held nor dropped. */
const EVERYTHING: DesktopPolicy = {
  readOnly: false,
  copy: true,
  paste: true,
  upload: true,
  download: true,
  microphone: true,
  pipes: true,
  clipboardBytesMax: Number.MAX_SAFE_INTEGER,
  fileBytesMax: Number.MAX_SAFE_INTEGER,
};
