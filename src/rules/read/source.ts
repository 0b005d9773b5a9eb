import type {
  AnomalyDetector,
  RuledChannel,
  SessionFacts,
  Counter,
  CounterField,
  FileOperation,
  FileType,
  ForwardWay,
  RuleAction,
  RuledActivity,
  RuleRef,
  RuleVerb,
  TransferWay,
} from "../../model/index.js";
import type { Place } from "../../kernel/index.js";
import type { Placed } from "./reader.js";

/** The scale of the contract; rules may not import the events room, so it is taken from the rule. */
export type Criticality = RuleRef["criticality"];

/** What a rule file says, read and checked for form, lists not yet looked up. */
export interface PackSource {
  readonly file: string;
  readonly kind: "RulePack" | "Policy" | "Overrides" | "Lists";
  readonly name: string;
  readonly version: string;
  readonly author: readonly string[];
  readonly license: string | undefined;
  readonly references: readonly string[];
  readonly lists: ReadonlyMap<string, ListSource>;
  readonly rules: readonly RuleSource[];
  readonly overrides: readonly OverrideSource[];
  readonly deny: boolean;
  /** What becomes of that which an allow list does not name. */
  readonly denyMode: RuleMode;
  /** For whom all of it is: `defaults.scope` and the file's own; all hold. */
  readonly scopes: readonly ScopeSource[];
  /** Of a builtin pack: the maturities that are in force. Absent: all. */
  readonly maturities: readonly Maturity[] | undefined;
}

export interface ListSource {
  readonly values: readonly string[];
  readonly at: Place;
  /** The list stands in a file of its own, one value a line; relative to the rule file. */
  readonly file?: string;
}

/** How far a rule has come: in falco's words, and with their meaning. */
export const MATURITIES = ["stable", "incubating", "sandbox"] as const;
export type Maturity = (typeof MATURITIES)[number];

export interface RuleSource {
  readonly id: string;
  readonly at: Place;
  readonly name: string;
  readonly mode: RuleMode;
  readonly effect: "restrict" | "allow";
  readonly suppresses: readonly Placed[];
  readonly criticality: Criticality;
  readonly score: number | undefined;
  readonly tags: readonly string[];
  readonly author: readonly string[];
  readonly license: string | undefined;
  readonly references: readonly string[];
  readonly maturity: Maturity;
  readonly scopes: readonly ScopeSource[];
  /** Absent for rules that are made of other rules. */
  readonly match: MatchSource | undefined;
  readonly sequence: SequenceSource | undefined;
  readonly threshold: Counter | undefined;
  readonly actions: readonly RuleAction[];
  readonly messages: readonly MessageSource[];
  readonly exceptions: readonly ExceptionSource[];
  readonly tests: readonly TestSource[];
  readonly onUnparsed: RuleVerb | undefined;
  /** Microseconds UTC from which on the rule is off. */
  readonly expires: number | undefined;
}

/** Rules that hit one after the other (or in any order) within a time. */
export interface SequenceSource {
  readonly rules: readonly Placed[];
  readonly withinMs: number;
  readonly by: readonly CounterField[];
  readonly ordered: boolean;
}

export interface MessageSource {
  /** BCP 47, lower case. */
  readonly language: string;
  readonly text: string;
}

export type RuleMode = "enforce" | "shadow" | "off";

export interface ExceptionSource {
  readonly at: Place;
  readonly label: string;
  readonly owner: string;
  readonly scope: ScopeSource | undefined;
  readonly match: MatchSource | undefined;
  readonly downgradeTo: RuleVerb | undefined;
  readonly expires: number;
}

export interface OverrideSource {
  readonly rule: string;
  readonly at: Place;
  readonly mode: RuleMode | undefined;
  readonly criticality: Criticality | undefined;
  readonly score: number | undefined;
  readonly actions: readonly RuleAction[] | undefined;
  readonly scope: ScopeSource | undefined;
  readonly exceptions: readonly ExceptionSource[];
  readonly expires: number | undefined;
}

export type MatchSource =
  | { readonly kind: "all" | "any"; readonly parts: readonly MatchSource[] }
  | { readonly kind: "not"; readonly part: MatchSource }
  | { readonly kind: "command"; readonly command: CommandSource }
  | { readonly kind: "transfer"; readonly transfer: TransferSource }
  | { readonly kind: "forward"; readonly forward: ForwardSource }
  | { readonly kind: "http"; readonly http: HttpSource }
  | { readonly kind: "clipboard"; readonly clipboard: ClipboardSource }
  | { readonly kind: "anomaly"; readonly anomaly: AnomalySource };

export interface AnomalySource {
  readonly detectors: readonly AnomalyDetector[];
  /** Of 1 - p-value, 0..1. */
  readonly score?: Comparison;
  readonly warm?: boolean;
}

export interface TransferSource {
  readonly direction?: "upload" | "download";
  readonly operations?: readonly FileOperation[];
  readonly via?: readonly TransferWay[];
  readonly path?: readonly PatternSource[];
  readonly size?: Comparison;
  readonly sha256?: readonly PatternSource[];
  readonly types?: readonly FileType[];
  readonly content?: readonly PatternSource[];
}

export interface ForwardSource {
  readonly kinds?: readonly ForwardWay[];
  readonly host?: readonly PatternSource[];
  readonly ports?: readonly { readonly from: number; readonly to: number }[];
  readonly path?: readonly PatternSource[];
}

