import type {
  FileGrant,
  HttpActivity,
  Analysis,
  RuledChannel,
  RuledActivity,
  RuleHit,
  SessionFacts,
} from "../model/index.js";
import type { HitMemory, HitMark } from "./hit-memory.js";
import type { Criticality, Maturity, PackSource } from "./read/source.js";
import type { WallMicros } from "../kernel/index.js";

/** Immutable once compiled. Exchanged as a whole, never edited. */
export interface Ruleset {
  /** SHA-256 over the normalised sources, hex: names the set in every event. */
  readonly digest: string;
  readonly size: number;
  /** True when some enforcing rule that is stricter than `alert` could apply to this session. */
  enforces(session: RuleSubject): boolean;
  /** All rules are evaluated; every hit is returned. Total: never throws on any analysis. */
  judge(command: JudgedCommand, session: RuleSubject): readonly RuleHit[];
  /**
   * Rules that would hit if words that can not be known (`rm -rf "$x"`) had the right value. None of
   * these is among the hits; the doubt policy of the session decides about them.
   */
  doubts(command: JudgedCommand, session: RuleSubject): readonly RuleHit[];
  /** True when some enforcing rule about transfers could apply to this session. */
  rulesTransfers(session: RuleSubject): boolean;
  /** What rules about transfers want to be asked about while files pass. */
  transferNeeds(session: RuleSubject): FileGrant;
  /**
   * Rules about transfers and forwards. What is not known yet (the size of a file that has only been
   * asked for) leaves a rule open: it does not hit, and is asked again when it is known.
   */
  judgeActivity(
    activity: RuledActivity,
    moment: RuledMoment,
    session: RuleSubject,
  ): readonly RuleHit[];
  /** Cheaper than `judgeActivity` where nothing but the answer of a request is new: false = no new hit. */
  answerHits(activity: RuledActivity, moment: RuledMoment, session: RuleSubject): boolean;
  /** False: no rule could hit more than have hit already, whatever the answer of this request is. */
  awaitsAnswer(activity: HttpActivity): boolean;
  /**
   * Rules of an activity that could hold if what could not be read (a long body) were known. None of
   * them is among its hits; the doubt policy of the session decides about them.
   */
  activityDoubts(
    activity: RuledActivity,
    moment: RuledMoment,
    session: RuleSubject,
  ): readonly RuleHit[];
  /**
   * Hits (as `judge` told them, of all readings of one command) in the light of what came before them:
   * those under their threshold fall away, rules made of other rules join, actions that count only
   * later are left out. Changes nothing in the memory.
   */
  correlate(hits: readonly RuleHit[], past: Past): Correlated;
}

export interface Past {
  readonly memory: HitMemory;
  readonly session: RuleSubject;
  readonly moment: RuledMoment;
}

export interface Correlated {
  readonly hits: readonly RuleHit[];
  /** To be remembered once the command is told. */
  readonly marks: readonly HitMark[];
}

/** What the compiler makes: a ruleset that can also be asked about itself. */
export interface CompiledRuleset extends Ruleset {
  /** What an administrator should look at: exceptions and overrides that have ended by then. */
  warnings(wall: WallMicros): readonly string[];
  readonly rules: readonly RuleSummary[];
  /** Files of lists that rule files name: a change of one is a change of the rules. */
  readonly listFiles: readonly { readonly path: string; readonly from: string }[];
  /** For other processes of the same release, which make the same set of it (`restoreRules`). */
  readonly checked: CheckedRules;
}

/** Rules that compiled, as plain data. */
export interface CheckedRules {
  readonly digest: string;
  readonly packs: readonly PackSource[];
}

export interface RuleSummary {
  readonly id: string;
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly mode: "enforce" | "shadow" | "off";
  readonly criticality: Criticality;
  readonly maturity: Maturity;
  /** Groups that its actions notify. */
  readonly notify: readonly string[];
}

/** The part of the session that scopes look at. */
export type RuleSubject = Pick<
  SessionFacts,
  "person" | "account" | "target" | "protocol" | "origin" | "ticket"
>;

/** The part of the moment that scopes look at. */
export interface RuledMoment {
  readonly channelKind: RuledChannel;
  readonly wall: WallMicros;
  /** Who reads the line; absent: a shell. */
  readonly context?: "shell" | "program" | "unknown";
  /** Name of the program that reads it, without its folder. */
  readonly program?: string;
  /** Risk of the session by now, 0..100; absent: nobody scores it, which is 0. */
  readonly risk?: number;
}

export interface JudgedCommand extends RuledMoment {
  readonly analysis: Analysis;
  /** For arguments that are paths: resolved against these when known. */
  readonly cwd?: string;
  readonly home?: string;
}
