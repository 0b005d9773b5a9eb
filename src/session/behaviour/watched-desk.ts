import {
  commandWord,
  parseBehaviourProfile,
  SessionWatch,
  type BehaviourProfile,
  type KeyPress,
  type WatchReading,
} from "../../behaviour/index.js";
import { after, type ChannelId } from "../../kernel/index.js";
import type { Analysis, Input, ProfilePart, RuleHit } from "../../model/index.js";
import type { HitMemory } from "../../rules/index.js";
import type { VisibleInput } from "../../terminal/index.js";
import type { Outbox } from "../outbox.js";
import type { ChallengeResult, Question } from "../question.js";
import type { SessionSeed } from "../session.js";
import { judgeAnomaly } from "./anomaly-rules.js";
import type { BehaviourDesk, BehaviourSeed } from "./behaviour-desk.js";
import { keyName } from "./key-name.js";
import { RiskDesk, type RiskDeeds } from "./risk-desk.js";

/** Keys are compared so many at a time: none of them waits for the comparison of all the others. */
const KEYS_COMPARED_MAX = 16;
/** Keys that wait while the person's habits are fetched; above it the oldest are forgotten. */
const KEYS_WAITING_MAX = 256;
/** Programs of one line that count; a script pasted as a line says no more about who pasted it. */
const WORDS_PER_LINE_MAX = 16;
/** The same of lines. */
const LINES_WAITING_MAX = 64;
const MINUTE_MS = 60_000;

export interface WatchedDeps {
  readonly seed: SessionSeed;
  readonly outbox: Outbox;
  readonly deeds: RiskDeeds;
  /** True while somebody else has the keyboard. */
  readonly steered: () => boolean;
  /** What rules that count remember. */
  readonly memory: () => HitMemory;
}

/** Watches one session. Until something is typed it holds no habits, only where the session comes from. */
export class WatchedDesk implements BehaviourDesk {
  readonly #deps: WatchedDeps;
  readonly #seed: BehaviourSeed;
  readonly #outbox: Outbox;
  readonly #risk: RiskDesk;
  #watch: SessionWatch | null = null;
  /** Shown and not compared yet; null where something lies between two keys. */
  #keys: (KeyPress | null)[] = [];
  /** Lines that ran before the person's habits were here. */
  #lines: (readonly string[])[] = [];
  #keysChannel: ChannelId | null = null;
  #commandsChannel: ChannelId | null = null;
  #lastHeld: object | null = null;
  #revision: number | null = null;
  /** Nothing can be fetched, so nothing is kept either: what is stored must not be replaced by less. */
  #cutOff = false;
  #asked = false;
  #doubted = false;
  #over = false;
  /** Keys up to here may be somebody else's. */
  #steeredAt = -1;

