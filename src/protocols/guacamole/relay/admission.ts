import { err, fault, type Fault, type Result, type SessionId } from "../../../kernel/index.js";
import type { DesktopProtocol, SessionFacts } from "../../../model/index.js";
import type { GuacamolePorts } from "../ports.js";

/** Somebody at the door, before it is known who they are. */
export interface Visitor {
  readonly session: SessionId;
  readonly origin: string;
  /** Browsers come from anywhere, and through proxies: only at guacd's port does an address say something. */
  readonly by: "guacd" | "tunnel";
  /** Null: whatever the target's is. */
  readonly protocol: DesktopProtocol | null;
  gone(): boolean;
}

/** A token that opens nothing: so that a try without one is told like one with a bad one. */
const NO_TOKEN = "chp-";
/** Who comes to the guacd listener without a token: opens nothing but to addresses that need none. */
export const PEER_NAME = "chp-peer";
const TOKEN = /^chp-[A-Za-z0-9_-]{1,4000}$/;

/**
 * Who it is and whether they may come in; everything about it is told by the registry. For who has gone
 * meanwhile no session is opened.
 */
export async function admit(
  authority: GuacamolePorts["authority"],
  visitor: Visitor,
  token: string,
): Promise<Result<SessionFacts, Fault>> {
  const login = {
    ...visitorLogin(visitor),
    clientVersion: visitor.by === "guacd" ? "guacd client" : "guacamole tunnel",
    userName: nameOf(token, visitor),
  };
  const proof = { method: "none" } as const;
  const outcome = await authority.authenticate({ ...login, proof }).catch(() => null);
  if (visitor.gone()) return err(fault("CHP_GUACAMOLE_HANDSHAKE", "the person is gone"));
  if (outcome?.type !== "accepted") {
    return err(fault("CHP_GUACAMOLE_TICKET", "the connection shows no token that is good"));
  }
  const opened = await authority.openSession({ ...login, person: outcome.person });
  if (!opened.ok) return opened;
  const { facts } = opened.value;
  if (visitor.protocol !== null && facts.protocol !== visitor.protocol) {
    const why = `${facts.target.name} is a target for ${facts.protocol}, not ${visitor.protocol}`;
    return err(fault("CHP_GUACAMOLE_HANDSHAKE", why));
  }
  return { ok: true, value: facts };
}

/** Somebody who does not keep to the protocol, or wants to join: told like a bad token. */
export async function tellStranger(
  authority: GuacamolePorts["authority"],
  visitor: Visitor,
): Promise<void> {
  const login = { ...visitorLogin(visitor), clientVersion: "", userName: NO_TOKEN };
  await authority.authenticate({ ...login, proof: { method: "none" } }).catch(() => undefined);
}

function visitorLogin({ session, origin, protocol }: Visitor) {
  return { session, origin, passed: [], protocol: protocol ?? "rdp" } as const;
}

function nameOf(token: string, { by }: Visitor): string {
  const good = TOKEN.test(token) && token !== PEER_NAME;
  if (good) return token;
  return by === "guacd" && token === "" ? PEER_NAME : NO_TOKEN;
}
