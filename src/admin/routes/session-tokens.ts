import { ok } from "../../kernel/index.js";
import { defineRoute, reply, type Route } from "../route.js";
import {
  issuedToken,
  openTokens,
  revoked,
  tokenBody,
  tokenParams,
} from "../schema/session-tokens.js";

export const SESSION_TOKEN_ROUTES: readonly Route[] = [
  defineRoute({
    operation: "issueSessionToken",
    method: "POST",
    path: "/v1/session-tokens",
    needs: "admin",
    summary: "A one-time user name that opens one session",
    description:
      "For gateways that have authenticated the person themselves: whoever has the token is the person, once, on this target, until it expires. It does not survive a restart.",
    body: tokenBody,
    answer: { type: "json", status: 201, schema: issuedToken },
    about: ({ body }) => ({ person: body.person, target: body.target }),
    handle({ body, caller }, { sessionTokens }) {
      const issued = sessionTokens.issue({ ...body, by: caller });
      return issued.ok ? ok(reply(issued.value)) : issued;
    },
  }),
  defineRoute({
    operation: "listSessionTokens",
    method: "GET",
    path: "/v1/session-tokens",
    needs: "admin",
    summary: "Tokens that nobody has used yet, without the tokens",
    answer: { type: "json", status: 200, schema: openTokens },
    handle: (_call, { sessionTokens }) => ok(reply({ tokens: sessionTokens.list() })),
  }),
  defineRoute({
    operation: "revokeSessionToken",
    method: "DELETE",
    path: "/v1/session-tokens/:id",
    needs: "admin",
    summary: "Makes a token useless",
    params: tokenParams,
    answer: { type: "json", status: 200, schema: revoked },
    about: ({ params }) => ({ subject: params.id }),
    handle({ params }, { sessionTokens }) {
      const done = sessionTokens.revoke(params.id);
      return done.ok ? ok(reply({ id: params.id, outcome: "revoked" })) : done;
    },
  }),
];
