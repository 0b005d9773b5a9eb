import { fault, Secret, type Fault } from "../../../kernel/index.js";
import { readCookie } from "../head/cookies.js";
import { headerOf } from "../head/header-fields.js";
import type { RequestHead } from "../head/request-head.js";
import { OWN_FOLDER } from "../pages/pages.js";
import type { Page } from "../pages/html.js";
import type { GatewayClaim, WebPorts, WebRoute } from "../ports.js";
import { WebSession } from "../session/web-session.js";
import type { Arrival } from "./arrival.js";
import { faultPage, overPage } from "./fault-page.js";
import {
  claimKeyOf,
  claimOf,
  enter,
  identityFields,
  TOKEN_HEADER,
  type Claimed,
  type IdentityOptions,
} from "./identity.js";
import { cookieHeader } from "./request-facts.js";
import type { SessionCookies } from "./session-cookies.js";
import { createWebSessions } from "./sessions.js";

/** A request that has a route, and perhaps a session. */
export interface Routed {
  readonly head: RequestHead;
  readonly route: WebRoute;
  readonly arrival: Omit<Arrival, "reply">;
  /** As the person asked, with the prefix. */
  readonly navigates: boolean;
}

/** `cookies`: `Set-Cookie` that its next answer has to carry. */
export interface Entered {
  readonly session: WebSession;
  readonly cookies: readonly string[];
}

type Found =
  | ({ readonly type: "session" } & Entered)
  | { readonly type: "refused"; readonly page: Page; readonly cookies: readonly string[] };

/** One-time tokens come in this parameter of `/.chaperone/open`. */
const TOKEN_PARAMETER = "token";

export interface EntranceOptions {
  readonly identity: IdentityOptions;
  readonly folder: string;
  readonly requestLog: boolean;
  readonly secure: boolean;
  readonly pseudonym: string;
}

export interface EntranceDeps {
  readonly ports: WebPorts;
  readonly options: EntranceOptions;
  readonly cookies: SessionCookies;
  readonly refused: (peer: string, why: Fault) => void;
}

/** Who a request is, and the session that is theirs. */
export class Entrance {
  readonly #ports: WebPorts;
  readonly #options: EntranceOptions;
  readonly #cookies: SessionCookies;
  readonly #refused: EntranceDeps["refused"];
  readonly #sessions = createWebSessions();
  readonly #alive = new Set<WebSession>();
  readonly #identityFields: ReadonlySet<string>;
  /** By what each session was opened. */
  readonly #keys = new WeakMap<WebSession, string | null>();
  /** Clients that ask several things at once before they know their cookie. */
  readonly #entering = new Map<string, Promise<Found>>();

  constructor({ ports, options, cookies, refused }: EntranceDeps) {
    this.#ports = ports;
    this.#options = options;
    this.#cookies = cookies;
    this.#refused = refused;
    this.#identityFields = identityFields(options.identity);
  }

  /** Those that are ending, and still have to tell it, included. */
  get all(): Iterable<WebSession> {
    return this.#alive;
  }

