import type { CommandDecision } from "../events/index.js";
import type { RequestId } from "../kernel/index.js";
import {
  LINE_SCALE,
  type HttpActivity,
  type LineVerb,
  type RuleHit,
  type UncertainPolicy,
  type WebAnswer,
  type WebAsked,
  type WebExchange,
  type WebFile,
  type WebMessage,
  type WebOutcome,
  type WebVerdict,
  type WebView,
} from "../model/index.js";
import { isEnforcing, resolveVerdict, type HitMark, type HitMemory } from "../rules/index.js";
import { demandsOf } from "./demands.js";
import type { SessionGate } from "./gate.js";
import type { Graces } from "./graces.js";
import type { Judgement } from "./judgement.js";
import type { Outbox } from "./outbox.js";
import { outcomeAfter, outcomeOf, type Outcome } from "./outcome.js";
import type { QuestionOrder, Surface } from "./question.js";
import type { QuestionDesk } from "./question-desk.js";
import { createRequestLog } from "./request-log.js";
import { ruleMatched } from "./rule-told.js";
import type { SessionSeed } from "./session.js";
import { PAGE_CHANNEL } from "./web-page.js";
import { recordedRequest, requestedData } from "./web-told.js";

/** Where the requests of a web session are judged, held and told. */
export interface WebDesk {
  /** Before anything of it goes to the target. The verdict may come much later. */
  asked(request: RequestId, asked: WebAsked): void;
  /** Before the person gets anything of the answer; rules that held before are not asked again. */
  answered(request: RequestId, answer: WebAnswer): void;
  /** Nobody waits for it any more; a question about it stays, because its answer holds for others. */
  left(request: RequestId): void;
  /** `exchange`: what the request log is to say of it. */
  ended(request: RequestId, outcome: WebOutcome, exchange?: WebExchange): void;
  /** For the request log alone, where a rule wants what the request carries. */
  switched(request: RequestId, exchange: WebExchange): void;
  message(request: RequestId, message: WebMessage): void;
  viewed(view: WebView): void;
  file(file: WebFile): void;
  refused(code: string, reason: string): void;
  /** The session is ending: nothing passes. */
  refuse(request: RequestId): void;
}

export interface WebDeskDeps {
  readonly seed: SessionSeed;
  readonly outbox: Outbox;
  readonly gate: SessionGate;
  readonly graces: Graces;
  readonly questions: Pick<QuestionDesk, "ask">;
  readonly memory: HitMemory;
  readonly page: () => Surface | null;
  readonly closing: () => boolean;
  readonly killSession: (judgement: Judgement) => void;
  readonly suspendSession: (judgement: Judgement) => void;
}

/** A request between `asked` and `ended`. */
interface OpenRequest {
  readonly asked: WebAsked;
  decision: CommandDecision;
  /** Ids of those that hit, each once. */
  readonly rules: string[];
  left: boolean;
  /** A rule wants what it carries in the request log. */
  bodies: boolean;
}

/** Open requests of one session; a browser has some tens. More are refused. */
const REQUESTS_MAX = 1_024;

