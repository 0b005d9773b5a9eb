import type { Criticality } from "../events/index.js";
import type { Factor } from "./facts.js";

/** The line scale of architecture law 11, least strict first. */
export const LINE_SCALE = ["allow", "warn", "reauth", "approve", "block"] as const;
export type LineVerb = (typeof LINE_SCALE)[number];
/** The session scale, least strict first. */
export const SESSION_SCALE = ["none", "suspend", "kill"] as const;
export type SessionVerb = (typeof SESSION_SCALE)[number];

export const RULE_VERBS = [
  "allow",
  "log",
  "alert",
  "warn",
  "reauth",
  "approve",
  "block",
  "suspend",
  "kill",
  "lock-user",
] as const;
export type RuleVerb = (typeof RULE_VERBS)[number];

/** One action of a rule with its settings; absent settings take the policy's defaults. */
export interface RuleAction {
  readonly verb: RuleVerb;
  readonly factors?: readonly Factor[];
  readonly attempts?: number;
  readonly timeoutMs?: number;
  readonly graceMs?: number;
  readonly onFail?: RuleVerb;
  readonly onTimeout?: RuleVerb;
  /** Takes effect from the n-th hit of this rule in the session on. */
  readonly afterCount?: number;
}

/** A rule that holds for a command, with the words that say why. */
export interface RuleHit {
  readonly rule: RuleRef;
  readonly mode: "enforce" | "shadow";
  readonly actions: readonly RuleAction[];
  /** For the analyst: which invocation and which part of it matched. */
  readonly evidence: string;
  /** For the person, placeholders filled. */
  readonly message?: string;
}

export interface RuleRef {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly author: readonly string[];
  readonly criticality: Criticality;
  readonly score: number;
  readonly tags: readonly string[];
}
