import type { IncomingMessage } from "node:http";
import type { Duplex, Readable } from "node:stream";
import { fault, Secret, type Fault, type Result, type SessionId } from "../../../kernel/index.js";
import { readCookie } from "../head/cookies.js";
import { headerOf } from "../head/header-fields.js";
import { normalPath } from "../head/normal-path.js";
import { readRequestHead, type RequestHead } from "../head/request-head.js";
import { OWN_FOLDER, stoppedPage, stoppedProblem, type StoppedText } from "../pages/pages.js";
import type { Page } from "../pages/html.js";
import type { GatewayClaim, WebPorts, WebRoute } from "../ports.js";
import { decide } from "../session/decision.js";
import { runExchange } from "../session/exchange.js";
import { newNonce } from "../session/stopped.js";
import { navigates, type Incoming } from "../session/incoming.js";
import { serveOwnPage } from "../session/own-pages.js";
import { redirect, sendPage, withCookie, type Reply } from "../session/reply.js";
import { WebSession } from "../session/web-session.js";
import { refuse, relayWebSocket } from "../websocket/relay.js";
import {
  claimKeyOf,
  claimOf,
  type Claimed,
  enter,
  identityFields,
  loginFacts,
  remembering,
  TOKEN_HEADER,
  type IdentityOptions,
} from "./identity.js";
import { forwardedRequest, type ForwardAuthOptions } from "./forward-auth.js";
import { createRefusals, withMissed } from "../session/refusals.js";
import { cookieHeader, isSameOrigin, openedPath } from "./request-facts.js";
import { routeOf } from "./route.js";
import { createWebSessions } from "./sessions.js";

/** A request as the HTTP parser hands it over. */
export interface Arrival {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: readonly string[];
  readonly http2: boolean;
  readonly source: Readable;
  readonly reply: Reply;
  /** Address of the peer, and the name in its certificate, if one was verified. */
  readonly peer: string;
  /** Address of the person, where the peer says it; else the peer's. */
  readonly origin?: string;
  readonly commonName: string | null;
}

export interface UpgradeArrival extends Omit<Arrival, "reply"> {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly behind: Buffer;
}

/** From a request to the session it belongs to, or to why it does not get in. */
export interface Doorway {
  request(arrival: Arrival): void;
  upgrade(arrival: UpgradeArrival): void;
  /** Tells what was refused before anybody could say who it is; bounded. */
  refused(origin: string, why: Fault): void;
  end(session: SessionId, reason: string): void;
  close(reason: string): Promise<void>;
}

export interface DoorwayOptions {
  readonly routes: readonly WebRoute[];
  readonly identity: IdentityOptions;
  /** Null: nobody is answered whether something may pass. */
  readonly forwardAuth: ForwardAuthOptions | null;
  readonly folder: string;
  readonly secure: boolean;
  readonly pseudonym: string;
}

/** One-time tokens come in this parameter of `/.chaperone/open`. */
const TOKEN_PARAMETER = "token";
/** How long the page of a held request is known, in seconds. */
const RESUME_SECONDS = 120;

export function createDoorway(ports: WebPorts, options: DoorwayOptions): Doorway {
  return new HouseDoorway(ports, options);
}

/** A request that has a route, and perhaps a session. */
interface Routed {
  readonly head: RequestHead;
  readonly route: WebRoute;
  readonly arrival: Omit<Arrival, "reply">;
  /** As the person asked, with the prefix. */
  readonly navigates: boolean;
}

/** `cookies`: `Set-Cookie` that its next answer has to carry. */
interface Entered {
  readonly session: WebSession;
  readonly cookies: readonly string[];
}

type Found =
  | ({ readonly type: "session" } & Entered)
  | { readonly type: "refused"; readonly page: Page; readonly cookies: readonly string[] };

const NO_COOKIES: readonly string[] = [];

function isOwnPath({ head, route }: Routed): boolean {
  return head.path.startsWith(route.prefix === "" ? OWN_FOLDER : `${route.prefix}${OWN_FOLDER}`);
}

class HouseDoorway implements Doorway {
  readonly #ports: WebPorts;
  readonly #options: DoorwayOptions;
  readonly #sessions = createWebSessions();
  readonly #identityFields: ReadonlySet<string>;
  readonly #refusals = createRefusals();
  readonly #cookieNames = new Map<WebRoute, string>();
  /** By what each session was opened. */
  readonly #keys = new WeakMap<WebSession, string | null>();
  /** Clients that ask several things at once before they know their cookie. */
  readonly #entering = new Map<string, Promise<Found>>();