export interface ClipboardSource {
  readonly direction?: "upload" | "download";
  readonly mimetype?: readonly PatternSource[];
  readonly size?: Comparison;
  readonly sha256?: readonly PatternSource[];
  readonly content?: readonly PatternSource[];
}

/** A request of a web session: all keys that are given must hold for it. */
export interface HttpSource {
  readonly methods?: readonly string[];
  readonly host?: readonly PatternSource[];
  readonly path?: readonly PatternSource[];
  readonly query?: readonly NamedPatterns[];
  readonly body?: readonly NamedPatterns[];
  readonly operation?: readonly PatternSource[];
  readonly upgrade?: readonly PatternSource[];
  readonly status?: Comparison;
  readonly responseSize?: Comparison;
  readonly contentType?: readonly PatternSource[];
}

/** Some field of that name has a value that one of the patterns matches; none: it is there. */
export interface NamedPatterns {
  readonly name: string;
  readonly patterns: readonly PatternSource[];
}

export interface CommandSource {
  readonly exec?: readonly PatternSource[];
  readonly path?: readonly PatternSource[];
  readonly argv?: readonly Placed[];
  readonly positions?: readonly {
    readonly index: number;
    readonly patterns: readonly PatternSource[];
  }[];
  readonly flags?: {
    readonly all: readonly string[];
    readonly any: readonly string[];
    readonly none: readonly string[];
  };
  readonly opts?: readonly { readonly name: string; readonly patterns: readonly PatternSource[] }[];
  readonly args?: QuantSource;
  readonly env?: readonly { readonly name: string; readonly patterns: readonly PatternSource[] }[];
  readonly via?: readonly PatternSource[];
  readonly runas?: readonly PatternSource[];
  /** As `runas`, and where nothing says otherwise the account of the session. */
  readonly account?: readonly PatternSource[];
  readonly cwd?: readonly PatternSource[];
  /** What it removes by itself, whichever program or language it is. */
  readonly deletes?: {
    readonly recursive: boolean | undefined;
    readonly path: readonly PatternSource[] | undefined;
  };
  readonly redirect?: {
    readonly ops: readonly string[];
    readonly target: readonly PatternSource[] | undefined;
  };
  readonly stdin?: readonly PatternSource[];
  readonly pipeFrom?: CommandSource;
  readonly pipeTo?: CommandSource;
  readonly normalized?: QuantSource;
  readonly raw?: QuantSource;
  readonly context?: readonly string[];
  readonly unparsed?: boolean;
}

export interface QuantSource {
  readonly any: readonly PatternSource[];
  readonly all: readonly PatternSource[];
  readonly none: readonly PatternSource[];
  readonly count: Comparison | undefined;
}

export interface PatternSource {
  readonly kind: PatternKind;
  readonly values: readonly Placed[];
  readonly caseSensitive: boolean;
  readonly comparison?: Comparison;
}

export const PATTERN_KINDS = [
  "path",
  "glob",
  "regex",
  "contains",
  "startswith",
  "endswith",
  "equals",
  "list",
  "num",
  "cidr",
  "host",
] as const;
export type PatternKind = "plain" | (typeof PATTERN_KINDS)[number];

export const COMPARISON_OPERATORS = [">=", "<=", ">", "<", "=="] as const;

export interface Comparison {
  readonly operator: (typeof COMPARISON_OPERATORS)[number];
  readonly value: number;
}

export interface ScopeSource {
  readonly persons?: readonly string[];
  readonly groups?: readonly string[];
  readonly targets?: {
    readonly names?: readonly string[];
    readonly cidr?: readonly string[];
    readonly labels?: readonly { readonly name: string; readonly values: readonly string[] }[];
  };
  readonly accounts?: readonly string[];
  readonly protocols?: readonly string[];
  readonly channels?: readonly string[];
  readonly originCidr?: readonly string[];
  readonly time?: TimeSource;
  /** Who reads the line: a shell, a program, or it is not known. */
  readonly contexts?: readonly string[];
  readonly programs?: readonly string[];
  readonly ticket?: "present" | "absent";
  readonly sessionRisk?: Comparison;
  readonly not?: ScopeSource;
}

export interface TimeSource {
  readonly windows: readonly TimeWindow[];
  readonly outside: boolean;
  readonly timezone: string;
}

/** Days 0 = Monday; minutes of the day, `until` may be before `from` (over midnight). */
export interface TimeWindow {
  readonly days: readonly number[];
  readonly fromMinute: number;
  readonly untilMinute: number;
}

export interface TestSource {
  readonly at: Place;
  readonly name: string | undefined;
  readonly lines: readonly string[];
  /** Instead of lines. */
  readonly activity: RuledActivity | undefined;
  readonly expect: boolean | RuleVerb;
  readonly context: TestContext;
}

/** Who types the test's line, where and when; what is absent has a harmless default. */
export interface TestContext {
  readonly person?: string;
  readonly groups?: readonly string[];
  readonly target?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly address?: string;
  readonly account?: string;
  readonly origin?: string;
  readonly channel?: RuledChannel;
  readonly protocol?: SessionFacts["protocol"];
  readonly time?: number;
  readonly cwd?: string;
  readonly home?: string;
  readonly repeat?: number;
  /** Between one line and the next, in milliseconds. */
  readonly everyMs?: number;
  readonly context?: "shell" | "program" | "unknown";
  readonly program?: string;
  readonly ticket?: string;
  readonly risk?: number;
  readonly language?: string;
}