export function createWebDesk(deps: WebDeskDeps): WebDesk {
  const { seed, outbox, gate, graces } = deps;
  const requests = new Map<RequestId, OpenRequest>();
  const session = seed.facts;
  const log = createRequestLog(seed, outbox);

  function verdict(request: RequestId, given: WebVerdict): void {
    outbox.add({ kind: "web-verdict", request, verdict: given });
  }

  function judge(activity: HttpActivity, known: readonly string[]): Judgement | null {
    const ruleset = seed.rules.current();
    const moment = { channelKind: "web", wall: outbox.wall } as const;
    const past = { memory: deps.memory, session, moment };
    let found: readonly RuleHit[] = NO_HITS;
    let doubt: Doubt | null = null;
    try {
      const answered = activity.status !== undefined;
      if (answered && !ruleset.answerHits(activity, moment, session)) return null;
      const all = ruleset.judgeActivity(activity, moment, session);
      found = known.length === 0 ? all : all.filter((hit) => !known.includes(hit.rule.id));
      doubt = !answered && isPartlyUnread(activity) ? unread(activity, found) : null;
    } catch {
      // A bug in an inspector must not become a way past it: policy decides, by default block.
      doubt = { demand: seed.doubt.onFault, trigger: "policy.onFault", reason: FAULT };
    }
    // Most requests are of no interest to any rule.
    if (found.length === 0 && doubt === null) return null;
    const { hits, marks } = ruleset.correlate(found, past);
    return weigh(activity, { hits, marks, doubt });
  }

  /** A body that was not read, where an enforcing rule speaks of what may be in it. */
  function unread(activity: HttpActivity, certain: readonly RuleHit[]): Doubt | null {
    const moment = { channelKind: "web", wall: outbox.wall } as const;
    const hits = new Set(certain.map((hit) => hit.rule.id));
    const possible = seed.rules
      .current()
      .activityDoubts(activity, moment, session)
      .find((hit) => hit.mode === "enforce" && isEnforcing(hit.actions) && !hits.has(hit.rule.id));
    if (possible === undefined) return null;
    const reason = `what this request carries could not be read, and may be what the rule ${possible.rule.id} forbids`;
    return { demand: seed.doubt.onUnparsed, trigger: "policy.onUnparsed", reason };
  }

  function weigh(activity: HttpActivity, facts: Weighed): Judgement {
    const { hits, marks, doubt } = facts;
    const resolved = resolveVerdict(hits);
    const line = doubt === null ? resolved.line : strictest(resolved.line, lineOf(doubt.demand));
    const wanted: string = resolved.session === "none" ? line : resolved.session;
    const decisive = hits.find(
      (hit) =>
        hit.mode === "enforce" &&
        hit.actions.some(
          ({ verb }) => verb === wanted || (wanted === "kill" && verb === "lock-user"),
        ),
    );
    return {
      analysis: { line: describe(activity), invocations: [], complete: true, tokens: [] },
      hits,
      marks,
      line,
      session: resolved.session,
      alert: resolved.alert || doubt?.demand === "alert",
      trigger: decisive?.rule.id ?? (line === "allow" ? "" : (doubt?.trigger ?? "")),
      reason:
        decisive?.message ?? decisive?.rule.name ?? (line === "allow" ? "" : (doubt?.reason ?? "")),
      ...demandsOf({
        line,
        reasons: resolved.reasons,
        doubted: doubt?.demand === "reauth",
        hasGrace: (hit) => graces.holds(hit.rule.id),
        stepUp: seed.stepUp,
        approval: seed.approval,
        enrolled: session.person.factors,
      }),
      lockPerson: resolved.lockPerson,
      doubts: doubt === null ? [] : [doubt.trigger],
    };
  }

  /** Told before anything follows from it. */
  function tell(judgement: Judgement, open: OpenRequest): void {
    for (const mark of judgement.marks) deps.memory.add(mark);
    for (const hit of judgement.hits) {
      if (!open.rules.includes(hit.rule.id)) open.rules.push(hit.rule.id);
      open.bodies ||= log.on && wantsBodies(hit);
      const data = ruleMatched(hit, { channel: PAGE_CHANNEL, hidden: false }, outbox.session);
      outbox.emit({ type: "rule.matched", data });
    }
  }

  function passed(request: RequestId, open: OpenRequest): void {
    open.decision = "allowed";
    const later = open.bodies || mayAnswerMatter(open.asked.activity);
    if (later) pass(request, open);
    else verdict(request, PASS_FINALLY);
  }

  /** A bug in an inspector comes to light when the answer is judged, and policy decides then. */
  function mayAnswerMatter(activity: HttpActivity): boolean {
    try {
      return seed.rules.current().awaitsAnswer(activity);
    } catch {
      return true;
    }
  }

  function pass(request: RequestId, { bodies }: OpenRequest): void {
    verdict(request, bodies ? PASS_WITH_BODIES : PASS);
  }

  function act(request: RequestId, open: OpenRequest, judgement: Judgement): void {
    follow(request, open, {
      judgement,
      outcome: outcomeOf(judgement, {
        action: "request",
        held: judgement.analysis.line,
        surface: deps.page() !== null,
      }),
    });
  }

  function follow(request: RequestId, open: OpenRequest, { judgement, outcome }: Deed): void {
    switch (outcome.type) {
      case "release":
        open.decision =
          judgement.alert && outcome.decision === "allowed" ? "alerted" : outcome.decision;
        tellAction(judgement, open.decision);
        if (!open.left) pass(request, open);
        return;
      case "ask":
        deps.questions.ask(order(request, open, { judgement, questions: outcome.questions }));
        return;
      case "block":
      case "suspend":
      case "kill":
        open.decision = outcome.decision;
        tellAction(judgement, outcome.decision);
        if (!open.left) {
          const { reason, trigger } = judgement;
          const stopped = { type: "stopped", decision: outcome.decision, reason, trigger } as const;
          verdict(request, open.bodies ? { ...stopped, bodies: true } : stopped);
        }
        if (outcome.type === "kill") deps.killSession(judgement);
        else if (outcome.type === "suspend") deps.suspendSession(judgement);
    }
  }

  function order(
    request: RequestId,
    open: OpenRequest,
    asked: { readonly judgement: Judgement; readonly questions: QuestionOrder["questions"] },
  ): QuestionOrder {
    const { judgement, questions } = asked;
    return {
      subject: null,
      surface: deps.page(),
      questions,
      trigger: judgement.trigger,
      reason: judgement.reason,
      held: judgement.analysis.line,
      then(result, last) {
        if (result.type === "passed" && judgement.asksFactor) {
          const rules = judgement.hits.map((hit) => hit.rule.id);
          graces.grant(rules, judgement.stepUp.graceMs);
        }
        follow(request, open, { judgement, outcome: outcomeAfter(judgement, result, last) });
      },
    };
  }

  function tellAction(judgement: Judgement, decision: CommandDecision): void {
    const deed = DEEDS[decision];
    if (deed === undefined) return;
    outbox.emit({
      type: "action.taken",
      data: {
        session: outbox.session,
        ...deed,
        reason: judgement.trigger || judgement.doubts.join(","),
        ...(judgement.hits.length > 0 && judgement.trigger !== ""
          ? { rule: judgement.trigger }
          : {}),
      },
    });
  }

  function refuse(request: RequestId): void {
    const reason = "the session is ending";
    verdict(request, { type: "stopped", decision: "killed", reason, trigger: "" });
  }

  return {
    asked(request, asked) {
      if (requests.size >= REQUESTS_MAX) {
        verdict(request, { type: "busy" });
        return;
      }
      const open: OpenRequest = {
        asked,
        decision: "aborted",
        rules: [],
        left: false,
        bodies: false,
      };
      requests.set(request, open);
      const waits = gate.whenOpen(() => {
        if (deps.closing()) refuse(request);
        else if (!open.left) {
          const judgement = judge(asked.activity, open.rules);
          if (judgement === null) passed(request, open);
          else {
            tell(judgement, open);
            act(request, open, judgement);
          }
        }
      });
      if (waits) return;
      verdict(request, { type: "busy" });
    },
    answered(request, answer) {
      const open = requests.get(request);
      if (open === undefined) {
        refuse(request);
        return;
      }
      const judgement = judge({ ...open.asked.activity, ...answer }, open.rules);
      if (judgement === null || (judgement.hits.length === 0 && judgement.line === "allow")) {
        pass(request, open);
        return;
      }
      tell(judgement, open);
      act(request, open, judgement);
    },
    left(request) {
      const open = requests.get(request);
      if (open !== undefined) open.left = true;
    },
    ended(request, outcome, exchange) {
      const open = requests.get(request);
      if (open === undefined) return;
      requests.delete(request);
      const { asked, decision, rules } = open;
      const over = { request, asked, outcome, decision, rules };
      const { session } = outbox;
      const rulesDigest = seed.rules.current().digest;
      outbox.emit({ type: "web.requested", data: requestedData(over, { session, rulesDigest }) });
      if (exchange !== undefined) log.request(recordedRequest(over, exchange));
    },
    switched(request, exchange) {
      const open = requests.get(request);
      if (open?.bodies !== true) return;
      const { asked, decision, rules } = open;
      const over = { request, asked, outcome: SWITCHED, decision, rules };
      log.switched(recordedRequest(over, exchange));
    },
    message(request, message) {
      if (requests.get(request)?.bodies === true) log.message(request, message);
    },
    viewed(view) {
      outbox.emit({ type: "web.viewed", data: { session: outbox.session, ...view } });
      log.view(view);
    },
    file: (file) =>
      outbox.emit({
        type: "file.transferred",
        data: { session: outbox.session, channel: PAGE_CHANNEL, ...file },
      }),
    refused: (code, reason) =>
      outbox.emit({ type: "web.refused", data: { session: outbox.session, code, reason } }),
    refuse,
  };
}