  /** The session that the request names, where nothing about the person has to be proved anew. */
  known(routed: Routed): WebSession | null {
    const { head, route } = routed;
    const shown = this.#shown(routed);
    if (shown.token !== null) return null;
    const key = claimKeyOf(shown, this.#options.identity);
    const cookie = readCookie(cookieHeader(head), this.#cookies.nameOf(route));
    if (cookie === undefined) {
      // A client that keeps no cookies, of whom the gateway says who it is.
      return key === null ? null : (this.#sessions.byKey(keyAt(route, key)) ?? null);
    }
    const session = this.#sessions.byCookie(cookie, route.target);
    if (session === undefined) return null;
    const opened = this.#keys.get(session) ?? null;
    return opened === null || opened === key ? session : null;
  }

  async find(routed: Routed): Promise<Found> {
    const { head, route } = routed;
    const cookies = cookieHeader(head);
    const cookie = readCookie(cookies, this.#cookies.nameOf(route));
    const claimed = claimOf(this.#shown(routed), this.#options.identity);
    const known = cookie === undefined ? undefined : this.#sessions.byCookie(cookie, route.target);
    const token = claimed?.claim.by === "token";
    if (known !== undefined && !token && (await this.#stillProved(known, claimed))) {
      return { type: "session", session: known, cookies: [] };
    }
    const epitaph = cookie === undefined ? undefined : this.#sessions.takeEpitaph(cookie);
    if (epitaph !== undefined && !token) {
      return {
        type: "refused",
        page: overPage(epitaph, routed.navigates),
        cookies: [this.#cookies.expired(route)],
      };
    }
    if (claimed === null) {
      const why = fault("CHP_WEB_NOT_AUTHENTICATED", "nothing in the request says who you are");
      this.#refused(routed.arrival.peer, why);
      return this.#outside(why, routed);
    }
    const key = claimed.key === null ? null : keyAt(route, claimed.key);
    const same = key === null ? undefined : this.#sessions.byKey(key);
    if (same !== undefined) return { type: "session", session: same, cookies: [] };
    if (key === null) return await this.#enter(routed, claimed, null);
    const entering = this.#entering.get(key) ?? this.#enter(routed, claimed, key);
    this.#entering.set(key, entering);
    try {
      return await entering;
    } finally {
      this.#entering.delete(key);
    }
  }

  /**
   * Where the gateway has to say with each request who it is, a cookie alone is not enough: it may have
   * been carried off. Gateways renew their assertions: a new one is verified once.
   */
  async #stillProved(session: WebSession, claimed: Claimed | null): Promise<boolean> {
    const known = this.#keys.get(session) ?? null;
    if (known === null) return true;
    if (claimed?.key === null || claimed?.key === undefined) return false;
    if (known === claimed.key) return true;
    if (claimed.claim.by === "token") return false;
    // A copy: what is asked is wiped, and whoever is somebody else enters with the claim.
    const person = await this.#ports.authority.vouch(copyOf(claimed.claim));
    if (person !== session.facts.person.name) return false;
    this.#keys.set(session, claimed.key);
    return true;
  }

  async #enter(routed: Routed, claimed: Claimed, key: string | null): Promise<Found> {
    const { route, arrival } = routed;
    const { authority } = this.#ports;
    const facts = await enter(authority, this.#shown(routed), {
      claimed,
      target: route.target,
      origin: arrival.origin ?? arrival.peer,
    });
    if (!facts.ok) return this.#outside(facts.error, routed);
    const session = new WebSession({
      ports: this.#ports,
      facts: facts.value,
      route,
      secure: this.#options.secure,
      folder: this.#options.folder,
      requestLog: this.#options.requestLog,
      pseudonym: this.#options.pseudonym,
      identityFields: this.#identityFields,
      over: (reason) => {
        this.#sessions.over(session, reason);
        void session.close(reason).then(() => this.#alive.delete(session));
      },
    });
    this.#alive.add(session);
    const cookie = this.#sessions.add(session, key);
    this.#keys.set(session, claimed.key);
    return { type: "session", session, cookies: [this.#cookies.set(route, cookie)] };
  }

  #shown({ head, route, arrival }: Routed): Parameters<typeof claimOf>[0] {
    const query =
      head.path === `${route.prefix}${OWN_FOLDER}open`
        ? new URLSearchParams(head.query ?? "")
        : null;
    const token = query?.get(TOKEN_PARAMETER) ?? headerOf(head.headers, TOKEN_HEADER) ?? null;
    return { head, peer: arrival.peer, commonName: arrival.commonName, token };
  }

  #outside(why: Fault, routed: Routed): Found {
    return { type: "refused", page: faultPage(why, routed.navigates), cookies: [] };
  }
}

/** One person has a session at each target. */
function keyAt({ target }: WebRoute, key: string): string {
  return `${target} ${key}`;
}

function copyOf(claim: GatewayClaim): GatewayClaim {
  if (claim.by !== "assertion") return claim;
  return {
    by: "assertion",
    token: claim.token.reveal((bytes) => new Secret(new Uint8Array(bytes))),
  };
}
