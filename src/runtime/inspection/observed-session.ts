import type { SessionId } from "../../kernel/index.js";
import type { RuleHit } from "../../model/index.js";
import {
  createInspectedSession,
  type Frame,
  type InspectedMessage,
  type InspectedSession,
} from "./inspected-session.js";
import type { ObservedRule, Unit, UnitVerdict } from "./unit-desk.js";

/**
 * The observe mode: the gateway only wants to be told. The machine behind it acts on nothing, so every
 * verdict is to let it pass, and what rules would have done is told beside.
 */
export interface ObservedSession extends InspectedSession {
  /** Rules have hit. */
  hit(hits: readonly RuleHit[]): void;
}

type Open = Parameters<typeof createInspectedSession>[1];

export function createObservedSession(id: SessionId, open: Open): ObservedSession {
  return new Observed(id, open);
}

class Observed implements ObservedSession {
  readonly id: SessionId;
  readonly #inner: InspectedSession;
  #out: ((message: InspectedMessage) => void) | null = null;
  /** Hits of the thing that is being looked at; null: they belong to a stream. */
  #found: RuleHit[] | null = null;
  /** One thing at a time, so that each is told its own hits. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(id: SessionId, open: Open) {
    this.id = id;
    this.#inner = createInspectedSession(id, open);
    this.#inner.listen((message) => this.#say(message));
  }

  get over(): boolean {
    return this.#inner.over;
  }

  hit(hits: readonly RuleHit[]): void {
    if (hits.length === 0) return;
    if (this.#found !== null) this.#found.push(...hits);
    else this.#out?.({ type: "observed", rules: hits.map(observedRule) });
  }

  listen(out: ((message: InspectedMessage) => void) | null): void {
    this.#out = out;
  }

  end(reason: string): void {
    this.#inner.end(reason);
  }

  inspect(seq: number, unit: Unit, waitMs: number): Promise<UnitVerdict> {
    const turn = this.#turn.then(() => this.#inspect(seq, unit, waitMs));
    this.#turn = turn;
    return turn;
  }

  frame(frame: Frame): void {
    this.#inner.frame(frame);
  }

  async #inspect(seq: number, unit: Unit, waitMs: number): Promise<UnitVerdict> {
    const found: RuleHit[] = [];
    this.#found = found;
    const { told } = await this.#inner.inspect(seq, unit, waitMs);
    this.#found = null;
    return { seq, verdict: "allow", told, rules: found.map(observedRule) };
  }

  /** Nothing is sent to anybody on our behalf, and nothing stands still. */
  #say(message: InspectedMessage): void {
    if (message.type === "verdict") {
      const { type, seq } = message;
      this.#out?.({ type, seq, verdict: "pass" });
    } else if (message.type === "end") this.#out?.(message);
  }
}

function observedRule({ rule, actions }: RuleHit): ObservedRule {
  return { id: rule.id, wouldHave: actions.map(({ verb }) => verb).join("+") || "log" };
}
