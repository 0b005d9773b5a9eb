import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import {
  createSealedTokens,
  ensurePrivateFolder,
  readOrMakePrivateFile,
  type SessionTokens,
  type TokenGrant,
} from "../../identity/index.js";
import { invariant, ok, type Fault, type Result } from "../../kernel/index.js";
import { parseAddressList } from "../../net/index.js";
import { PEER_NAME } from "../../protocols/guacamole/index.js";
import {
  isMadeAtStart,
  resolveSecret,
  type Config,
  type DesktopPeer,
  type Environment,
  type SecretRef,
} from "../config/index.js";

type Spend = SessionTokens["spend"];

/** More than the 32 that a tunnel key needs, for it is text. */
const TUNNEL_KEY_BYTES = 36;

/**
 * Every one-time token that opens a session: those that the sidecar has issued, those that a gateway has
 * sealed with the key of the tunnel, and the name under which peers of `listen.guacd` come that need
 * none. Of the last, the registry lets nobody in but through that listener: its targets are desktops.
 */
export async function openTokens(
  config: Config,
  env: Environment,
  issued: SessionTokens,
): Promise<Result<Spend, Fault>> {
  const peers = config.listen.guacd?.peers ?? [];
  const first: Spend =
    peers.length === 0 ? issued.spend : firstOf([issued.spend, spendByPeers(peers)]);
  const { guacamole } = config.listen;
  if (guacamole === undefined) return ok(first);
  const made = await ensureTunnelKey(guacamole.tokenKey, config.stateDir);
  if (!made.ok) return made;
  const key = resolveSecret(guacamole.tokenKey, env);
  if (!key.ok) return key;
  const sealed = createSealedTokens(key.value, Date.now);
  key.value.wipe();
  return sealed.ok ? ok(firstOf([first, sealed.value.spend])) : sealed;
}

/** As the tokens of `listen.admin`: a file of the state is made where it is missing, and only there. */
async function ensureTunnelKey(ref: SecretRef, stateDir: string): Promise<Result<null, Fault>> {
  if (ref.type !== "file" || !isMadeAtStart(ref, stateDir)) return ok(null);
  const folder = await ensurePrivateFolder(dirname(ref.path));
  if (!folder.ok) return folder;
  const key = await readOrMakePrivateFile(ref.path, () =>
    Buffer.from(`${randomBytes(TUNNEL_KEY_BYTES).toString("base64url")}\n`),
  );
  if (!key.ok) return key;
  key.value.fill(0);
  return ok(null);
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
