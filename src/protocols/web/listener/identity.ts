import { randomUUID } from "node:crypto";
import {
  encodeUtf8,
  err,
  fault,
  ok,
  Secret,
  sessionId,
  type Fault,
  type Result,
} from "../../../kernel/index.js";
import type { SessionFacts } from "../../../model/index.js";
import type { AddressList } from "../../../net/index.js";
import { headerOf } from "../head/header-fields.js";
import type { HeaderField, RequestHead } from "../head/request-head.js";
import type { GatewayClaim, WebAuthority, WebLoginFacts } from "../ports.js";
import { digestOf } from "./sessions.js";

/** How a gateway tells who the person is; nothing of it is secret. */
export interface IdentityOptions {
  /** Header that carries a signed assertion. */
  readonly assertionHeader: string | null;
  /** Header that carries a name, believed of these peers alone. */
  readonly personHeader: { readonly name: string; readonly from: AddressList } | null;
  /** The common name of the client certificate is the person. */
  readonly certificate: boolean;
}

/** What a request proves, before it is checked. */
export interface Shown {
  readonly head: RequestHead;
  /** Address of the peer: a gateway, or the person. */
  readonly peer: string;
  /** Of a client certificate that was verified. */
  readonly commonName: string | null;
  /** A one-time token. */
  readonly token: string | null;
}

export interface Claimed {
  readonly claim: GatewayClaim | { readonly by: "token"; readonly token: string };
  /** The same for every request by which the gateway says the same; null: each opens a session of its own. */
  readonly key: string | null;
}

/** Null: the request proves nothing. */
export function claimOf(shown: Shown, options: IdentityOptions): Claimed | null {
  const said = saidBy(shown, options);
  if (said === null) return null;
  const { by, text } = said;
  if (by === "token") return { claim: { by, token: text }, key: null };
  if (by === "assertion") {
    return { claim: { by, token: new Secret(encodeUtf8(text)) }, key: keyOf(said) };
  }
  return { claim: { by, person: text }, key: keyOf(said) };
}

/** The key of what `claimOf` would answer, without a copy of a secret. */
export function claimKeyOf(shown: Shown, options: IdentityOptions): string | null {
  const said = saidBy(shown, options);
  return said === null || said.by === "token" ? null : keyOf(said);
}

interface Said {
  readonly by: GatewayClaim["by"] | "token";
  readonly text: string;
}

function keyOf({ by, text }: Said): string {
  return `${by} ${by === "assertion" ? digestOf(text) : text}`;
}

function saidBy(shown: Shown, options: IdentityOptions): Said | null {
  const { head, token, peer, commonName } = shown;
  if (token !== null) return { by: "token", text: token };
  const { assertionHeader, personHeader } = options;
  if (assertionHeader !== null) {
    const assertion = onlyOf(head.headers, assertionHeader)?.replace(/^Bearer\s+/i, "");
    if (assertion !== undefined && assertion !== "") return { by: "assertion", text: assertion };
  }
  if (personHeader?.from.includes(peer) === true) {
    const person = onlyOf(head.headers, personHeader.name);
    if (person !== undefined && NAME.test(person)) return { by: "header", text: person };
  }
  const certified = options.certificate && commonName !== null && NAME.test(commonName);
  return certified ? { by: "certificate", text: commonName } : null;
}

/** Of two one may be the person's own, which the gateway has left: neither says who it is. */
function onlyOf(headers: readonly HeaderField[], wanted: string): string | undefined {
  let only: string | undefined;
  for (const [name, value] of headers) {
    if (name !== wanted) continue;
    if (only !== undefined) return undefined;
    only = value;
  }
  return only;
}

/** Peers that were looked up: a gateway asks a thousand times a second. Forgotten all at once. */
const PEERS_MAX = 1_024;

/** The same list, which remembers its answers. */
export function remembering(list: AddressList): AddressList {
  const known = new Map<string, boolean>();
  return {
    includes(address) {
      const before = known.get(address);
      if (before !== undefined) return before;
      if (known.size >= PEERS_MAX) known.clear();
      const answer = list.includes(address);
      known.set(address, answer);
      return answer;
    },
  };
}

const NAME = /^[^\s/]{1,128}$/;

/** Fields by which identity comes: whoever could send them to a target would be somebody else there. */
export function identityFields(options: IdentityOptions): ReadonlySet<string> {
  return new Set(
    [options.assertionHeader, options.personHeader?.name, TOKEN_HEADER].flatMap((name) =>
      name === null || name === undefined ? [] : [name.toLowerCase()],
    ),
  );
}

/** A gateway that can not put the token into an address says it here. */
export const TOKEN_HEADER = "chaperone-token";
const CLIENT_CHARS_MAX = 200;

/** Asks the registry; the events of the log-in are told there. */
export async function enter(
  authority: WebAuthority,
  shown: Shown,
  {
    claimed,
    target,
    origin,
  }: { readonly claimed: Claimed; readonly target: string; readonly origin: string },
): Promise<Result<SessionFacts, Fault>> {
  const { claim } = claimed;
  const login: WebLoginFacts = {
    ...loginFacts(shown.head, origin),
    userName: claim.by === "token" ? claim.token : "",
  };
  const outcome = await authority.authenticate({
    ...login,
    proof: claim.by === "token" ? { method: "none" } : { method: "gateway", target, claim },
  });
  if (outcome.type !== "accepted") {
    const why = outcome.type === "refused" ? outcome.disconnect : undefined;
    return err(fault("CHP_WEB_NOT_AUTHENTICATED", why ?? "what the gateway says proves nobody"));
  }
  const opened = await authority.openSession({ ...login, person: outcome.person });
  if (!opened.ok) return opened;
  const { facts } = opened.value;
  return facts.target.name === target
    ? ok(facts)
    : err(fault("CHP_WEB_NOT_AUTHENTICATED", "the token is for another application"));
}

export function loginFacts(head: RequestHead | null, origin: string): WebLoginFacts {
  const client = head === null ? undefined : headerOf(head.headers, "user-agent");
  return {
    session: sessionId(randomUUID()),
    origin,
    clientVersion: (client ?? "unknown").replace(/[^\x20-\x7e]/g, "?").slice(0, CLIENT_CHARS_MAX),
    userName: "",
    passed: [],
    protocol: "web",
  };
}
