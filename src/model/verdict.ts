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
  /** Who may approve (`group:soc`, a person's name), and how many of them have to. */
  readonly approvers?: readonly string[];
  readonly min?: number;
  /** Groups of people who get a mail about it. */
  readonly notify?: readonly string[];
  /** Of a request: what it and its answer carry goes into the request log, masked. */
  readonly record?: "bodies";
  /** Takes effect from the n-th hit of this rule on. Absent: from the first. */
  readonly after?: Counter;
}

/** What hits are counted by; `session` never leaves the session, the others are counted across. */
export const COUNTER_FIELDS = ["session", "person", "account", "target", "origin"] as const;
export type CounterField = (typeof COUNTER_FIELDS)[number];
/** What a counter may count the different values of. */
export const DISTINCT_FIELDS = ["target", "account", "origin", "exec", "arg", "line"] as const;
export type DistinctField = (typeof DISTINCT_FIELDS)[number];

/** From the n-th occurrence on; occurrences with the same values of `by` are counted together. */
export interface Counter {
  readonly count: number;
  /** Only occurrences this recent count. Absent: all that are remembered. */
  readonly withinMs?: number;
  readonly by: readonly CounterField[];
  /** Different values are counted instead of occurrences. */
  readonly distinct?: DistinctField;
}

/** A rule that holds for a command, with the words that say why. */
export interface RuleHit {
  readonly rule: RuleRef;
  readonly mode: "enforce" | "shadow";
  readonly actions: readonly RuleAction[];
  /** For the analyst: which invocation and which part of it matched. */
  readonly evidence: string;
  /** For the person, in their language where the rule has it, placeholders filled. */
  readonly message?: string;
  /** The rule holds from the n-th occurrence on; hits before it are only remembered. */
  readonly threshold?: Counter;
  /** What counters of different values look at: the program, the word that decided, the line. */
  readonly values?: { readonly exec?: string; readonly arg?: string; readonly line?: string };
  /** The exception that made it milder, and who answers for that. */
  readonly exception?: { readonly id: string; readonly owner: string };
}

export interface RuleRef {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly author: readonly string[];
  readonly criticality: Criticality;
  readonly score: number;
  readonly tags: readonly string[];
  /** Of rules taken from elsewhere: what their licence wants told with every message. */
  readonly license?: string;
  readonly references?: readonly string[];
}
