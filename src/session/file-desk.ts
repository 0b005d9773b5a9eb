import type { CommandDecision } from "../events/index.js";
import type { ChannelId, RequestId } from "../kernel/index.js";
import type { FileAsked, FileDeed, FileDone, Input, RuleHit } from "../model/index.js";
import { resolveVerdict, type HitMark, type HitMemory, type RuledMoment } from "../rules/index.js";
import type { ChannelRegister, OpenChannel } from "./channel-register.js";
import { demandsOf } from "./demands.js";
import { activitiesOf, describeDeed } from "./file-activities.js";
import { fileTypeOf } from "./file-type.js";
import type { SessionGate } from "./gate.js";
import type { Graces } from "./graces.js";
import type { Judgement } from "./judgement.js";
import { EXIT_BLOCKED } from "./notice.js";
import { outcomeAfter, outcomeOf, type Outcome } from "./outcome.js";
import type { Outbox } from "./outbox.js";
import type { QuestionOrder, Surface } from "./question.js";
import { ruleMatched } from "./rule-told.js";
import type { SessionFiles } from "./session-files.js";
import type { SessionSeed } from "./session.js";

type Of<K extends Input["kind"]> = Extract<Input, { kind: K }>;

/** Where what is done to files by SFTP and SCP is judged, held and told. */
export interface FileDesk {
  happened(input: Of<"file-asked" | "file-done" | "file-lost">): void;
}

export interface FileDeskDeps {
  readonly seed: SessionSeed;
  readonly outbox: Outbox;
  readonly gate: SessionGate;
  readonly graces: Graces;
  readonly memory: HitMemory;
  readonly register: ChannelRegister;
  readonly files: SessionFiles;
  readonly risk: () => number | undefined;
  readonly ask: (order: QuestionOrder) => void;
  readonly surface: () => Surface | null;
  readonly closing: () => boolean;
  readonly killSession: (judgement: Judgement) => void;
  readonly suspendSession: (judgement: Judgement) => void;
}

/** A question about a file, until it is answered. */
interface Held {
  readonly channel: OpenChannel;
  readonly request: RequestId;
  readonly deed: FileDeed;
  readonly judgement: Judgement;
}

/** Files of which is remembered which rules were told of them; the oldest are forgotten. */
const FILES_MAX = 4096;
const FAULT = "what was asked for could not be inspected";
const ENDING = "the session is ending";

