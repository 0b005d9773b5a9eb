import { unreachable, type ChannelId, type RequestId } from "../kernel/index.js";
import type {
  ChannelAsked,
  ChannelKind,
  GlobalAsked,
  Input,
  RequestAsked,
  TerminalSize,
} from "../model/index.js";
import {
  channelAccess,
  globalAccess,
  requestAccess,
  type Access,
  type AccessPolicy,
} from "./access.js";
import { describeChannel, describeGlobal, describeRequest } from "./asked-text.js";
import type { ChannelRegister, OpenChannel } from "./channel-register.js";
import { channelQuestions, channelTrigger } from "./channel-questions.js";
import type { DoorRules, DoorRuling } from "./door-rules.js";
import type { SessionGate } from "./gate.js";
import type { Graces } from "./graces.js";
import { EXIT_BLOCKED, EXIT_KILLED } from "./notice.js";
import type { Outbox } from "./outbox.js";
import type { QuestionOrder, Surface } from "./question.js";
import type { SessionSeed } from "./session.js";
import type { StreamStarter } from "./stream-start.js";

type Of<K extends Input["kind"]> = Extract<Input, { kind: K }>;

/** Where channels and requests are asked for: policy first, then what it demands, then the rules. */
export interface DoorDesk {
  channelAsked(input: Of<"channel-asked">): void;
  requestAsked(input: Of<"request-asked">): void;
  globalAsked(input: Of<"global-asked">): void;
  refuse(request: RequestId, reason: string): void;
}

export interface DoorDeps {
  readonly seed: SessionSeed;
  readonly outbox: Outbox;
  readonly gate: SessionGate;
  readonly graces: Graces;
  readonly rules: DoorRules;
  readonly register: ChannelRegister;
  readonly starter: StreamStarter;
  readonly ask: (order: QuestionOrder) => void;
  readonly surface: () => Surface | null;
  readonly closing: () => boolean;
  readonly killSession: (reason: string, trigger: string) => void;
  readonly suspendSession: (reason: string, trigger: string) => void;
  readonly resized: (channel: OpenChannel) => void;
}

const NO_CHANNEL = 0 as ChannelId;
const ENDING = "the session is ending";

