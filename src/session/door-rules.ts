import type { ChannelId } from "../kernel/index.js";
import type {
  ChannelAsked,
  ChannelKind,
  ForwardActivity,
  GlobalAsked,
  RequestAsked,
  RuleHit,
} from "../model/index.js";
import {
  resolveVerdict,
  type HitMark,
  type HitMemory,
  type ResolvedVerdict,
} from "../rules/index.js";
import type { Outbox } from "./outbox.js";
import { ruleMatched } from "./rule-told.js";
import type { SessionSeed } from "./session.js";

/** What rules say about something that is asked for at the door: a forward. */
export interface DoorRuling {
  readonly verdict: ResolvedVerdict;
  /** Rule id behind the strictest demand; "" when nothing was demanded. */
  readonly trigger: string;
  readonly reason: string;
  readonly hits: readonly RuleHit[];
  readonly marks: readonly HitMark[];
}

export interface DoorRules {
  judge(kind: ChannelKind, asked: ChannelAsked | GlobalAsked | RequestAsked): DoorRuling;
  /** Tells every hit, and remembers them. */
  tell(ruling: DoorRuling, channel: ChannelId): void;
}

export function createDoorRules(deps: {
  readonly seed: SessionSeed;
  readonly outbox: Outbox;
  readonly memory: HitMemory;
  readonly risk: () => number | undefined;
}): DoorRules {
  const { seed, outbox, memory } = deps;
  const session = seed.facts;
  return {
    judge(kind, asked) {
      const ruleset = seed.rules.current();
      const activity = forwardOf(kind, asked);
      const risk = deps.risk();
      const moment = {
        channelKind: kind,
        wall: outbox.wall,
        ...(risk === undefined ? {} : { risk }),
      };
      if (activity === null) return NOTHING;
      try {
        const found = ruleset.judgeActivity(activity, moment, session);
        const { hits, marks } = ruleset.correlate(found, { memory, session, moment });
        return rulingOf(hits, marks);
      } catch {
        // A bug in an inspector must not become a way past it: policy decides, by default block.
        return seed.doubt.onFault === "block" ? stopped("policy.onFault", FAULT) : NOTHING;
      }
    },
    tell({ hits, marks }, channel) {
      for (const mark of marks) memory.add(mark);
      for (const hit of hits) {
        const data = ruleMatched(hit, { channel, hidden: false }, outbox.session);
        outbox.emit({ type: "rule.matched", data });
      }
    },
  };
}

const FAULT = "what was asked for could not be inspected";
const NOTHING = rulingOf([], []);

function rulingOf(hits: readonly RuleHit[], marks: readonly HitMark[]): DoorRuling {
  const verdict = resolveVerdict(hits);
  const wanted: readonly string[] =
    verdict.session === "none" ? [verdict.line] : [verdict.session, "lock-user"];
  const decisive = verdict.reasons.find(({ verbs }) => verbs.some((verb) => wanted.includes(verb)));
  const first = decisive?.hit;
  return {
    verdict,
    hits,
    marks,
    trigger: first?.rule.id ?? "",
    reason: first === undefined ? "" : (first.message ?? first.rule.name),
  };
}

function stopped(trigger: string, reason: string): DoorRuling {
  return { ...NOTHING, verdict: { ...NOTHING.verdict, line: "block" }, trigger, reason };
}

function forwardOf(
  kind: ChannelKind,
  asked: ChannelAsked | GlobalAsked | RequestAsked,
): ForwardActivity | null {
  switch (kind) {
    case "localForward":
    case "remoteForward":
    case "streamlocal": {
      const way = kind === "localForward" ? "local" : kind === "remoteForward" ? "remote" : kind;
      return {
        kind: "forward",
        forward: way,
        ...("host" in asked ? { host: asked.host } : {}),
        ...("port" in asked ? { port: asked.port } : {}),
        ...("path" in asked ? { path: asked.path } : {}),
      };
    }
    case "agent":
    case "x11":
      return { kind: "forward", forward: kind };
    case "shell":
    case "exec":
    case "sftp":
    case "subsystem":
      return null;
  }
}