export function createFileDesk(deps: FileDeskDeps): FileDesk {
  const { seed, outbox, graces, memory, register } = deps;
  const session = seed.facts;
  /** Rules that were told of a file: asked about in the middle, it is not told of them again. */
  const told = new Map<string, Set<string>>();

  function asked(input: Of<"file-asked">): void {
    const channel = register.get(input.channel);
    const { request } = input;
    if (channel === undefined || deps.closing()) {
      refuse(request, ENDING);
      return;
    }
    const waits = deps.gate.whenOpen(() => {
      if (deps.closing()) refuse(request, ENDING);
      else consider(channel, input);
    });
    if (!waits) refuse(request, "too many requests wait for an answer");
  }

  function refuse(request: RequestId, reason: string): void {
    outbox.add({ kind: "answer", request, answer: { type: "refused", reason } });
  }

  function consider(channel: OpenChannel, { request, asked: what }: Of<"file-asked">): void {
    const { deed, content } = what;
    const asksPath = deed.via === "sftp" && deed.real === undefined && content === undefined;
    if (asksPath && seed.rules.current().rulesTransfers(session)) {
      outbox.add({ kind: "answer", request, answer: { type: "file", grant: "resolve" } });
      return;
    }
    const judgement = judge(channel, what);
    tell(channel, deed, judgement);
    const outcome = outcomeOf(judgement, {
      action: "transfer",
      held: describeDeed(deed),
      surface: deps.surface() !== null,
      stderr: false,
    });
    follow({ channel, request, deed, judgement }, outcome);
  }

  // --- rules -------------------------------------------------------------------------------------

  function momentOn(channel: OpenChannel): RuledMoment {
    const risk = deps.risk();
    return {
      channelKind: channel.told?.kind ?? "exec",
      wall: outbox.wall,
      ...(risk === undefined ? {} : { risk }),
    };
  }

  function judge(channel: OpenChannel, what: FileAsked): Judgement {
    const ruleset = seed.rules.current();
    const moment = momentOn(channel);
    const known = told.get(keyOf(channel.id, what.deed));
    try {
      const found = new Map<string, RuleHit>();
      for (const activity of activitiesOf(what)) {
        for (const hit of ruleset.judgeActivity(activity, moment, session)) {
          if (known?.has(hit.rule.id) !== true) found.set(hit.rule.id, hit);
        }
      }
      const { hits, marks } = ruleset.correlate([...found.values()], { memory, session, moment });
      return judgementOf(hits, marks, null);
    } catch {
      // A bug in an inspector must not become a way past it: policy decides, by default block.
      return judgementOf([], [], seed.doubt.onFault === "block" ? FAULT : null);
    }
  }

  function judgementOf(
    hits: readonly RuleHit[],
    marks: readonly HitMark[],
    fault: string | null,
  ): Judgement {
    const verdict = resolveVerdict(hits);
    const line = fault === null ? verdict.line : "block";
    const wanted: readonly string[] =
      verdict.session === "none" ? [line] : [verdict.session, "lock-user"];
    const decisive = verdict.reasons.find(({ verbs }) =>
      verbs.some((verb) => wanted.includes(verb)),
    )?.hit;
    return {
      analysis: { line: "", invocations: [], complete: true, tokens: [] },
      hits,
      marks,
      line,
      session: verdict.session,
      alert: verdict.alert,
      trigger: decisive?.rule.id ?? (fault === null ? "" : "policy.onFault"),
      reason: decisive?.message ?? decisive?.rule.name ?? fault ?? "",
      ...demandsOf({
        line,
        reasons: verdict.reasons,
        doubted: false,
        hasGrace: (hit) => graces.holds(hit.rule.id),
        stepUp: seed.stepUp,
        approval: seed.approval,
        enrolled: session.person.factors,
      }),
      lockPerson: verdict.lockPerson,
      doubts: fault === null ? [] : ["fault"],
    };
  }

  function tell(channel: OpenChannel, deed: FileDeed, { hits, marks }: Judgement): void {
    for (const mark of marks) memory.add(mark);
    for (const hit of hits) {
      noteTold(keyOf(channel.id, deed), hit.rule.id);
      const data = ruleMatched(hit, { channel: channel.id, hidden: false }, outbox.session);
      outbox.emit({ type: "rule.matched", data });
    }
  }

  function noteTold(key: string, rule: string): void {
    const rules = told.get(key) ?? new Set();
    told.set(key, rules.add(rule));
    for (const first of told.keys()) {
      if (told.size <= FILES_MAX) return;
      told.delete(first);
    }
  }

  // --- what follows ------------------------------------------------------------------------------

  function follow(held: Held, outcome: Outcome): void {
    switch (outcome.type) {
      case "release":
        release(held, outcome.decision);
        return;
      case "ask":
        // A file manager asks nobody whether they are sure: it is told, and goes on.
        if (held.judgement.line === "warn") release(held, "warned");
        else ask(held, outcome);
        return;
      case "block":
      case "suspend":
      case "kill":
        stop(held, outcome);
    }
  }

  function release({ channel, request, judgement }: Held, decision: CommandDecision): void {
    act(channel.id, judgement, judgement.alert && decision === "allowed" ? "alerted" : decision);
    const grant = seed.rules.current().transferNeeds(session);
    outbox.add({ kind: "answer", request, answer: { type: "file", grant } });
  }

  function ask(held: Held, { questions }: Extract<Outcome, { type: "ask" }>): void {
    const { channel, deed, judgement } = held;
    deps.ask({
      subject: channel.id,
      surface: deps.surface(),
      questions,
      trigger: judgement.trigger,
      reason: judgement.reason,
      held: describeDeed(deed),
      then(result, last) {
        if (result.type === "passed" && judgement.asksFactor) {
          const rules = judgement.hits.map((hit) => hit.rule.id);
          graces.grant(rules, judgement.stepUp.graceMs);
        }
        follow(held, outcomeAfter(judgement, result, last));
      },
    });
  }

  function stop(held: Held, outcome: Exclude<Outcome, { type: "release" | "ask" }>): void {
    const { channel, request, judgement } = held;
    const { trigger, reason, lockPerson } = judgement;
    act(channel.id, judgement, outcome.decision);
    if (lockPerson && outcome.type !== "kill")
      outbox.add({ kind: "lock-person", rule: trigger, reason });
    refuse(request, trigger === "" ? reason : `${reason} [${trigger}]`);
    if (outcome.type === "kill") deps.killSession(judgement);
    else if (outcome.type === "suspend") deps.suspendSession(judgement);
  }

  function act(channel: ChannelId, judgement: Judgement, decision: CommandDecision): void {
    const deed = DEEDS[decision];
    if (deed === undefined) return;
    outbox.emit({
      type: "action.taken",
      data: {
        session: outbox.session,
        channel,
        target: "file",
        ...deed,
        reason: judgement.trigger,
        ...(judgement.hits.length > 0 && judgement.trigger !== ""
          ? { rule: judgement.trigger }
          : {}),
      },
    });
  }

  // --- what became of it -------------------------------------------------------------------------

  function done({ channel, done: what }: Of<"file-done">): void {
    const { deed, outcome } = what;
    told.delete(keyOf(channel, deed));
    if (outcome !== "blocked") deps.files.learn(what);
    const common = {
      session: outbox.session,
      channel,
      path: deed.path,
      via: deed.via,
      outcome,
      ...realPathOf(deed),
    };
    if (deed.operation === "read" || deed.operation === "write") {
      outbox.emit({
        type: "file.transferred",
        data: {
          ...common,
          direction: deed.operation === "read" ? "download" : "upload",
          bytes: what.moved ?? 0,
          ...(what.sha256 === undefined ? {} : { sha256: what.sha256 }),
          ...fileTypeFact(what),
        },
      });
      return;
    }
    outbox.emit({
      type: "file.changed",
      data: {
        ...common,
        operation: deed.operation,
        ...(deed.to === undefined ? {} : { to: deed.to }),
        ...(deed.mode === undefined ? {} : { mode: deed.mode.toString(8).padStart(4, "0") }),
        ...(what.entries === undefined ? {} : { entries: what.entries }),
      },
    });
  }

  /** What is no SFTP, or no SCP, passes unseen only where no rule about files could forbid it. */
  function lost({ channel, reason }: Of<"file-lost">): void {
    if (!seed.rules.current().rulesTransfers(session)) return;
    outbox.emit({
      type: "action.taken",
      data: {
        session: outbox.session,
        channel,
        action: "close",
        target: "channel",
        reason: `policy.transfers: ${reason}`,
        outcome: "closed",
      },
    });
    outbox.closeChannel(channel, { type: "code", code: EXIT_BLOCKED });
  }

  return {
    happened(input) {
      if (input.kind === "file-asked") asked(input);
      else if (input.kind === "file-done") done(input);
      else lost(input);
    },
  };
}

const keyOf = (channel: ChannelId, { file }: FileDeed): string => `${channel}:${file}`;

function realPathOf({ path, real }: FileDeed): { realPath?: string } {
  return typeof real === "string" && real !== path ? { realPath: real } : {};
}

function fileTypeFact({ head, moved }: FileDone): { fileType?: string } {
  return head === undefined || moved === 0 ? {} : { fileType: fileTypeOf(head) };
}

const DEEDS: Readonly<
  Partial<Record<CommandDecision, { readonly action: string; readonly outcome: string }>>
> = {
  alerted: { action: "alert", outcome: "told" },
  warned: { action: "warn", outcome: "released" },
  reauthenticated: { action: "reauth", outcome: "released" },
  approved: { action: "approve", outcome: "released" },
  blocked: { action: "block", outcome: "refused" },
  unanswered: { action: "block", outcome: "refused" },
  suspended: { action: "suspend", outcome: "held" },
  killed: { action: "kill", outcome: "ended" },
};