export function createDoorDesk(deps: DoorDeps): DoorDesk {
  const { seed, outbox, gate, register, starter } = deps;
  const policy: AccessPolicy = {
    channels: seed.channels,
    env: seed.env,
    embedded: seed.facts.target.embedded,
  };

  /** Kinds whose request has been answered for: what the target opens by it is not asked about again. */
  const answered = new Set<ChannelKind>();
  const waitingSizes = new Map<ChannelId, { request: RequestId; size: TerminalSize }>();

  function refuse(request: RequestId, reason: string): void {
    outbox.add({ kind: "answer", request, answer: { type: "refused", reason } });
  }

  function grant(request: RequestId): void {
    outbox.add({ kind: "answer", request, answer: { type: "granted" } });
  }

  /** Now, or when nothing is open any more; refused when too much waits, or the session ends. */
  function gated(request: RequestId, deed: () => void): void {
    if (deps.closing()) refuse(request, ENDING);
    else if (!gate.whenOpen(() => (deps.closing() ? refuse(request, ENDING) : deed()))) {
      refuse(request, "too many requests wait for an answer");
    }
  }

  function denied(
    access: Extract<Access, { type: "denied" }>,
    asked: {
      readonly channel: ChannelId;
      readonly request: RequestId;
      readonly text: string | null;
    },
  ): void {
    if (asked.text !== null) {
      register.refused(asked.channel, access.kind, access.reason, asked.text);
    }
    refuse(asked.request, access.reason);
  }

  /** What channel policy demands for this kind is asked first; `go` follows when it was answered. */
  function afterDemand(access: Extract<Access, { type: "demanding" }>, door: Door): void {
    const { kind, demand } = access;
    const trigger = channelTrigger(kind);
    const granted = (): void => {
      if (LEND.has(door.asked.type)) answered.add(kind);
      door.go();
    };
    const held = demand === "reauth" && deps.graces.holds(trigger);
    const lent = door.channel === null && LENT.has(door.asked.type) && answered.has(kind);
    if (held || lent) {
      granted();
      return;
    }
    const surface = door.channel === null ? deps.surface() : starter.surfaceOf(door.channel);
    const asked = channelQuestions(seed, {
      kind,
      demand,
      held: door.text,
      surface: surface !== null,
      stderr: door.channel !== null && kind === "exec",
    });
    if (!asked.ok) {
      door.stop(asked.error);
      return;
    }
    const reason = `${kind} is opened only once it has been answered for.`;
    const then: QuestionOrder["then"] = (result, last) => {
      if (result.type === "passed") {
        if (demand === "reauth") deps.graces.grant([trigger], seed.stepUp.graceMs);
        granted();
        return;
      }
      door.stop(
        result.type === "denied" ? `${result.by} did not agree` : NOT_ANSWERED[result.type],
      );
      const { onFail, onTimeout } = last.type === "approval" ? seed.approval : seed.stepUp;
      const outcome =
        result.type === "timed-out" ? onTimeout : UNASKED.has(result.type) ? "block" : onFail;
      if (outcome === "kill" || outcome === "lock-user") deps.killSession(reason, trigger);
      else if (outcome === "suspend") deps.suspendSession(reason, trigger);
    };
    const order = { questions: asked.value, trigger, reason, held: door.text, then };
    if (door.channel === null) deps.ask({ ...order, subject: door.id, surface });
    else starter.askBefore(door.channel, door.request, { ...order, hasStderr: kind === "exec" });
  }

  function pass(access: Exclude<Access, { type: "denied" }>, door: Door): void {
    gated(door.request, () => {
      const ruling = access.kind === null ? null : deps.rules.judge(access.kind, door.asked);
      if (ruling !== null) deps.rules.tell(ruling, door.id);
      if (ruling === null || access.kind === null) admit(access, door);
      else underRules(ruling, { ...access, kind: access.kind }, door);
    });
  }

  function admit(access: Exclude<Access, { type: "denied" }>, door: Door): void {
    if (access.type === "allowed") door.go();
    else afterDemand(access, door);
  }

  /** Rules can be stricter than channel policy, never milder. */
  function underRules(
    { verdict, trigger, reason }: DoorRuling,
    access: Exclude<Access, { type: "denied" }> & { readonly kind: ChannelKind },
    door: Door,
  ): void {
    if (verdict.lockPerson) outbox.add({ kind: "lock-person", rule: trigger, reason });
    if (verdict.line === "block") {
      door.stop(`${reason} [${trigger}]`);
      outbox.emit({
        type: "action.taken",
        data: {
          session: outbox.session,
          channel: door.id,
          action: "block",
          target: "channel",
          reason: trigger,
          outcome: "refused",
          rule: trigger,
        },
      });
      if (verdict.session === "kill") deps.killSession(reason, trigger);
      else if (verdict.session === "suspend") deps.suspendSession(reason, trigger);
      return;
    }
    const asks = verdict.line === "approve" || verdict.line === "reauth" ? verdict.line : null;
    const both = access.type === "demanding" && access.demand === "approve" ? "approve" : asks;
    if (asks === null || both === null) admit(access, door);
    else afterDemand({ type: "demanding", kind: access.kind, demand: both }, door);
  }

  // --- channels ----------------------------------------------------------------------------------

  function channelAsked(input: Of<"channel-asked">): void {
    const { channel: id, request, asked } = input;
    const access = channelAccess(asked, policy);
    const text = describeChannel(asked);
    if (access.type === "denied") {
      denied(access, { channel: id, request, text });
      return;
    }
    pass(access, {
      id,
      request,
      asked,
      channel: null,
      text,
      go() {
        const channel = register.open(id, asked);
        const { kind } = access;
        if (kind !== null) register.started(channel, kind, { type: "stream", kind }, text);
        grant(request);
      },
      stop(reason) {
        register.refused(id, access.kind ?? "unknown", reason, text);
        refuse(request, reason);
      },
    });
  }

  function globalAsked(input: Of<"global-asked">): void {
    const { request, asked } = input;
    const access = globalAccess(asked, policy);
    const text = describeGlobal(asked);
    if (access.type === "denied") {
      denied(access, { channel: NO_CHANNEL, request, text });
      return;
    }
    pass(access, {
      id: NO_CHANNEL,
      request,
      asked,
      channel: null,
      text,
      go: () => grant(request),
      stop(reason) {
        register.refused(NO_CHANNEL, access.kind ?? "unknown", reason, text);
        refuse(request, reason);
      },
    });
  }

  // --- requests on a session channel ---------------------------------------------------------------

  function requestAsked(input: Of<"request-asked">): void {
    const { asked, request } = input;
    const channel = register.get(input.channel);
    if (channel === undefined || deps.closing()) {
      refuse(request, "the channel is not open");
      return;
    }
    const access = requestAccess(asked, policy);
    if (access.type === "denied") {
      // A refused variable is daily business (clients send their whole locale); the rest is told.
      const text = asked.type === "env" ? null : describeRequest(asked);
      denied(access, { channel: channel.id, request, text });
      return;
    }
    if (asked.type === "window-change") {
      sized(channel, request, asked.size);
      return;
    }
    pass(access, doorOf(channel, input));
  }

  function doorOf(channel: OpenChannel, { asked, request }: Of<"request-asked">): Door {
    const text = describeRequest(asked);
    return {
      id: channel.id,
      request,
      asked,
      channel,
      text,
      go() {
        switch (asked.type) {
          case "shell":
          case "exec":
          case "subsystem":
            startStream(channel, request, asked);
            return;
          case "pty":
            channel.pty = asked.pty;
            break;
          case "window-change":
          case "env":
          case "signal":
          case "break":
          case "agent":
          case "x11":
          case "unknown":
            break;
          default:
            unreachable(asked);
        }
        grant(request);
      },
      stop(reason) {
        const kind: ChannelKind | "unknown" = KIND_OF[asked.type] ?? "unknown";
        register.refused(channel.id, kind, reason, text);
        if (asked.type !== "shell" && asked.type !== "exec" && asked.type !== "subsystem") {
          refuse(request, reason);
          return;
        }
        outbox.add({
          kind: "answer",
          request,
          answer: {
            type: "ended",
            message: `chaperone: ${reason}\n`,
            exit: { type: "code", code: deps.closing() ? EXIT_KILLED : EXIT_BLOCKED },
          },
        });
      },
    };
  }

  function startStream(
    channel: OpenChannel,
    request: RequestId,
    asked: Extract<Of<"request-asked">["asked"], { type: "shell" | "exec" | "subsystem" }>,
  ): void {
    if (channel.traffic.type !== "idle" || channel.told !== null) {
      refuse(request, "a stream was started on this channel before");
    } else if (asked.type === "shell") starter.shell(channel, request);
    else if (asked.type === "exec") starter.exec(channel, request, asked.command);
    else starter.subsystem(channel, request, asked);
  }

  /** Nothing reaches the target while something is held: then the last size counts, once it goes on. */
  function sized(channel: OpenChannel, request: RequestId, size: TerminalSize): void {
    if (gate.open) {
      resize(channel, size);
      grant(request);
      return;
    }
    const before = waitingSizes.get(channel.id);
    if (before !== undefined) refuse(before.request, "a later size counts");
    waitingSizes.set(channel.id, { request, size });
    deps.resized(channel);
    if (before !== undefined || gate.whenOpen(() => lastSize(channel))) return;
    waitingSizes.delete(channel.id);
    refuse(request, "too many requests wait for an answer");
  }

  function lastSize(channel: OpenChannel): void {
    const last = waitingSizes.get(channel.id);
    waitingSizes.delete(channel.id);
    if (last === undefined) return;
    if (deps.closing() || register.get(channel.id) !== channel) {
      refuse(last.request, ENDING);
      return;
    }
    resize(channel, last.size);
    grant(last.request);
  }

  function resize(channel: OpenChannel, size: TerminalSize): void {
    if (channel.pty !== null) channel.pty = { ...channel.pty, ...size };
    if (channel.traffic.type === "terminal") channel.traffic.terminal.resize(size);
    deps.resized(channel);
  }

  return { channelAsked, requestAsked, globalAsked, refuse };
}

