import { parseBehaviourProfile, type RiskPolicy } from "../../behaviour/index.js";
import { wrapEvent, type EventEnvelope } from "../../events/index.js";
import {
  MICROS_PER_MS,
  sessionId,
  wallMicros,
  type ChannelId,
  type Micros,
} from "../../kernel/index.js";
import type {
  ChannelPolicy,
  Effect,
  InputBody,
  SessionFacts,
  TimerName,
} from "../../model/index.js";
import type { CastHeader } from "../../recording/index.js";
import type { HitMemory, Ruleset } from "../../rules/index.js";
import type { Session, SessionSeed } from "../../session/index.js";
import type { ProfileShelf } from "./profile-shelf.js";
import { inShadow } from "./shadow-ruleset.js";

export interface ReplayDeps {
  readonly ruleset: Ruleset;
  /** What rules that count across sessions remember; shared by the recordings of one replay. */
  readonly memory: HitMemory;
  readonly policy: Pick<SessionSeed, "stepUp" | "approval" | "suspension">;
  /** Absent: behaviour is not watched. */
  readonly behaviour?: { readonly policy: RiskPolicy; readonly shelf: ProfileShelf };
}

export interface Replayed {
  readonly events: readonly EventEnvelope[];
  /** What the sidecar did when it was recorded, from the marks: `blocked our-rule-1`, at seconds. */
  readonly decided: readonly { readonly seconds: number; readonly label: string }[];
  /** Nothing typed is in the recording (it was made with `input: off`): commands can not be told. */
  readonly blind: boolean;
}

/** A session that is lived again: its clock, its timers, and what it told. */
export interface Stage {
  readonly told: readonly EventEnvelope[];
  readonly step: (at: Micros, body: InputBody) => void;
  /** Timers up to a moment, in the order of their time, those that they set included. */
  readonly runUntil: (at: Micros) => void;
}

export function createStage(session: Session, header: CastHeader, deps: ReplayDeps): Stage {
  const told: EventEnvelope[] = [];
  const timers = createTimers();

  function step(at: Micros, body: InputBody): void {
    const wall = wallMicros(header.wallMs * MICROS_PER_MS + at);
    for (const effect of session.step({ ...body, at, wall })) carryOut(effect, at);
  }

  function carryOut(effect: Effect, at: Micros): void {
    if (effect.kind === "set-timer") timers.set(effect.timer, effect.channel, effect.at);
    else if (effect.kind === "clear-timer") timers.clear(effect.timer, effect.channel);
    else if (effect.kind === "emit") {
      const wall = wallMicros(Math.floor(header.wallMs * MICROS_PER_MS + at));
      const facts = { source: SOURCE, subject: header.session, sequence: effect.sequence, wall };
      told.push(wrapEvent(effect.event, facts));
    } else if (effect.kind === "ask-profile") {
      const known = deps.behaviour?.shelf.read(header.person);
      const profile = known?.profile == null ? null : JSON.stringify(known.profile);
      const revision = known?.revision ?? null;
      step(at, { kind: "profile-known", part: effect.part, profile, revision });
    } else if (effect.kind === "keep-profile") {
      const brought = parseBehaviourProfile(effect.profile);
      const { person, groups } = header;
      if (brought.ok) deps.behaviour?.shelf.keep({ person, groups }, brought.value);
    }
    // Everything else is for a target, a person or a disk, none of which is there.
  }

  /** Timers in the order of their time, those that they set included. */
  function runUntil(at: Micros): void {
    for (let fired = 0; fired < TIMERS_MAX; fired++) {
      const next = timers.takeDue(at);
      if (next === null) return;
      step(next.at, { kind: "timer", timer: next.timer, channel: next.channel });
    }
  }

  return { told, step, runUntil };
}

const SOURCE = "/chaperone/replay";
/** Between two entries of a recording; a timer that sets itself again at once must not hang us. */
const TIMERS_MAX = 10_000;

interface DueTimer {
  readonly timer: TimerName;
  readonly channel: ChannelId | null;
  readonly at: Micros;
}

function createTimers(): {
  set(timer: TimerName, channel: ChannelId | null, at: Micros): void;
  clear(timer: TimerName, channel: ChannelId | null): void;
  takeDue(until: Micros): DueTimer | null;
} {
  const timers = new Map<string, DueTimer>();
  const key = (timer: TimerName, channel: ChannelId | null): string => `${timer} ${channel ?? ""}`;
  return {
    set: (timer, channel, at) => void timers.set(key(timer, channel), { timer, channel, at }),
    clear: (timer, channel) => void timers.delete(key(timer, channel)),
    takeDue(until) {
      let first: DueTimer | null = null;
      for (const one of timers.values()) {
        if (one.at <= until && (first === null || one.at < first.at)) first = one;
      }
      if (first !== null) timers.delete(key(first.timer, first.channel));
      return first;
    },
  };
}

/** Of a session that is over: rules are in shadow, and nobody is there to be asked. */
export function replaySeed(facts: SessionFacts, deps: ReplayDeps): SessionSeed {
  const { ruleset, memory, policy, behaviour } = deps;
  const rules = inShadow(ruleset);
  return {
    ...policy,
    facts,
    channels: EVERYTHING,
    env: [],
    // What is over is neither held nor dropped; doubts are told.
    doubt: { onFault: "allow", onUncertain: "alert", onUnparsed: "alert", audit: "normal" },
    observation: { shown: false },
    graces: [],
    recording: { terminal: "off", input: "off" },
    rules: { current: () => rules },
    sharedHits: memory,
    // Nobody is there to be asked: steps are told.
    ...(behaviour === undefined
      ? {}
      : {
          behaviour: {
            policy: behaviour.policy,
            mode: "shadow" as const,
            site: () => behaviour.shelf.site(),
          },
        }),
    firstSequence: 0,
  };
}

const EVERYTHING: ChannelPolicy = {
  shell: "allow",
  exec: "allow",
  sftp: "allow",
  subsystem: "allow",
  localForward: "allow",
  remoteForward: "allow",
  streamlocal: "allow",
  agent: "allow",
  x11: "allow",
};

export function factsOf(
  header: CastHeader,
  protocol: SessionFacts["protocol"] = "ssh",
): SessionFacts {
  const { person, groups, account, target, address, targetLabels, ticket, language } = header;
  return {
    id: sessionId(header.session),
    protocol,
    person: {
      name: person,
      groups,
      phrase: "",
      factors: [],
      ...(language === undefined ? {} : { language }),
    },
    account,
    target: { name: target, address, labels: targetLabels, embedded: address === "embedded" },
    origin: header.origin,
    clientVersion: header.clientVersion,
    authMethods: [],
    ...(ticket === undefined ? {} : { ticket }),
  };
}
