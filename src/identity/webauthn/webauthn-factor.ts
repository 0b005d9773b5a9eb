import { randomInt } from "node:crypto";
import type { Fault } from "../../kernel/index.js";
import type { EnrolledFactors } from "../enrolment/enrolled-factors.js";
import { createOneTimeLinks } from "../one-time-links.js";
import type { RelyingParty } from "./relying-party.js";

/**
 * A passkey or security key, asked for on the sidecar's own page: the terminal shows a short link and a
 * code, the page shows the same code and what is asked, the key signs. Structurally a factor of the
 * registry, which counts failures and locks.
 */
export interface WebauthnFactor {
  readonly name: "webauthn";
  begin(ask: WebauthnAsk, answers: WebauthnAnswers): void;
  withdraw(id: string): void;
  /** What the page needs; each takes the token of a link. */
  readonly page: ChallengeDesk;
}

export interface WebauthnAsk {
  readonly id: string;
  readonly session: {
    readonly person: { readonly name: string };
    readonly account: string;
    readonly target: { readonly name: string };
    readonly origin: string;
  };
  readonly trigger: string;
  readonly reason: string;
  readonly deadlineMs: number;
}

export interface WebauthnAnswers {
  readonly offered: (offer: {
    readonly text: string;
    readonly link: string;
    readonly code: string;
  }) => void;
  readonly settled: (outcome: WebauthnOutcome) => void;
}

type WebauthnOutcome =
  | { readonly type: "accepted" }
  | { readonly type: "refused"; readonly reason: "wrong" | "unavailable" };

/** Challenges as their page sees them. */
export interface ChallengeDesk {
  /** Null: there is no such link, or no longer. */
  look(token: string): ChallengeSight | null;
  /** For the browser; each makes the one before it worthless. Null when nothing waits any more. */
  options(token: string): Promise<unknown>;
  answer(token: string, response: unknown): Promise<"accepted" | "refused" | "over">;
  /** The person says that it is not them. False when nothing waits any more. */
  deny(token: string): boolean;
}

export interface ChallengeSight {
  readonly state: "open" | "accepted" | "refused" | "over";
  readonly person: string;
  readonly account: string;
  readonly target: string;
  readonly origin: string;
  readonly trigger: string;
  readonly reason: string;
  readonly code: string;
}

export interface WebauthnDeps {
  readonly party: RelyingParty;
  readonly enrolled: EnrolledFactors;
  readonly wallMs: () => number;
  /** Where a token is opened, as it is shown to the person. */
  readonly linkOf: (token: string) => string;
  /** A key fell behind its counter; false: it could not be told. */
  readonly cloned: (person: string, key: string) => boolean;
  readonly failed: (fault: Fault) => void;
}

interface Waiting {
  readonly ask: WebauthnAsk;
  readonly answers: WebauthnAnswers;
  readonly code: string;
  state: ChallengeSight["state"];
  /** What the key has to sign; taken away by the first answer. */
  challenge: string | null;
}

/** The page goes on telling how it ended, for somebody who comes back to it. */
const AFTERGLOW_MS = 60_000;

export function createWebauthnFactor(deps: WebauthnDeps): WebauthnFactor {
  const { party, enrolled, wallMs } = deps;
  const byId = new Map<string, Waiting>();
  const links = createOneTimeLinks<Waiting>({ wallMs, dropped: ({ ask }) => byId.delete(ask.id) });

  function goodKeys(person: string) {
    return enrolled.keysOf(person).filter((key) => key.state === "good");
  }

  function settle(waiting: Waiting, state: "accepted" | "refused"): void {
    end(waiting, state);
    waiting.answers.settled(
      state === "accepted" ? { type: "accepted" } : { type: "refused", reason: "wrong" },
    );
  }

  function end(waiting: Waiting, state: ChallengeSight["state"]): void {
    waiting.state = state;
    waiting.challenge = null;
    byId.delete(waiting.ask.id);
  }

  /** True only for a key of this person that has signed this challenge and is the only one of its kind. */
  async function proves(person: string, challenge: string, response: unknown): Promise<boolean> {
    const signed = await party.authenticate(response, challenge, goodKeys(person));
    if (signed === null) return false;
    const used = await enrolled.used(person, signed.id, signed.counter);
    if (!used.ok) deps.failed(used.error);
    else if (used.value === "cloned") deps.cloned(person, signed.id);
    return used.ok && used.value === "good";
  }

  return {
    name: "webauthn",
    begin(ask, answers) {
      const waiting: Waiting = { ask, answers, code: newCode(), state: "open", challenge: null };
      const expiresMs = wallMs() + ask.deadlineMs + AFTERGLOW_MS;
      const token =
        goodKeys(ask.session.person.name).length === 0 ? null : links.open(waiting, expiresMs);
      if (token === null) {
        answers.settled({ type: "refused", reason: "unavailable" });
        return;
      }
      byId.set(ask.id, waiting);
      answers.offered({
        text: "Open this link on your own machine and use your passkey or security key.",
        link: deps.linkOf(token),
        code: waiting.code,
      });
    },
    withdraw(id) {
      const waiting = byId.get(id);
      if (waiting !== undefined) end(waiting, "over");
    },
    page: {
      look(token) {
        const waiting = links.find(token);
        return waiting === null ? null : sightOf(waiting);
      },
      async options(token) {
        const waiting = links.find(token);
        if (waiting?.state !== "open") return null;
        const made = await party.authentication(goodKeys(waiting.ask.session.person.name));
        if (isOver(waiting)) return null;
        waiting.challenge = made.challenge;
        return made.options;
      },
      async answer(token, response) {
        const waiting = links.find(token);
        if (waiting?.state !== "open") return "over";
        const { challenge } = waiting;
        waiting.challenge = null;
        // Nothing was asked of a key, or it was answered already: no guess, so nothing is counted.
        if (challenge === null) return "over";
        const proved = await proves(waiting.ask.session.person.name, challenge, response);
        if (isOver(waiting)) return "over";
        settle(waiting, proved ? "accepted" : "refused");
        return proved ? "accepted" : "refused";
      },
      deny(token) {
        const waiting = links.find(token);
        if (waiting?.state !== "open") return false;
        settle(waiting, "refused");
        return true;
      },
    },
  };
}

/** Asked anew after something was waited for. */
function isOver(waiting: Waiting): boolean {
  return waiting.state !== "open";
}

function sightOf({ ask, code, state }: Waiting): ChallengeSight {
  const { session, trigger, reason } = ask;
  return {
    state,
    code,
    trigger,
    reason,
    person: session.person.name,
    account: session.account,
    target: session.target.name,
    origin: session.origin,
  };
}

/** Two pairs of digits: compared by eye, and no secret. */
function newCode(): string {
  const pair = (): string => String(randomInt(100)).padStart(2, "0");
  return `${pair()} ${pair()}`;
}
