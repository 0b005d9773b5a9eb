import { err, ok } from "../../kernel/index.js";
import { defineRoute, notFound, reply, type Outcome, type Route } from "../route.js";
import type { AdminPorts, SessionOrder } from "../ports.js";
import {
  killQuery,
  liveQuery,
  messageBody,
  orderBody,
  orderTaken,
  sessionList,
  sessionParams,
  sessionQuery,
  sessionView,
} from "../schema/sessions.js";

const taken = { type: "json", status: 202, schema: orderTaken } as const;

function ordered(verb: "kill" | "suspend" | "resume" | "reauth", summary: string): Route {
  return defineRoute({
    operation: `${verb}Session`,
    method: "POST",
    path: `/v1/sessions/:id/${verb}`,
    needs: "operator",
    summary,
    params: sessionParams,
    body: orderBody,
    answer: taken,
    about: ({ params, body }) => ({ session: params.id, reason: body.reason }),
    handle: ({ params, body, caller }, ports) =>
      give(ports, { do: verb, session: params.id, reason: body.reason, by: caller }),
  });
}

async function give(ports: AdminPorts, order: SessionOrder): Promise<Outcome> {
  if (ports.sessions.get(order.session) === undefined) return err(notFound("such session"));
  const done = await ports.sessions.order(order);
  return done.ok ? ok(reply(done.value)) : done;
}

export const SESSION_ROUTES: readonly Route[] = [
  defineRoute({
    operation: "listSessions",
    method: "GET",
    path: "/v1/sessions",
    needs: "viewer",
    summary: "Live sessions",
    query: sessionQuery,
    answer: { type: "json", status: 200, schema: sessionList },
    handle({ query }, { sessions }) {
      const all = sessions
        .list()
        .filter((one) => query.person === undefined || one.person === query.person)
        .filter((one) => query.target === undefined || one.target === query.target)
        .filter((one) => query.state === undefined || one.state === query.state);
      const page = all.slice(query.offset, query.offset + query.limit);
      return ok(reply({ sessions: page, total: all.length }));
    },
  }),
  defineRoute({
    operation: "getSession",
    method: "GET",
    path: "/v1/sessions/:id",
    needs: "viewer",
    summary: "One live session",
    params: sessionParams,
    answer: { type: "json", status: 200, schema: sessionView },
    about: ({ params }) => ({ session: params.id }),
    handle({ params }, { sessions }) {
      const session = sessions.get(params.id);
      return session === undefined ? err(notFound("such session")) : ok(reply(session));
    },
  }),
  defineRoute({
    operation: "watchSession",
    method: "GET",
    path: "/v1/sessions/:id/live",
    needs: "operator",
    summary: "A terminal of the session as it is, and as it goes on",
    description:
      "Server-sent events: first `screen`, which draws what is shown now, then `output`, `resize` and at last `ended`; data is JSON. A viewer that does not keep up gets `lagging` and is cut off: connect again and begin with the screen.",
    params: sessionParams,
    query: liveQuery,
    answer: { type: "live", describe: "text/event-stream" },
    about: ({ params }) => ({ session: params.id }),
    handle({ params, query, caller }, { sessions }) {
      if (sessions.get(params.id) === undefined) return err(notFound("such session"));
      const request = {
        session: params.id,
        by: caller,
        ...(query.channel === undefined ? {} : { channel: query.channel }),
      };
      return ok({ type: "live", start: (send) => sessions.watch(request, send) });
    },
  }),
  ordered("kill", "Ends the session"),
  ordered("suspend", "Holds everything that the person sends until it is resumed"),
  ordered("resume", "Lets a suspended session go on"),
  ordered("reauth", "Asks the person to prove again who they are; the session waits meanwhile"),
  defineRoute({
    operation: "messageSession",
    method: "POST",
    path: "/v1/sessions/:id/message",
    needs: "operator",
    summary: "Shows the person a message, on terminals only",
    params: sessionParams,
    body: messageBody,
    answer: taken,
    about: ({ params }) => ({ session: params.id }),
    handle: ({ params, body, caller }, ports) =>
      give(ports, { do: "message", session: params.id, text: body.text, by: caller }),
  }),
  defineRoute({
    operation: "endSession",
    method: "DELETE",
    path: "/v1/sessions/:id",
    needs: "operator",
    summary: "The same as kill",
    params: sessionParams,
    query: killQuery,
    answer: taken,
    about: ({ params, query }) => ({ session: params.id, reason: query.reason }),
    handle: ({ params, query, caller }, ports) =>
      give(ports, { do: "kill", session: params.id, reason: query.reason, by: caller }),
  }),
];