  constructor(ports: WebPorts, options: DoorwayOptions) {
    this.#ports = ports;
    const { personHeader } = options.identity;
    const from = personHeader === null ? null : remembering(personHeader.from);
    const known = from === null || personHeader === null ? null : { ...personHeader, from };
    this.#options = { ...options, identity: { ...options.identity, personHeader: known } };
    this.#identityFields = identityFields(options.identity);
  }

  request(arrival: Arrival): void {
    try {
      const forwarded = forwardedRequest(arrival, this.#options.forwardAuth);
      if (forwarded !== null) {
        this.#decide(arrival, forwarded).catch((error: unknown) => this.#failed(arrival, error));
        return;
      }
      const routed = this.#route(arrival);
      if (!("route" in routed)) {
        this.#refuseWithPage(arrival, routed);
        return;
      }
      // Nobody has to be asked who that is: by far the most requests.
      const session = this.#known(routed);
      const own = session === null || isOwnPath(routed);
      if (own) this.#serve(arrival, routed).catch((error: unknown) => this.#failed(arrival, error));
      else this.#serveFound(arrival, routed, { session, cookies: NO_COOKIES });
    } catch (error) {
      this.#failed(arrival, error);
    }
  }

  async #decide(asked: Arrival, forwarded: Result<Arrival, Fault>): Promise<void> {
    const routed = forwarded.ok ? this.#route(forwarded.value) : forwarded.error;
    if ("code" in routed) {
      this.#refuseWithPage(asked, routed);
      return;
    }
    const found = await this.#find(routed);
    if (found.type === "refused") {
      sendPage(asked.reply, found.page, found.cookies);
      return;
    }
    const { session, cookies } = found;
    const incoming = this.#incoming(routed);
    if ("code" in incoming) {
      session.refused(incoming);
      sendPage(asked.reply, this.#faultPage(incoming, routed.navigates), cookies);
    } else decide(session, { incoming, cookies }, asked.reply);
  }

  #failed({ reply }: Arrival, error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#ports.log.warn("web-request-failed", { reason: why });
    reply.destroy();
  }

