import {
  describeError,
  fault,
  type Fault,
  type Result,
  type SessionId,
} from "../../../kernel/index.js";
import { readCookie } from "../head/cookies.js";
import { normalPath } from "../head/normal-path.js";
import { readRequestHead } from "../head/request-head.js";
import { OWN_FOLDER } from "../pages/pages.js";
import type { WebPorts, WebRoute } from "../ports.js";
import { decide } from "../session/decision.js";
import { pageScript } from "../script/page-script.js";
import { runExchange, type PageScript } from "../session/exchange.js";
import { navigates, type Incoming } from "../session/incoming.js";
import { serveOwnPage } from "../session/own-pages.js";
import { createRefusals, withMissed } from "../session/refusals.js";
import { redirect, sendPage, withCookie } from "../session/reply.js";
import type { WebSession } from "../session/web-session.js";
import { refuse, relayWebSocket } from "../websocket/relay.js";
import type { Arrival, UpgradeArrival } from "./arrival.js";
import { Entrance, type Entered, type EntranceOptions, type Routed } from "./entrance.js";
import { faultPage, overPage } from "./fault-page.js";
import { forwardedRequest, type ForwardAuthOptions } from "./forward-auth.js";
import { loginFacts, remembering } from "./identity.js";
import { cookieHeader, isSameOrigin, openedPath } from "./request-facts.js";
import { routeOf } from "./route.js";
import { SessionCookies } from "./session-cookies.js";

/** From a request to the session it belongs to, or to why it does not get in. */
export interface Doorway {
  request(arrival: Arrival): void;
  upgrade(arrival: UpgradeArrival): void;
  /** Tells what was refused before anybody could say who it is; bounded. */
  refused(origin: string, why: Fault): void;
  end(session: SessionId, reason: string): void;
  close(reason: string): Promise<void>;
}

export interface DoorwayOptions extends EntranceOptions {
  readonly routes: readonly WebRoute[];
  /** Null: nobody is answered whether something may pass. */
  readonly forwardAuth: ForwardAuthOptions | null;
}

export function createDoorway(ports: WebPorts, options: DoorwayOptions): Doorway {
  return new HouseDoorway(ports, options);
}

const NO_COOKIES: readonly string[] = [];

function isOwnPath({ head, route }: Routed): boolean {
  return head.path.startsWith(route.prefix === "" ? OWN_FOLDER : `${route.prefix}${OWN_FOLDER}`);
}

class HouseDoorway implements Doorway {
  readonly #ports: WebPorts;
  readonly #options: DoorwayOptions;
  readonly #refusals = createRefusals();
  readonly #cookies: SessionCookies;
  readonly #entrance: Entrance;

  constructor(ports: WebPorts, options: DoorwayOptions) {
    this.#ports = ports;
    const { personHeader } = options.identity;
    const from = personHeader === null ? null : remembering(personHeader.from);
    const known = from === null || personHeader === null ? null : { ...personHeader, from };
    this.#options = { ...options, identity: { ...options.identity, personHeader: known } };
    this.#cookies = new SessionCookies(options.secure);
    this.#entrance = new Entrance({
      ports,
      options: this.#options,
      cookies: this.#cookies,
      refused: (peer, why) => this.refused(peer, why),
    });
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
      const session = this.#entrance.known(routed);
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
    const found = await this.#entrance.find(routed);
    if (found.type === "refused") {
      sendPage(asked.reply, found.page, found.cookies);
      return;
    }
    const { session, cookies } = found;
    const incoming = this.#incoming(routed);
    if ("code" in incoming) {
      session.refused(incoming);
      sendPage(asked.reply, faultPage(incoming, routed.navigates), cookies);
    } else decide(session, { incoming, cookies }, asked.reply);
  }

  #failed({ reply }: Arrival, error: unknown): void {
    const why = describeError(error);
    this.#ports.log.warn("web-request-failed", { reason: why });
    reply.destroy();
  }

  upgrade(arrival: UpgradeArrival): void {
    const { socket } = arrival;
    socket.on("error", () => socket.destroy());
    this.#serveUpgrade(arrival).catch((error: unknown) => {
      const why = describeError(error);
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
    for (const session of this.#entrance.all) if (session.facts.id === id) session.end(reason);
  }

  async close(reason: string): Promise<void> {
    const all = [...this.#entrance.all];
    await Promise.all(all.map((session) => session.close(reason)));
  }

  #refuseWithPage(arrival: Arrival, why: Fault): void {
    this.#refuse(arrival, why);
    const page = faultPage(why, false);
    // What follows on the connection may be the rest of it, and no request.
    const headers = arrival.http2 ? page.headers : { ...page.headers, connection: "close" };
    sendPage(arrival.reply, { ...page, headers });
  }

  async #serve(arrival: Arrival, routed: Routed): Promise<void> {
    const { reply } = arrival;
    const found = await this.#entrance.find(routed);
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
      sendPage(reply, faultPage(incoming, routed.navigates), cookies);
      return;
    }
    const script = routed.route.script ? this.#script(routed) : null;
    const held = this.#takeHeld(routed, session);
    if (held !== null) {
      const { hold, clear } = held;
      hold.resume(withCookie(reply, clear), hold.verdict ?? { type: "busy" });
      return;
    }
    runExchange({ core: session, incoming, cookies, script }, reply);
  }

  #script({ head, route }: Routed): PageScript {
    const scheme = this.#options.secure ? "https" : "http";
    return pageScript({ origin: `${scheme}://${head.authority}`, prefix: route.prefix });
  }

  async #serveUpgrade(arrival: UpgradeArrival): Promise<void> {
    const { request, socket, behind } = arrival;
    const routed = this.#route(arrival);
    if (!("route" in routed)) {
      this.#refuse(arrival, routed);
      refuse(socket, faultPage(routed, false));
      return;
    }
    const found = await this.#entrance.find(routed);
    if (found.type === "refused") {
      refuse(socket, found.page);
      return;
    }
    const { session } = found;
    const upgrades = routed.head.headers.filter(([name]) => name === "upgrade");
    const wanted = upgrades.map(([, value]) => value.toLowerCase()).join();
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
      refuse(socket, faultPage(why, false));
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
    const { source, http2 } = arrival;
    return { head, path: path.value, source, http2, navigates: navigating };
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
      sendPage(reply, overPage("you have left it", true), [this.#cookies.expired(route)]);
      return;
    }
    await serveOwnPage(session, {
      head,
      source,
      reply,
      sameOrigin: isSameOrigin(head, this.#options.secure, false),
      resumeCookie: (hold) => this.#cookies.held(route, hold),
    });
  }

  #takeHeld(
    { head, route }: Routed,
    session: WebSession,
  ): {
    readonly hold: NonNullable<ReturnType<WebSession["holds"]["takeSettled"]>>;
    readonly clear: string;
  } | null {
    const id = readCookie(cookieHeader(head), this.#cookies.heldNameOf(route));
    if (id === undefined || head.method !== "GET") return null;
    const url = head.query === null ? head.path : `${head.path}?${head.query}`;
    const hold = session.holds.takeSettled(id, url);
    if (hold === undefined) return null;
    return { hold, clear: this.#cookies.heldExpired(route) };
  }
}
