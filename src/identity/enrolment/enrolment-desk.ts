import { randomBytes, timingSafeEqual } from "node:crypto";
import {
  err,
  fault,
  MICROS_PER_MS,
  ok,
  Secret,
  wallMicros,
  type Fault,
  type Result,
} from "../../kernel/index.js";
import { encodeBase32 } from "../base32.js";
import { createOneTimeLinks } from "../one-time-links.js";
import { matchTotp, otpauthUri, parseTotpSecret } from "../totp.js";
import type { RelyingParty } from "../webauthn/relying-party.js";
import type { EnrolledFactor, EnrolledFactors } from "./enrolled-factors.js";

/**
 * One-time links under which people enrol a factor themselves. Whoever has the link is the person: it is
 * handed over in person, opens for one browser, and is dead after one enrolment or a few wrong codes.
 */
export interface EnrolmentDesk {
  issue(order: EnrolmentOrder): Result<EnrolmentLink, Fault>;
  /** Links that nobody has finished yet. */
  list(): readonly OpenEnrolment[];
  /** False when there is none. */
  revoke(id: string): boolean;
  readonly page: EnrolmentPageDesk;
}

export interface EnrolmentOrder {
  readonly person: string;
  /** What may be enrolled; the person chooses one of them. */
  readonly factors: readonly EnrolledFactor[];
  readonly ttlMs: number;
  readonly issuedBy: string;
}

export interface OpenEnrolment {
  readonly id: string;
  readonly person: string;
  readonly factors: readonly EnrolledFactor[];
  readonly expiresMs: number;
  readonly issuedBy: string;
}

export interface EnrolmentLink extends OpenEnrolment {
  readonly link: string;
}

/** Enrolments as their page sees them. `claim` proves that it is the browser which began. */
export interface EnrolmentPageDesk {
  look(token: string, claim: string): EnrolmentSight | null;
  /** The claim for the browser that begins; null when another has begun, or it is over. */
  begin(token: string, factor: EnrolledFactor): string | null;
  confirmTotp(
    token: string,
    claim: string,
    answer: { readonly code: string; readonly origin: string },
  ): Promise<EnrolmentAnswer>;
  keyOptions(token: string, claim: string): Promise<unknown>;
  addKey(token: string, claim: string, key: KeyAnswer): Promise<EnrolmentAnswer>;
}

export interface KeyAnswer {
  /** What the person calls it. */
  readonly name: string;
  /** What the browser made of `keyOptions`. */
  readonly response: unknown;
  /** Address of the browser. */
  readonly origin: string;
}

export type EnrolmentAnswer = "enrolled" | "wrong" | "over" | "failed";

export type EnrolmentSight = { readonly person: string } & (
  | { readonly state: "offered"; readonly factors: readonly EnrolledFactor[] }
  /** Begun by another browser. */
  | { readonly state: "taken" }
  | { readonly state: "totp"; readonly base32: string; readonly uri: string }
  | { readonly state: "webauthn" }
  | { readonly state: "done"; readonly factor: EnrolledFactor }
  | { readonly state: "dead" }
);

export interface EnrolmentDeps {
  readonly enrolled: EnrolledFactors;
  /** Absent: no keys are enrolled here. */
  readonly party?: RelyingParty;
  /** What authenticator apps show. */
  readonly issuer: string;
  readonly wallMs: () => number;
  readonly linkOf: (token: string) => string;
  /** Told before it is done; false: it could not be told, and is not done. */
  readonly enrolling: (done: {
    readonly person: string;
    readonly factor: EnrolledFactor;
    readonly issuedBy: string;
    readonly origin: string;
  }) => boolean;
  /** The code of the enrolment is used up, as every code. */
  readonly stepSpent: (person: string, step: number) => Promise<void>;
}

type Doing =
  | { readonly at: "offered" }
  | {
      readonly at: "totp";
      readonly claim: string;
      readonly base32: string;
      readonly secret: Secret;
    }
  | { readonly at: "webauthn"; readonly claim: string; challenge: string | null }
  | { readonly at: "done"; readonly claim: string; readonly factor: EnrolledFactor }
  | { readonly at: "dead" };

interface Enrolment extends OpenEnrolment {
  doing: Doing;
  failures: number;
  /** An answer is being written down: a second one must not pass meanwhile. */
  busy: boolean;
}

const ID_BYTES = 9;
const CLAIM_BYTES = 24;
/** RFC 4226 recommends 160 bits. */
const TOTP_BYTES = 20;
/** A mistyped code, a clock that was off, a browser that gave up. */
const FAILURES_MAX = 5;

export function createEnrolmentDesk(deps: EnrolmentDeps): EnrolmentDesk {
  return new Desk(deps);
}

class Desk implements EnrolmentDesk, EnrolmentPageDesk {
  readonly page: EnrolmentPageDesk = this;
  readonly #deps: EnrolmentDeps;
  readonly #links;

