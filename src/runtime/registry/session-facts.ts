import type { PersonFacts, ProofOwed, SessionFacts } from "../../model/index.js";
import { TOKEN_FACTOR } from "./login-desk.js";
import type { ChosenDestination, LoginFacts, SpentToken } from "./ports.js";

/** A token lays what its gateway said over what the configuration says of the target. */
export function sessionFacts(
  login: LoginFacts,
  person: PersonFacts,
  way: {
    readonly chosen: ChosenDestination;
    readonly token: SpentToken | undefined;
    readonly owed: ProofOwed | undefined;
  },
): SessionFacts {
  const { chosen, token, owed } = way;
  const { target, account } = chosen;
  const labels = { ...target.labels, ...token?.labels };
  const context = { ...chosen.context, ...token?.context };
  const { ticket } = context;
  return {
    id: login.session,
    protocol: target.protocol ?? "ssh",
    person,
    account,
    target: { ...target, labels },
    origin: login.origin,
    clientVersion: login.clientVersion,
    authMethods: token === undefined ? login.passed : [token.factor ?? TOKEN_FACTOR],
    ...(Object.keys(context).length === 0 ? {} : { context }),
    ...(ticket === undefined ? {} : { ticket }),
    ...(owed === undefined ? {} : { proofOwed: owed }),
  };
}