  upgrade(arrival: UpgradeArrival): void {
    const { socket } = arrival;
    socket.on("error", () => socket.destroy());
    this.#serveUpgrade(arrival).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      this.#ports.log.warn("web-request-failed", { reason: why });
      socket.destroy();
    });
  }

  refused(origin: string, why: Fault): void {
    const told = this.#refusals.take(origin, performance.now());
    if (told === null) return;
    const message = withMissed(why.message, told.missed);
    this.#ports.authority.refused(loginFacts(null, origin), { ...why, message });
  }

  end(id: SessionId, reason: string): void {
    for (const session of this.#sessions.all) if (session.facts.id === id) session.end(reason);
  }

  async close(reason: string): Promise<void> {
    const all = [...this.#sessions.all];
    await Promise.all(all.map((session) => session.close(reason)));
  }

  #refuseWithPage(arrival: Arrival, why: Fault): void {
    this.#refuse(arrival, why);
    const page = this.#faultPage(why, false);
    // What follows on the connection may be the rest of it, and no request.
    const headers = arrival.http2 ? page.headers : { ...page.headers, connection: "close" };
    sendPage(arrival.reply, { ...page, headers });
  }

  async #serve(arrival: Arrival, routed: Routed): Promise<void> {
    const { reply } = arrival;
    const found = await this.#find(routed);
    if (found.type === "refused") {
      sendPage(reply, found.page, found.cookies);
      return;
    }
    const { session, cookies } = found;
    if (isOwnPath(routed)) await this.#ownPage(routed, { session, cookies, arrival });
    else this.#serveFound(arrival, routed, found);
  }

  #serveFound({ reply }: Arrival, routed: Routed, { session, cookies }: Entered): void {
    const incoming = this.#incoming(routed);
    if ("code" in incoming) {
      session.refused(incoming);
      sendPage(reply, this.#faultPage(incoming, routed.navigates), cookies);
      return;
    }
    const held = this.#takeHeld(routed, session);
    if (held !== null) {
      const { hold, clear } = held;
      hold.resume(withCookie(reply, clear), hold.verdict ?? { type: "busy" });
      return;
    }
    runExchange({ core: session, incoming, cookies, script: null }, reply);
  }

  async #serveUpgrade(arrival: UpgradeArrival): Promise<void> {
    const { request, socket, behind } = arrival;
    const routed = this.#route(arrival);
    if (!("route" in routed)) {
      this.#refuse(arrival, routed);
      refuse(socket, this.#faultPage(routed, false));
      return;
    }
    const found = await this.#find(routed);
    if (found.type === "refused") {
      refuse(socket, found.page);
      return;
    }
    const { session } = found;
    const wanted = headerOf(routed.head.headers, "upgrade")?.toLowerCase();
    const foreign = !isSameOrigin(routed.head, this.#options.secure, true);
    const incoming = this.#incoming(routed);
    if ("code" in incoming || wanted !== "websocket" || foreign || routed.head.method !== "GET") {
      const why =
        "code" in incoming
          ? incoming
          : foreign
            ? fault("CHP_WEB_FOREIGN", "a WebSocket that another site opens")
            : fault("CHP_WEB_SYNTAX", "an upgrade to something other than a WebSocket");
      session.refused(why);
      refuse(socket, this.#faultPage(why, false));
      return;
    }
    await relayWebSocket(session, { incoming, request, socket, behind });
  }

  /** The fault is told by whoever asked. */
  #route(arrival: Omit<Arrival, "reply">): Routed | Fault {
    const head = readRequestHead(arrival);
    if (!head.ok) return head.error;
    const via = head.value.headers.some(
      ([name, value]) => name === "via" && value.includes(this.#options.pseudonym),
    );
    if (via) return fault("CHP_WEB_LOOP", "the target leads back to this sidecar");
    const route = routeOf(this.#options.routes, head.value);
    if (route === null) {
      return fault("CHP_WEB_NO_ROUTE", `no target at ${head.value.authority}`);
    }
    return { head: head.value, route, arrival, navigates: navigates(head.value) };
  }

  #refuse(arrival: Pick<Arrival, "peer">, why: Fault): void {
    // Whoever scans for hosts would fill the disk, and has done no harm.
    if (why.code === "CHP_WEB_NO_ROUTE") return;
    this.refused(arrival.peer, why);
  }

  #incoming({ head, route, arrival, navigates: navigating }: Routed): Incoming | Fault {
    const below = head.path.slice(route.prefix.length);
    const path = normalPath(below === "" ? "/" : below, { literalSlash: route.literalSlash });
    if (!path.ok) return fault("CHP_WEB_PATH", path.error);
    return { head, path: path.value, source: arrival.source, navigates: navigating };
  }

  /** The session that the cookie names, where nothing about the person has to be proved anew. */
  #known(routed: Routed): WebSession | null {
    const cookie = readCookie(cookieHeader(routed.head), this.#cookieName(routed.route));
    if (cookie === undefined) return null;
    const session = this.#sessions.byCookie(cookie, routed.route.target);
    if (session === undefined) return null;
    const shown = this.#shown(routed);
    if (shown.token !== null) return null;
    const key = this.#keys.get(session) ?? null;
    return key === null || key === claimKeyOf(shown, this.#options.identity) ? session : null;
  }

  // --- who it is ---------------------------------------------------------------------------------------

  async #find(routed: Routed): Promise<Found> {
    const { head, route } = routed;
    const cookies = cookieHeader(head);
    const cookie = readCookie(cookies, this.#cookieName(route));
    const claimed = claimOf(this.#shown(routed), this.#options.identity);
    const known = cookie === undefined ? undefined : this.#sessions.byCookie(cookie, route.target);
    const token = claimed?.claim.by === "token";
    if (known !== undefined && !token && (await this.#stillProved(known, claimed))) {
      return { type: "session", session: known, cookies: [] };
    }
    const epitaph = cookie === undefined ? undefined : this.#sessions.takeEpitaph(cookie);
    if (epitaph !== undefined && !token) {
      const text = { ...OVER, reason: epitaph };
      return {
        type: "refused",
        page: this.#page(text, routed.navigates),
        cookies: [this.#expired(route)],
      };
    }
    if (claimed === null) {
      const why = fault("CHP_WEB_NOT_AUTHENTICATED", "nothing in the request says who you are");
      this.#refuse(routed.arrival, why);
      return this.#outside(why, routed);
    }
    const key = claimed.key === null ? null : `${route.target} ${claimed.key}`;
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
      pseudonym: this.#options.pseudonym,
      identityFields: this.#identityFields,
      over: (reason) => this.#sessions.over(session, reason),
    });
    const cookie = this.#sessions.add(session, key);
    this.#keys.set(session, claimed.key);
    return { type: "session", session, cookies: [this.#cookie(route, cookie)] };
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
    return { type: "refused", page: this.#faultPage(why, routed.navigates), cookies: [] };
  }

  // --- own pages and cookies -----------------------------------------------------------------------------

  async #ownPage(
    { head, route }: Routed,
    {
      session,
      cookies,
      arrival,
    }: {
      readonly session: WebSession;
      readonly cookies: readonly string[];
      readonly arrival: Arrival;
    },
  ): Promise<void> {
    const { reply, source } = arrival;
    const base = `${route.prefix}${OWN_FOLDER}`;
    if (head.path === `${base}open`) {
      redirect(reply, `${route.prefix}${openedPath(head)}`, cookies);
      return;
    }
    if (head.path === `${base}leave` && head.method === "POST") {
      session.end("left");
      sendPage(reply, this.#page({ ...OVER, reason: "you have left it" }, true), [
        this.#expired(route),
      ]);
      return;
    }
    await serveOwnPage(session, {
      head,
      source,
      reply,
      sameOrigin: isSameOrigin(head, this.#options.secure, false),
      resumeCookie: (hold) =>
        this.#cookieOf(this.#resumeName(route), hold, `; Max-Age=${RESUME_SECONDS}`),
    });
  }

  #takeHeld(
    { head, route }: Routed,
    session: WebSession,
  ): {
    readonly hold: NonNullable<ReturnType<WebSession["holds"]["takeSettled"]>>;
    readonly clear: string;
  } | null {
    const id = readCookie(cookieHeader(head), this.#resumeName(route));
    if (id === undefined || head.method !== "GET") return null;
    const url = head.query === null ? head.path : `${head.path}?${head.query}`;
    const hold = session.holds.takeSettled(id, url);
    if (hold === undefined) return null;
    return { hold, clear: this.#cookieOf(this.#resumeName(route), "", "; Max-Age=0") };
  }

  /** One cookie for each target, because several may stand under one host. */
  #cookieName(route: WebRoute): string {
    const known = this.#cookieNames.get(route) ?? this.#newCookieName(route);
    this.#cookieNames.set(route, known);
    return known;
  }

  #newCookieName({ target }: WebRoute): string {
    const name = `chaperone-${target.replace(/[^A-Za-z0-9_-]/g, "_")}`;
    return this.#options.secure ? `__Host-${name}` : name;
  }

  #resumeName(route: WebRoute): string {
    return `${this.#cookieName(route)}-held`;
  }

  #cookie(route: WebRoute, value: string): string {
    return this.#cookieOf(this.#cookieName(route), value, "");
  }

  #expired(route: WebRoute): string {
    return this.#cookieOf(this.#cookieName(route), "", "; Max-Age=0");
  }

  #cookieOf(name: string, value: string, more: string): string {
    const secure = this.#options.secure ? "; Secure" : "";
    return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${secure}${more}`;
  }

  #faultPage(why: Fault, asPage: boolean): Page {
    const text = {
      status: STATUS[why.code] ?? 400,
      title: TITLE[why.code] ?? "This request is refused",
      reason: why.message,
      trigger: why.code,
      type: "refused",
    };
    return this.#page(text, asPage);
  }

  #page(text: StoppedText, asPage: boolean): Page {
    return asPage ? stoppedPage(text, newNonce()) : stoppedProblem(text);
  }
}

function copyOf(claim: GatewayClaim): GatewayClaim {
  if (claim.by !== "assertion") return claim;
  return {
    by: "assertion",
    token: claim.token.reveal((bytes) => new Secret(new Uint8Array(bytes))),
  };
}

const OVER: StoppedText = {
  status: 403,
  title: "This session is over",
  reason: "",
  trigger: "",
  type: "session-over",
};

const STATUS: Readonly<Partial<Record<Fault["code"], number>>> = {
  CHP_WEB_TOO_LARGE: 431,
  CHP_WEB_NOT_AUTHENTICATED: 401,
  CHP_WEB_NO_ROUTE: 404,
  CHP_WEB_LOOP: 508,
  CHP_WEB_FOREIGN: 403,
  CHP_RUNTIME_SESSION_LIMIT: 429,
  CHP_RUNTIME_PERSON_LOCKED: 403,
  CHP_RUNTIME_PROHIBITED_TIME: 403,
  CHP_RUNTIME_NO_DESTINATION: 403,
  CHP_RUNTIME_UNANSWERED: 503,
};
const TITLE: Readonly<Partial<Record<Fault["code"], string>>> = {
  CHP_WEB_NOT_AUTHENTICATED: "Come through the gateway",
  CHP_WEB_NO_ROUTE: "There is no such application here",
};