  constructor(deps: EnrolmentDeps) {
    this.#deps = deps;
    this.#links = createOneTimeLinks<Enrolment>({
      wallMs: deps.wallMs,
      dropped: (one) => become(one, { at: "dead" }),
    });
  }

  issue({ person, factors, ttlMs, issuedBy }: EnrolmentOrder): Result<EnrolmentLink, Fault> {
    const id = randomBytes(ID_BYTES).toString("base64url");
    const expiresMs = this.#deps.wallMs() + ttlMs;
    const facts = { id, person, factors, expiresMs, issuedBy };
    const kept: Enrolment = {
      ...facts,
      doing: { at: "offered" },
      failures: 0,
      busy: false,
    };
    const token = this.#links.open(kept, expiresMs);
    if (token === null) {
      return err(fault("CHP_IDENTITY_ENROLMENT", "too many links wait for people"));
    }
    return ok({ ...facts, link: this.#deps.linkOf(token) });
  }

  list(): readonly OpenEnrolment[] {
    return [...this.#links.values()].filter(isOpen).map(openOf);
  }

  revoke(id: string): boolean {
    for (const one of this.#links.values()) {
      if (one.id !== id || !isOpen(one)) continue;
      become(one, { at: "dead" });
      return true;
    }
    return false;
  }

  look(token: string, claim: string): EnrolmentSight | null {
    const one = this.#links.find(token);
    if (one === null) return null;
    const { person, doing, factors } = one;
    if (doing.at === "dead") return { person, state: "dead" };
    if (doing.at === "offered") return { person, state: "offered", factors };
    if (!same(doing.claim, claim)) return { person, state: "taken" };
    switch (doing.at) {
      case "done":
        return { person, state: "done", factor: doing.factor };
      case "webauthn":
        return { person, state: "webauthn" };
      case "totp": {
        const { base32 } = doing;
        const uri = otpauthUri({ issuer: this.#deps.issuer, person, base32 });
        return { person, state: "totp", base32, uri };
      }
    }
  }

  begin(token: string, factor: EnrolledFactor): string | null {
    const one = this.#links.find(token);
    if (one?.doing.at !== "offered" || !one.factors.includes(factor)) return null;
    const claim = randomBytes(CLAIM_BYTES).toString("base64url");
    if (factor === "webauthn") {
      if (this.#deps.party === undefined) return null;
      become(one, { at: "webauthn", claim, challenge: null });
      return claim;
    }
    const base32 = encodeBase32(randomBytes(TOTP_BYTES));
    const secret = parseTotpSecret(new Secret(Buffer.from(base32)));
    if (!secret.ok) return null;
    become(one, { at: "totp", claim, base32, secret: secret.value });
    return claim;
  }

  async confirmTotp(
    token: string,
    claim: string,
    { code, origin }: { readonly code: string; readonly origin: string },
  ): Promise<EnrolmentAnswer> {
    const one = this.#mine(token, claim);
    if (one?.doing.at !== "totp" || one.busy) return "over";
    const { base32, secret } = one.doing;
    const answer = new Secret(Buffer.from(code));
    const wall = wallMicros(Math.floor(this.#deps.wallMs() * MICROS_PER_MS));
    const step = matchTotp(secret, answer, wall);
    answer.wipe();
    if (step === null) return failed(one);
    return await this.#write(one, { factor: "totp", origin }, async () => {
      await this.#deps.stepSpent(one.person, step);
      return await this.#deps.enrolled.setTotp(one.person, base32);
    });
  }

  async keyOptions(token: string, claim: string): Promise<unknown> {
    const one = this.#mine(token, claim);
    const { party, enrolled } = this.#deps;
    if (one?.doing.at !== "webauthn" || party === undefined) return null;
    const { doing, person: name } = one;
    const person = { name, handle: enrolled.handleOf(name), keys: enrolled.keysOf(name) };
    const made = await party.registration(person);
    doing.challenge = made.challenge;
    return made.options;
  }

  async addKey(
    token: string,
    claim: string,
    { name, response, origin }: KeyAnswer,
  ): Promise<EnrolmentAnswer> {
    const one = this.#mine(token, claim);
    const { party, enrolled } = this.#deps;
    if (one?.doing.at !== "webauthn" || party === undefined || one.busy) return "over";
    const { challenge } = one.doing;
    one.doing.challenge = null;
    if (challenge === null) return "over";
    const key = await party.register(response, challenge);
    if (key === null) return failed(one);
    return await this.#write(one, { factor: "webauthn", origin }, () =>
      enrolled.addKey(one.person, { ...key, name: name === "" ? "key" : name }),
    );
  }

  async #write(
    one: Enrolment,
    { factor, origin }: { readonly factor: EnrolledFactor; readonly origin: string },
    write: () => Promise<Result<null, Fault>>,
  ): Promise<EnrolmentAnswer> {
    const { doing, person, issuedBy } = one;
    if (doing.at === "offered" || doing.at === "dead" || one.busy) return "over";
    if (!this.#deps.enrolling({ person, factor, issuedBy, origin })) return "failed";
    one.busy = true;
    const written = await write();
    one.busy = false;
    if (!written.ok) return "failed";
    become(one, { at: "done", claim: doing.claim, factor });
    return "enrolled";
  }

  #mine(token: string, claim: string): Enrolment | null {
    const one = this.#links.find(token);
    if (one === null || !("claim" in one.doing)) return null;
    return same(one.doing.claim, claim) ? one : null;
  }
}

/** A secret that is left behind is wiped. */
function become(one: Enrolment, doing: Doing): void {
  if (one.doing.at === "totp") one.doing.secret.wipe();
  one.doing = doing;
}

function failed(one: Enrolment): EnrolmentAnswer {
  one.failures += 1;
  if (one.failures >= FAILURES_MAX) become(one, { at: "dead" });
  return "wrong";
}

function isOpen({ doing }: Enrolment): boolean {
  return doing.at !== "done" && doing.at !== "dead";
}

function openOf({ id, person, factors, expiresMs, issuedBy }: Enrolment): OpenEnrolment {
  return { id, person, factors, expiresMs, issuedBy };
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
