import { fault, type Fault } from "../../kernel/index.js";
import { createFailedCalls } from "../access/failed-calls.js";
import { isOwnHost, type CallPlace } from "../access/own-host.js";
import type { TokenDesk, TokenHolder } from "../access/token-desk.js";
import type { Caller } from "../ports.js";

/** What a request shows before its body is read. */
export interface Shown extends CallPlace {
  readonly authorization: string | undefined;
  /** The name in a client certificate that the listener's authority has signed. */
  readonly certificateName: string | undefined;
  /** Address of the peer. */
  readonly peer: string;
}

export type Admitted = { readonly type: "caller"; readonly caller: Caller } | Refused;

export interface Refused {
  readonly type: "refused";
  readonly fault: Fault;
  readonly waitMs: number;
  /** False for most of a flood. */
  readonly tell: boolean;
}

export interface GateOptions {
  readonly tokens: TokenDesk;
  /** Certificates by name; only looked at when the listener asks for them. */
  readonly clients: ReadonlyMap<string, Pick<TokenHolder, "role" | "groups">>;
  readonly hosts: readonly string[];
  readonly wallMs: () => number;
}

/** Who calls, or why nobody does. Looks at nothing but the head of the request. */
export function createGate(options: GateOptions): {
  admit(shown: Shown): Admitted;
  isOwn(place: CallPlace): boolean;
  /** Counts a call that is refused before it could prove anybody. */
  foreign(shown: Shown): Pick<Refused, "tell">;
} {
  const failed = createFailedCalls();

  function holderOf(shown: Shown): (TokenHolder & Pick<Caller, "means">) | null {
    const token = /^Bearer +(?<token>\S+) *$/i.exec(shown.authorization ?? "")?.groups?.["token"];
    if (token !== undefined) {
      const holder = options.tokens.find(token);
      return holder === null ? null : { ...holder, means: "token" };
    }
    if (shown.authorization !== undefined || shown.certificateName === undefined) return null;
    const rights = options.clients.get(shown.certificateName);
    if (rights === undefined) return null;
    return { ...rights, name: shown.certificateName, means: "certificate" };
  }

  return {
    isOwn: (place) => isOwnHost(place, options.hosts),
    foreign: (shown) => ({ tell: failed.failed(shown.peer, options.wallMs()).worthTelling }),
    admit(shown) {
      const holder = holderOf(shown);
      // A right token is never kept waiting: it can not be guessed, and whoever shares an address with
      // somebody who tries could otherwise be kept from ending a session.
      if (holder !== null) {
        return { type: "caller", caller: { ...holder, origin: shown.peer } };
      }
      const { waitMs, worthTelling } = failed.failed(shown.peer, options.wallMs());
      return {
        type: "refused",
        waitMs,
        tell: worthTelling,
        fault:
          waitMs > 0
            ? fault("CHP_ADMIN_RATE_LIMIT", "too many calls from your address proved nobody")
            : fault("CHP_ADMIN_UNAUTHORIZED", "no token or certificate that is known here"),
      };
    },
  };
}