/** Nothing else leaves open whether a rule means it. */
function isPartlyUnread({ bodyUnread, query, body }: HttpActivity): boolean {
  const unknown = ({ value }: { readonly value?: string }): boolean => value === undefined;
  return bodyUnread === true || query.some(unknown) || body?.some(unknown) === true;
}

/** Whether the rule holds back or only tells makes no difference. */
function wantsBodies({ mode, actions }: RuleHit): boolean {
  return mode === "enforce" && actions.some(({ record }) => record === "bodies");
}

interface Doubt {
  readonly demand: UncertainPolicy;
  readonly trigger: string;
  readonly reason: string;
}

interface Weighed {
  readonly hits: readonly RuleHit[];
  readonly marks: readonly HitMark[];
  readonly doubt: Doubt | null;
}

interface Deed {
  readonly judgement: Judgement;
  readonly outcome: Outcome;
}

/** What it comes to is told when it is over. */
const SWITCHED: WebOutcome = { status: 101, bytes: { toTarget: 0, toPerson: 0 }, durationMs: 0 };
const NO_HITS: readonly RuleHit[] = [];
const PASS = { type: "pass" } as const;
const PASS_FINALLY = { type: "pass", final: true } as const;
const PASS_WITH_BODIES = { type: "pass", bodies: true } as const;
const FAULT = "the request could not be inspected";
function describe({ method, host, path, shownPath }: HttpActivity): string {
  return `${method} ${host}${shownPath ?? path}`;
}

function lineOf(demand: UncertainPolicy): LineVerb {
  return demand === "alert" ? "allow" : demand;
}

function strictest(a: LineVerb, b: LineVerb): LineVerb {
  return LINE_SCALE.indexOf(a) >= LINE_SCALE.indexOf(b) ? a : b;
}

/** What `action.taken` says; absent: nothing was done. */
const DEEDS: Readonly<
  Partial<
    Record<
      CommandDecision,
      {
        readonly action: string;
        readonly target: "request" | "session";
        readonly outcome: string;
      }
    >
  >
> = {
  alerted: { action: "alert", target: "request", outcome: "told" },
  warned: { action: "warn", target: "request", outcome: "released" },
  blocked: { action: "block", target: "request", outcome: "not-sent" },
  unanswered: { action: "reauth", target: "request", outcome: "not-sent" },
  killed: { action: "kill", target: "session", outcome: "ended" },
  reauthenticated: { action: "reauth", target: "request", outcome: "released" },
  approved: { action: "approve", target: "request", outcome: "released" },
  suspended: { action: "suspend", target: "session", outcome: "held" },
};
