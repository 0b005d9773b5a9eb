import { createSealedTokens, type SessionTokens, type TokenGrant } from "../../identity/index.js";
import { invariant, ok, type Fault, type Result } from "../../kernel/index.js";
import { parseAddressList } from "../../net/index.js";
import { PEER_NAME } from "../../protocols/guacamole/index.js";
import { resolveSecret, type Config, type DesktopPeer, type Environment } from "../config/index.js";

type Spend = SessionTokens["spend"];

/**
 * Every one-time token that opens a session: those that the sidecar has issued, those that a gateway has
 * sealed with the key of the tunnel, and the name under which peers of `listen.guacd` come that need
 * none. Of the last, the registry lets nobody in but through that listener: its targets are desktops.
 */
export function openTokens(
  config: Config,
  env: Environment,
  issued: SessionTokens,
): Result<Spend, Fault> {
  const peers = config.listen.guacd?.peers ?? [];
  const first: Spend =
    peers.length === 0 ? issued.spend : firstOf([issued.spend, spendByPeers(peers)]);
  const { guacamole } = config.listen;
  if (guacamole === undefined) return ok(first);
  const key = resolveSecret(guacamole.tokenKey, env);
  if (!key.ok) return key;
  const sealed = createSealedTokens(key.value, Date.now);
  key.value.wipe();
  return sealed.ok ? ok(firstOf([first, sealed.value.spend])) : sealed;
}

function firstOf(desks: readonly Spend[]): Spend {
  return (token, origin) => {
    for (const spend of desks) {
      const grant = spend(token, origin);
      if (grant !== null) return grant;
    }
    return null;
  };
}

function spendByPeers(peers: readonly DesktopPeer[]): Spend {
  const known = peers.map(({ from, person, target, account }) => {
    const addresses = parseAddressList(from);
    invariant(addresses.ok, "the schema lets only addresses through");
    const grant: TokenGrant = {
      id: "peer",
      person,
      target,
      groups: [],
      labels: {},
      context: {},
      issuedBy: "listen.guacd.peers",
      expiresMs: Number.POSITIVE_INFINITY,
      ...(account === undefined ? {} : { account }),
    };
    return { addresses: addresses.value, grant };
  });
  return (token, origin) =>
    token === PEER_NAME
      ? (known.find(({ addresses }) => addresses.includes(origin))?.grant ?? null)
      : null;
}
