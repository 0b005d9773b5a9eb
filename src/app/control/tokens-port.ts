import type { SessionTokensPort } from "../../admin/index.js";
import type { SessionTokens, TokenGrant } from "../../identity/index.js";
import { err, fault, ok } from "../../kernel/index.js";
import type { Config } from "../config/index.js";

export interface TokensDeps {
  readonly sessionTokens: SessionTokens;
  readonly config: Pick<Config, "targets">;
  /** Where the token is used. */
  readonly ssh: { readonly address: string; readonly port: number };
}

const MS_PER_SECOND = 1_000;

/** Session tokens for the control API. Whether the person may go there is decided when it is used. */
export function createTokensPort({ sessionTokens, config, ssh }: TokensDeps): SessionTokensPort {
  const targets = new Set(config.targets.map((target) => target.name));
  return {
    issue({ ttlSeconds, by, person, target, account, groups, labels, context, origin }) {
      if (!targets.has(target)) {
        return err(fault("CHP_ADMIN_NOT_FOUND", "there is no such target"));
      }
      const issued = sessionTokens.issue({
        person,
        target,
        groups,
        labels,
        context,
        ttlMs: ttlSeconds * MS_PER_SECOND,
        issuedBy: by.name,
        ...(account === undefined ? {} : { account }),
        ...(origin === undefined ? {} : { origin }),
      });
      if (!issued.ok) return issued;
      const { token, grant } = issued.value;
      return ok({
        ...viewOf(grant),
        token,
        ssh: { host: ssh.address, port: ssh.port, user: token },
      });
    },
    list: () => sessionTokens.list().map((one) => ({ ...viewOf(one), issuedBy: one.issuedBy })),
    revoke: (id) =>
      sessionTokens.revoke(id)
        ? ok(null)
        : err(fault("CHP_ADMIN_NOT_FOUND", "there is no such token, or it is used")),
  };
}

function viewOf({ id, person, target, account, expiresMs }: TokenGrant) {
  return {
    id,
    person,
    target,
    expiresAt: new Date(expiresMs).toISOString(),
    ...(account === undefined ? {} : { account }),
  };
}
