import type { CommandContext, CommandDecision, CommandSource, EventData } from "../events/index.js";
import type { ChannelId } from "../kernel/index.js";
import {
  LINE_SCALE,
  type Analysis,
  type LineVerb,
  type RuleHit,
  type SessionVerb,
  type UncertainPolicy,
} from "../model/index.js";
import {
  createHitMemory,
  isEnforcing,
  joinMemories,
  resolveVerdict,
  type HitMemory,
  type JudgedCommand,
  type RuledMoment,
} from "../rules/index.js";
import { analyseDesktopLine, analyseLine, isOpaque, type ShellKnowledge } from "../shell/index.js";
import { UNWATCHED, type BehaviourDesk } from "./behaviour/behaviour-desk.js";
import { demandsOf } from "./demands.js";
import type { Graces } from "./graces.js";
import type { Judgement } from "./judgement.js";
import { judgeMoved } from "./moved-files.js";
import type { Outbox } from "./outbox.js";
import { readingsOf } from "./places.js";
import { ruleMatched } from "./rule-told.js";
import type { SessionSeed } from "./session.js";
import { toldInvocations } from "./told-invocations.js";
import { unseenWay } from "./unseen-ways.js";

/**
 * Where every command of a session is judged and told, whatever way it came: typed, as an exec
 * request, or on the stdin of a shell.
 */
export interface CommandDesk {
  judge(command: CommandToJudge): Judgement;
  /** Emits rule.matched for each hit, then command.entered, then what was done about it. */
  tell(judgement: Judgement, told: ToldCommand): void;
  /** A reauth was passed: for `graceMs` the same rules do not ask again. */
  grantGrace(judgement: Judgement): void;
  readonly counts: { readonly commands: number; readonly blocked: number };
  /** What rules that count remember. */
  readonly memory: HitMemory;
  /** Who watches how the person works. */
  readonly behaviour: BehaviourDesk;
}

export interface CommandToJudge {
  /** Every reading that can not be excluded, the likeliest first. */
  readonly candidates: readonly string[];
  readonly channelKind: "shell" | "exec" | "subsystem";
  readonly knowledge: ShellKnowledge;
  /** A folder in which the shell may stand as well: whatever is stricter there counts. */
  readonly elsewhere?: string;
  readonly confidence: number;
  readonly hidden: boolean;
  readonly unknowable?: string;
  /** Why the confidence is low, in words for the person; absent: the witnesses do not agree. */
  readonly uncertain?: string;
  /** Who reads the line; absent: a shell. */
  readonly context?: CommandContext;
  readonly program?: string;
  /** The program hands the line to a shell (`:!ls`): what stands here is what the shell gets. */
  readonly escaped?: boolean;
  /**
   * `any`: the line is typed on a desktop, where it may be read by a shell of Unix as well as by those of
   * Windows; all readings are judged. Absent: a shell of Unix.
   */
  readonly shells?: "any";
}

export interface ToldCommand {
  readonly channel: ChannelId;
  readonly decision: CommandDecision;
  readonly text: string;
  readonly typed?: string;
  readonly hidden: boolean;
  readonly source: CommandSource;
  readonly confidence: number;
  readonly context: CommandContext;
  readonly program?: string;
  readonly candidates: readonly string[];
  readonly recordingOffsetMs?: number;
}

/** Readings below this confidence are "not sure", and `policy.onUncertain` decides. */
export const CERTAIN_FROM = 0.9;

export function createCommandDesk(
  seed: SessionSeed,
  outbox: Outbox,
  graces: Graces,
  behaviour: BehaviourDesk = UNWATCHED,
): CommandDesk {
  return new SessionCommandDesk(seed, outbox, graces, behaviour);
}

class SessionCommandDesk implements CommandDesk {
  readonly #seed: SessionSeed;
  readonly #outbox: Outbox;
  readonly #graces: Graces;
  readonly behaviour: BehaviourDesk;
  readonly #subject: SessionSeed["facts"];
  readonly memory: HitMemory;
  #rulesDigest = "";
  #commands = 0;
  #blocked = 0;

