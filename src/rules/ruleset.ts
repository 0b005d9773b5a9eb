import type { Analysis, RuleHit, SessionFacts } from "../model/index.js";
import type { PackSource } from "./read/source.js";
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
}

/** What the compiler makes: a ruleset that can also be asked about itself. */
export interface CompiledRuleset extends Ruleset {
  /** What an administrator should look at: exceptions and overrides that have ended by then. */
  warnings(wall: WallMicros): readonly string[];
  readonly rules: readonly RuleSummary[];
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
}

/** The part of the session that scopes look at. */
export type RuleSubject = Pick<
  SessionFacts,
  "person" | "account" | "target" | "protocol" | "origin"
>;

export interface JudgedCommand {
  readonly analysis: Analysis;
  readonly channelKind: "shell" | "exec" | "sftp" | "subsystem";
  readonly wall: WallMicros;
  /** For arguments that are paths: resolved against these when known. */
  readonly cwd?: string;
  readonly home?: string;
}