  constructor(deps: WatchedDeps, seed: BehaviourSeed) {
    this.#deps = deps;
    this.#seed = seed;
    this.#outbox = deps.outbox;
    const { outbox, deeds } = deps;
    const { seed: session, memory } = deps;
    this.#risk = new RiskDesk({
      seed,
      outbox,
      deeds,
      rules: (reading, risk) =>
        judgeAnomaly(reading, { seed: session, outbox, memory: memory(), risk }),
    });
  }

  get risk(): number {
    return this.#risk.score;
  }

  opened(): void {
    this.#ask("context");
    this.#outbox.setTimer("behaviour", null, after(this.#outbox.at, MINUTE_MS));
  }

  known({ part, profile, revision }: Extract<Input, { kind: "profile-known" }>): void {
    if (this.#over) return;
    if (revision === null) {
      this.#cutOff = true;
      this.#keys = [];
      return;
    }
    this.#revision = revision;
    const parsed = profile === null ? null : parseBehaviourProfile(profile);
    const stored: BehaviourProfile = parsed?.ok === true ? parsed.value : { version: 1 };
    if (part === "context") {
      this.#begin(stored);
      return;
    }
    this.#learnt(stored);
  }

  judged({ signals }: Extract<Input, { kind: "core-judged" }>): void {
    if (!this.#over) this.#risk.judged(signals);
  }

  shown(channel: ChannelId, seen: readonly VisibleInput[]): void {
    if (seen.length === 0 || this.#over || this.#cutOff) return;
    for (const one of seen) {
      if (one.kind === "hidden" || one.at <= this.#steeredAt) this.#interruptTyping();
      else this.#press(channel, one);
    }
    const watch = this.#ready();
    if (watch !== null && this.#fetchHabits(watch) && this.#keys.length >= KEYS_COMPARED_MAX)
      this.#compare();
  }

  timed(channel: ChannelId, keys: readonly KeyPress[]): void {
    if (keys.length === 0 || this.#over || this.#cutOff) return;
    // What lies between two stretches (a password, a question) is not known here.
    this.#interruptTyping();
    this.#keysChannel = channel;
    for (const key of keys) if (key.at > this.#steeredAt) this.#wait(key);
    if (this.#keys.length >= KEYS_COMPARED_MAX) this.#compare();
  }

  entered(): void {
    if (this.#keys.length > 0) this.#compare();
  }

  command({
    channel,
    analysis,
    held,
  }: {
    readonly channel: ChannelId;
    readonly analysis: Analysis;
    readonly held: object;
  }): void {
    if (this.#over || this.#cutOff || held === this.#lastHeld || this.#deps.steered()) return;
    this.#lastHeld = held;
    const words = analysis.invocations.slice(0, WORDS_PER_LINE_MAX).map(commandWord);
    const watch = this.#ready();
    if (watch === null || words.length === 0) return;
    if (channel !== this.#commandsChannel) watch.interruptCommands();
    this.#commandsChannel = channel;
    if (this.#fetchHabits(watch)) {
      this.#risk.observe(this.#guarded(() => watch.ran(words, this.#outbox.at)));
    } else if (this.#lines.length < LINES_WAITING_MAX) this.#lines.push(words);
  }

  ruled(hits: readonly RuleHit[]): void {
    let worst: RuleHit | null = null;
    for (const hit of hits) {
      if (hit.mode !== "enforce" || hit.rule.score === 0) continue;
      if (worst === null || hit.rule.score > worst.rule.score) worst = hit;
    }
    if (worst !== null && !this.#over) {
      this.#risk.ruled(worst.rule.score, `rule ${worst.rule.id}: ${worst.rule.name}`);
    }
  }

  answered(question: Question, { type }: ChallengeResult): void {
    // What somebody types into a question is no part of the person's work.
    this.#interruptTyping();
    if (question.type !== "factor" || this.#over) return;
    if (type === "passed") {
      this.#doubted = false;
      this.#watch?.proved();
      this.#risk.proved();
    } else if (type === "failed" || type === "timed-out") {
      this.#doubted = true;
      this.#watch?.doubted();
      this.#risk.notProved(
        type === "failed" ? "did not prove who they are" : "did not answer who they are",
      );
    }
  }

  othersTyped(): void {
    this.#steeredAt = this.#outbox.at;
  }

  starting(terminal: boolean): void {
    this.#risk.askOwed(!terminal);
  }

  moved(bytes: number): void {
    this.#watch?.moved(bytes);
  }

  minute(): void {
    const { at } = this.#outbox;
    if (this.#over) return;
    const watch = this.#watch;
    if (watch !== null) this.#risk.observe(this.#guarded(() => watch.lasted(at)));
    this.#risk.faded();
    this.#outbox.setTimer("behaviour", null, after(at, MINUTE_MS));
  }

  ended(accepted: boolean): void {
    if (this.#over) return;
    this.entered();
    this.#over = true;
    const { suspend, reauth } = this.#seed.policy.steps;
    // Whoever stood where a proof is wanted, and gave none, is not learnt from.
    const tooRisky = this.#risk.score >= (reauth ?? suspend ?? 100);
    const watch = this.#watch;
    if (watch === null || this.#revision === null || this.#cutOff) return;
    const learns = accepted && !this.#doubted && !tooRisky;
    const lesson = this.#guarded(() => watch.lesson(this.#outbox.at, learns), null);
    if (lesson === null) return;
    const profile = JSON.stringify(lesson);
    this.#outbox.add({ kind: "keep-profile", revision: this.#revision, profile });
  }

  #begin({ context }: BehaviourProfile): void {
    const { facts } = this.#deps.seed;
    const watch = this.#ready();
    if (watch === null) return;
    const { wall, at } = this.#outbox;
    const opened = {
      wall,
      origin: facts.origin,
      target: facts.target.name,
      credential: facts.account,
    };
    this.#risk.observe(this.#guarded(() => watch.begin(at, opened, context)));
  }

  #learnt(stored: BehaviourProfile): void {
    const watch = this.#ready();
    if (watch === null) return;
    this.#guarded(() => {
      watch.learnt(stored);
      return [];
    });
    this.#compare();
    const lines = this.#lines;
    this.#lines = [];
    for (const words of lines) {
      this.#risk.observe(this.#guarded(() => watch.ran(words, this.#outbox.at)));
    }
  }

  /** A detector that fails says nothing any more in this session, and that it failed is told. */
  #guarded(look: () => readonly WatchReading[]): readonly WatchReading[];
  #guarded<T>(look: () => T, failed: T): T;
  #guarded(look: () => unknown, failed: unknown = NOTHING): unknown {
    try {
      return look();
    } catch {
      this.#cutOff = true;
      this.#outbox.emit({
        type: "action.taken",
        data: {
          session: this.#outbox.session,
          action: "watch-behaviour",
          target: "session",
          reason: "inspector-failed",
          outcome: "ended",
          by: "risk:ladder",
        },
      });
      return failed;
    }
  }

  #ready(): SessionWatch | null {
    if (this.#over || this.#cutOff) return null;
    const { name, groups } = this.#deps.seed.facts.person;
    this.#watch ??= new SessionWatch({ person: name, groups }, this.#seed.site());
    return this.#watch;
  }

  #press(channel: ChannelId, { bytes, at }: Extract<VisibleInput, { kind: "shown" }>): void {
    if (channel !== this.#keysChannel) this.#interruptTyping();
    this.#keysChannel = channel;
    const key = keyName(bytes);
    if (key !== "") this.#wait({ key, at });
  }

  #interruptTyping(): void {
    this.#keysChannel = null;
    if (this.#keys.at(-1) !== null) this.#wait(null);
  }

  #wait(key: KeyPress | null): void {
    this.#keys.push(key);
    if (this.#keys.length > KEYS_WAITING_MAX) this.#keys.shift();
  }

  #compare(): void {
    const watch = this.#ready();
    if (watch === null || this.#keys.length === 0 || !this.#fetchHabits(watch)) return;
    const keys = withPackets(this.#keys);
    this.#keys = [];
    this.#risk.observe(this.#guarded(() => watch.typed(keys)));
  }

  /** True when they are here. */
  #fetchHabits(watch: SessionWatch): boolean {
    if (watch.ready) return true;
    if (!this.#asked) this.#ask("habits");
    this.#asked = true;
    return false;
  }

  #ask(part: ProfilePart): void {
    this.#outbox.add({ kind: "ask-profile", part });
  }
}

const NOTHING: readonly WatchReading[] = [];

/** Keys of one packet are told how many they were: more than a hand presses are a paste. */
function withPackets(keys: readonly (KeyPress | null)[]): readonly (KeyPress | null)[] {
  const packets = new Map<number, number>();
  for (const key of keys) if (key !== null) packets.set(key.at, (packets.get(key.at) ?? 0) + 1);
  return keys.map((key) =>
    key === null ? null : { ...key, packetKeys: packets.get(key.at) ?? 1 },
  );
}