/** One thing that is asked for, and what follows. */
interface Door {
  readonly id: ChannelId;
  readonly request: RequestId;
  readonly asked: ChannelAsked | GlobalAsked | RequestAsked;
  /** Null: a channel of its own, or a global request; nothing can be drawn on it. */
  readonly channel: OpenChannel | null;
  readonly text: string;
  readonly go: () => void;
  readonly stop: (reason: string) => void;
}

/** Requests by which the person lets the target open channels of its own, and those channels. */
const LEND: ReadonlySet<string> = new Set(["agent", "x11", "tcpip-forward", "streamlocal-forward"]);
const LENT: ReadonlySet<string> = new Set([
  "auth-agent",
  "x11",
  "forwarded-tcpip",
  "forwarded-streamlocal",
]);

const KIND_OF: Readonly<Partial<Record<string, ChannelKind>>> = {
  shell: "shell",
  exec: "exec",
  subsystem: "subsystem",
  agent: "agent",
  x11: "x11",
};

const NOT_ANSWERED = {
  failed: "the check failed",
  "timed-out": "nobody answered in time",
  cancelled: "it was given up",
  abandoned: "it was given up",
} as const;
/** Nobody failed at anything: the person changed their mind, or went. */
const UNASKED: ReadonlySet<string> = new Set(["cancelled", "abandoned"]);
