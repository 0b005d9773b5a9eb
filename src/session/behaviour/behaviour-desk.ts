import type { KeyPress, RiskPolicy, SiteHabits } from "../../behaviour/index.js";
import type { ChannelId } from "../../kernel/index.js";
import type { Analysis, Input, RuleHit } from "../../model/index.js";
import type { VisibleInput } from "../../terminal/index.js";
import type { ChallengeResult, Question } from "../question.js";

/** How behaviour is watched; a session without it pays nothing. */
export interface BehaviourSeed {
  readonly policy: RiskPolicy;
  /** `shadow`: everything is told, no step is taken. */
  readonly mode: "enforce" | "shadow";
  /** Always answers how the people of the site behave by now; asked when it is needed first. */
  readonly site: () => SiteHabits;
}

/**
 * Where a session tells what its person does, and where that is compared with what is known of them.
 * The steps of the risk ladder are taken from here.
 */
export interface BehaviourDesk {
  /** Risk by now, 0..100; undefined: nobody scores it. */
  readonly risk: number | undefined;
  opened(): void;
  /** The answer to `ask-profile`. */
  known(input: Extract<Input, { kind: "profile-known" }>): void;
  /** The scoring core has compared the session with the history of the whole site. */
  judged(input: Extract<Input, { kind: "core-judged" }>): void;
  /** Typed bytes whose visibility is decided. What was not shown is never timed. */
  shown(channel: ChannelId, seen: readonly VisibleInput[]): void;
  /** A stretch of keys whose transport tells when they went down and came up; nothing secret is in it. */
  timed(channel: ChannelId, keys: readonly KeyPress[]): void;
  /** A line is about to be judged: what was typed of it is compared before. */
  entered(): void;
  /**
   * A command is about to run. `held` names the key that holds it: asked again with the same one, it
   * is counted once.
   */
  command(command: {
    readonly channel: ChannelId;
    readonly analysis: Analysis;
    readonly held: object;
  }): void;
  /** Rules held; those in force count by their score. */
  ruled(hits: readonly RuleHit[]): void;
  /** A question to the person is over. */
  answered(question: Question, result: ChallengeResult): void;
  /** Somebody else has the keyboard. */
  othersTyped(): void;
  /** Something is about to be started on a channel; `typed`: it may be a terminal to ask on. */
  starting(terminal: boolean): void;
  /** Payload passed, in either direction. */
  moved(bytes: number): void;
  minute(): void;
  /** The session is over; `accepted`: it was not ended against the person. Told once. */
  ended(accepted: boolean): void;
}

/** Nobody watches. */
export const UNWATCHED: BehaviourDesk = Object.freeze({
  risk: undefined,
  opened: nothing,
  known: nothing,
  judged: nothing,
  shown: nothing,
  timed: nothing,
  entered: nothing,
  command: nothing,
  ruled: nothing,
  answered: nothing,
  othersTyped: nothing,
  starting: nothing,
  moved: nothing,
  minute: nothing,
  ended: nothing,
});

function nothing(): void {
  // Deliberately empty: see above.
}