  constructor(seed: SessionSeed, outbox: Outbox, graces: Graces, behaviour: BehaviourDesk) {
    this.#seed = seed;
    this.#outbox = outbox;
    this.#graces = graces;
    this.behaviour = behaviour;
    this.#subject = seed.facts;
    const own = createHitMemory();
    this.memory = seed.sharedHits === undefined ? own : joinMemories(own, seed.sharedHits);
  }

  judge(command: CommandToJudge): Judgement {
    const ruleset = this.#seed.rules.current();
    this.#rulesDigest = ruleset.digest;
    const doubts: Doubt[] = [];
    const analyses: Analysis[] = [];
    const hits: RuleHit[] = [];
    const possible: RuleHit[] = [];
    const moment = momentOf(command, this.#outbox.wall, this.behaviour.risk);
    for (const { candidate, knowledge } of readingsOf(command)) {
      try {
        const analysis =
          command.shells === "any"
            ? analyseDesktopLine(candidate)
            : analyseLine(candidate, knowledge);
        analyses.push(analysis);
        const { cwd, home } = knowledge;
        const judged: JudgedCommand = {
          ...moment,
          analysis,
          ...(cwd === undefined ? {} : { cwd }),
          ...(home === undefined ? {} : { home }),
        };
        hits.push(...ruleset.judge(judged, this.#subject));
        if (command.channelKind === "exec") {
          const moved = judgeMoved(analysis, { ruleset, moment, subject: this.#subject });
          hits.push(...moved.hits);
          possible.push(...moved.possible.filter(stops));
          if (moved.unnamed) doubts.push({ name: "unparsed", demand: this.#seed.doubt.onUnparsed });
        }
        possible.push(...ruleset.doubts(judged, this.#subject).filter(stops));
      } catch {
        // A bug in an inspector must not become a way past it: policy decides, by default block.
        doubts.push({ name: "fault", demand: this.#seed.doubt.onFault });
      }
    }
    doubts.push(...this.#doubtsOf(command, analyses, ruleset.enforces(this.#subject)));
    const certain = new Set(hits.map((hit) => hit.rule.id));
    const first = possible.find((hit) => !certain.has(hit.rule.id));
    if (first !== undefined) doubts.push(possibleHit(first, this.#seed.doubt.onUnparsed));
    const correlated = ruleset.correlate(uniqueHits(hits), {
      memory: this.memory,
      session: this.#subject,
      moment,
    });
    return {
      ...this.#weigh(
        correlated.hits,
        doubts,
        analyses[0] ?? emptyAnalysis(command.candidates[0] ?? ""),
      ),
      // What was typed unseen is counted, and leaves no trace of its words.
      marks: correlated.marks.map((mark) => (command.hidden ? { ...mark, value: "" } : mark)),
    };
  }

  tell(judgement: Judgement, told: ToldCommand): void {
    const session = this.#outbox.session;
    this.#commands += 1;
    if (told.decision === "blocked" || told.decision === "killed") this.#blocked += 1;
    for (const mark of judgement.marks) this.memory.add(mark);
    for (const hit of judgement.hits) {
      this.#outbox.emit({ type: "rule.matched", data: ruleMatched(hit, told, session) });
    }
    this.#outbox.emit({
      type: "command.entered",
      data: entered(judgement, told, session, this.#rulesDigest),
    });
    const action = actionTaken(judgement, told);
    if (action !== null) this.#outbox.emit({ type: "action.taken", data: { session, ...action } });
    this.#watch(judgement, told);
  }

  grantGrace(judgement: Judgement): void {
    this.#graces.grant(
      judgement.hits.map((hit) => hit.rule.id),
      judgement.stepUp.graceMs,
    );
  }

  get counts(): { readonly commands: number; readonly blocked: number } {
    return { commands: this.#commands, blocked: this.#blocked };
  }

  #doubtsOf(command: CommandToJudge, analyses: readonly Analysis[], enforcing: boolean): Doubt[] {
    const doubts: Doubt[] = [];
    // What a program reads is its own language: that a shell would not understand it says nothing.
    const shell = command.context !== "program" || command.escaped === true;
    if (shell && analyses.some((a) => a.unparsed !== undefined || isOpaque(a))) {
      doubts.push({ name: "unparsed", demand: this.#seed.doubt.onUnparsed });
    }
    const typed = command.channelKind === "shell" ? analyses : [];
    const unseen = command.unknowable ?? firstOf(typed, unseenWay);
    if (unseen !== undefined) {
      // What runs is not known at all: where a rule could forbid it, it does not run.
      doubts.push({
        name: "unknowable",
        demand: enforcing ? "block" : this.#seed.doubt.onUncertain,
        why: unseen,
      });
    } else if (command.confidence < CERTAIN_FROM && !command.hidden) {
      const why = command.uncertain === undefined ? {} : { why: command.uncertain };
      doubts.push({ name: "uncertain", demand: this.#seed.doubt.onUncertain, ...why });
    }
    return doubts;
  }

  #weigh(
    hits: readonly RuleHit[],
    doubts: readonly Doubt[],
    analysis: Analysis,
  ): Omit<Judgement, "marks"> {
    const verdict = resolveVerdict(hits);
    const line = strictestLine([verdict.line, ...doubts.map((doubt) => lineOf(doubt.demand))]);
    const decisive = decisiveHits(hits, line, verdict);
    const why = reasonOf(decisive, doubts, line);
    return {
      analysis,
      hits,
      line,
      session: verdict.session,
      alert: verdict.alert || doubts.some((doubt) => doubt.demand === "alert"),
      trigger: why.trigger,
      reason: why.reason,
      ...demandsOf({
        line,
        reasons: verdict.reasons,
        doubted: doubts.some((doubt) => doubt.demand === "reauth"),
        hasGrace: (hit) => this.#graces.holds(hit.rule.id),
        stepUp: this.#seed.stepUp,
        approval: this.#seed.approval,
        enrolled: this.#seed.facts.person.factors,
      }),
      lockPerson: verdict.lockPerson,
      doubts: [...new Set(doubts.map((doubt) => doubt.name))],
    };
  }

  /** A typed command was shown before it was released; of others this is the first moment. */
  #watch(judgement: Judgement, { channel, source, decision, hidden }: ToldCommand): void {
    this.behaviour.ruled(judgement.hits);
    if (hidden || !RAN.has(decision) || !UNTYPED.has(source)) return;
    this.behaviour.command({ channel, analysis: judgement.analysis, held: judgement });
  }
}

function momentOf(
  { channelKind, context, program }: CommandToJudge,
  wall: RuledMoment["wall"],
  risk: number | undefined,
): RuledMoment {
  return {
    channelKind,
    wall,
    ...(context === undefined ? {} : { context }),
    ...(program === undefined ? {} : { program }),
    ...(risk === undefined ? {} : { risk }),
  };
}

function firstOf<T, R>(all: readonly T[], look: (one: T) => R | undefined): R | undefined {
  for (const one of all) {
    const found = look(one);
    if (found !== undefined) return found;
  }
  return undefined;
}

const UNTYPED: ReadonlySet<CommandSource> = new Set<CommandSource>(["exec", "stdin", "hook"]);
const RAN: ReadonlySet<CommandDecision> = new Set<CommandDecision>([
  "allowed",
  "alerted",
  "warned",
  "reauthenticated",
  "approved",
]);

interface Doubt {
  readonly name: "fault" | "unparsed" | "unknowable" | "uncertain";
  readonly demand: UncertainPolicy;
  readonly why?: string;
}

/** A rule that nobody has to obey, or that only tells, is no reason to doubt a line. */
function stops(hit: RuleHit): boolean {
  return hit.mode === "enforce" && isEnforcing(hit.actions);
}

/** `rm -rf "$x"`: whether the rule forbids it depends on what only the shell knows. */
function possibleHit({ rule }: RuleHit, demand: UncertainPolicy): Doubt {
  return {
    name: "unparsed",
    demand,
    why: `words of this line that can not be known in advance may be what the rule ${rule.id} forbids`,
  };
}

function lineOf(demand: UncertainPolicy): LineVerb {
  return demand === "alert" ? "allow" : demand;
}

function strictestLine(verbs: readonly LineVerb[]): LineVerb {
  return verbs.reduce((a, b) => (LINE_SCALE.indexOf(a) >= LINE_SCALE.indexOf(b) ? a : b), "allow");
}

/** The hits that demand the verdict: their settings and messages count. */
function decisiveHits(
  hits: readonly RuleHit[],
  line: LineVerb,
  verdict: { readonly session: SessionVerb },
): readonly RuleHit[] {
  const wanted = verdict.session === "none" ? line : verdict.session;
  return hits.filter(
    (hit) =>
      hit.mode === "enforce" &&
      hit.actions.some(
        (action) => action.verb === wanted || (wanted === "kill" && action.verb === "lock-user"),
      ),
  );
}

function reasonOf(
  decisive: readonly RuleHit[],
  doubts: readonly Doubt[],
  line: LineVerb,
): { trigger: string; reason: string } {
  const first = decisive[0];
  if (first !== undefined) {
    return { trigger: first.rule.id, reason: first.message ?? first.rule.name };
  }
  const doubt = doubts.find((one) => lineOf(one.demand) === line && one.demand !== "allow");
  if (doubt === undefined) return { trigger: "", reason: "" };
  return {
    trigger: `policy.${DOUBT_POLICY[doubt.name]}`,
    reason: doubt.why ?? DOUBT_REASON[doubt.name],
  };
}

const DOUBT_POLICY = {
  fault: "onFault",
  unparsed: "onUnparsed",
  unknowable: "onUncertain",
  uncertain: "onUncertain",
} as const;

const DOUBT_REASON = {
  fault: "the command could not be inspected",
  unparsed: "what this line would run can not be told in advance",
  unknowable: "what this line would run can not be seen",
  uncertain: "the line on the screen and the keys that were typed do not agree",
} as const;

function uniqueHits(hits: readonly RuleHit[]): readonly RuleHit[] {
  const seen = new Set<string>();
  return hits.filter((hit) => !seen.has(hit.rule.id) && seen.add(hit.rule.id).size > 0);
}

function entered(
  judgement: Judgement,
  told: ToldCommand,
  session: EventData["command.entered"]["session"],
  rulesDigest: string,
): EventData["command.entered"] {
  return {
    session,
    channel: told.channel,
    ...(told.hidden ? {} : { text: told.text }),
    ...(told.hidden || told.typed === undefined ? {} : { typed: told.typed }),
    hidden: told.hidden,
    source: told.source,
    confidence: told.confidence,
    context: told.context,
    ...(told.program === undefined ? {} : { program: told.program }),
    decision: told.decision,
    rules: judgement.hits.map((hit) => hit.rule.id),
    invocations: told.hidden ? [] : toldInvocations(judgement.analysis.invocations),
    ...(told.hidden || told.candidates.length < 2 ? {} : { candidates: told.candidates }),
    ...(judgement.analysis.unparsed === undefined || told.hidden
      ? {}
      : { unparsed: judgement.analysis.unparsed }),
    rulesDigest,
    ...(told.recordingOffsetMs === undefined ? {} : { recordingOffsetMs: told.recordingOffsetMs }),
  };
}

function actionTaken(
  judgement: Judgement,
  told: ToldCommand,
): Omit<EventData["action.taken"], "session"> | null {
  const rule =
    judgement.hits.length > 0 && judgement.trigger !== "" ? { rule: judgement.trigger } : {};
  const common = {
    channel: told.channel,
    reason: judgement.trigger || judgement.doubts.join(","),
    ...rule,
  };
  switch (told.decision) {
    case "allowed":
    case "aborted":
      return null;
    case "alerted":
      return { action: "alert", target: "command", outcome: "told", ...common };
    case "warned":
      return { action: "warn", target: "command", outcome: "released", ...common };
    case "blocked":
      return { action: "block", target: "command", outcome: "not-run", ...common };
    case "unanswered":
      return {
        action: judgement.approvals.length > 0 ? "approve" : "reauth",
        target: "command",
        outcome: "not-run",
        ...common,
      };
    case "killed":
      return { action: "kill", target: "session", outcome: "ended", ...common };
    case "reauthenticated":
      return { action: "reauth", target: "command", outcome: "released", ...common };
    case "approved":
      return { action: "approve", target: "command", outcome: "released", ...common };
    case "suspended":
      return { action: "suspend", target: "session", outcome: "held", ...common };
  }
}

function emptyAnalysis(line: string): Analysis {
  return { line, invocations: [], complete: true, unparsed: "inspection failed", tokens: [] };
}
