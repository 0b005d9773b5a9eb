import { err, ok } from "../../kernel/index.js";
import { defineRoute, notFound, reply, type Outcome, type Route } from "../route.js";
import type { AdminPorts, ControlOrder, SessionOrder } from "../ports.js";
import {
  controlTaken,
  keysBody,
  killQuery,
  manyBody,
  manyTaken,
  messageBody,
  observerParams,
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

/** A list of ten thousand ids. */
const MANY_BYTES_MAX = 1024 * 1024;

function orderedMany(verb: "kill" | "suspend" | "resume" | "reauth", summary: string): Route {
  return defineRoute({
    operation: `${verb}Sessions`,
    method: "POST",
    path: `/v1/sessions/${verb}`,
    needs: "operator",
    summary,
    description: "By id, person or target; what is given has to hold together.",
    body: manyBody,
    bodyBytesMax: MANY_BYTES_MAX,
    answer: { type: "json", status: 202, schema: manyTaken },
    about({ body }) {
      const { person, target, sessions, reason } = body;
      return {
        reason,
        subject: sessions === undefined ? "sessions" : `${sessions.length} sessions by id`,
        ...(person === undefined ? {} : { person }),
        ...(target === undefined ? {} : { target }),
      };
    },
    async handle({ body: { reason, ...which }, caller }, { sessions }) {
      return ok(reply(await sessions.orderMany({ do: verb, which, reason, by: caller })));
    },
  });
}

async function give(ports: AdminPorts, order: SessionOrder): Promise<Outcome> {
  const done = await ports.sessions.order(order);
  return done.ok ? ok(reply(done.value)) : done;
}

function controlled(verb: "take" | "give-back", operation: string, summary: string): Route {
  return defineRoute({
    operation,
    method: "POST",
    path: `/v1/sessions/:id/observers/:observer/${verb}`,
    needs: "operator",
    summary,
    description:
      "For who watches the session (`watchSession` names the observer in its first event), until the watch ends.",
    params: observerParams,
    answer: { type: "json", status: 202, schema: controlTaken },
    about: ({ params }) => ({ session: params.id, subject: params.observer }),
    handle: ({ params: { id, observer }, caller }, ports) =>
      control(ports, { do: verb, session: id, observer, by: caller }),
  });
}

async function control(ports: AdminPorts, order: ControlOrder): Promise<Outcome> {
  const done = await ports.sessions.control(order);
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
    async handle({ query }, { sessions }) {
      const all = (await sessions.list())
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
    async handle({ params }, { sessions }) {
      const session = await sessions.get(params.id);
      return session === undefined ? err(notFound("such session")) : ok(reply(session));
    },
  }),
  defineRoute({
    operation: "watchSession",
    method: "GET",
    path: "/v1/sessions/:id/live",
    needs: "operator",
    summary: "The terminals of the session as they are, and as they go on",
    description:
      "Server-sent events: first `observer` with an id, then a `screen` for each terminal, which draws what it shows now, then `output`, `resize`, `closed` (of a desktop only `drawn`: instructions of Guacamole's protocol, from an empty screen on) and at last `end` with the reason; data is JSON. Whoever does not keep up gets `end` with `too-slow`: connect again and begin with the screens.",
    params: sessionParams,
    answer: { type: "live", describe: "frames" },
    about: ({ params }) => ({ session: params.id }),
    async handle({ params, caller }, { sessions }) {
      const watched = await sessions.watch({ session: params.id, by: caller });
      return watched.ok ? ok({ type: "live", watch: watched.value }) : watched;
    },
  }),
  controlled("take", "takeKeyboard", "Takes the keyboard of the session: the person's keys wait"),
  controlled("give-back", "giveBackKeyboard", "Gives the keyboard back to the person"),
  defineRoute({
    operation: "typeKeys",
    method: "POST",
    path: "/v1/sessions/:id/observers/:observer/keys",
    needs: "operator",
    summary: "Types as who has the keyboard; judged like the person's own keys",
    description:
      "What is typed is in no event of the API. Without the keyboard, nothing is typed. No question to the person is answered by it.",
    params: observerParams,
    body: keysBody,
    answer: { type: "json", status: 202, schema: controlTaken },
    about: ({ params }) => ({ session: params.id, subject: params.observer }),
    handle: ({ params: { id, observer }, body, caller }, ports) =>
      control(ports, { do: "type", session: id, observer, by: caller, ...body }),
  }),
  ordered("kill", "Ends the session"),
  ordered("suspend", "Holds everything that the person sends until it is resumed"),
  ordered("resume", "Lets a suspended session go on"),
  ordered("reauth", "Asks the person to prove again who they are; the session waits meanwhile"),
  orderedMany("kill", "Ends many sessions at once"),
  orderedMany("suspend", "Suspends many sessions at once"),
  orderedMany("resume", "Lets many suspended sessions go on"),
  orderedMany("reauth", "Asks the people of many sessions to prove again who they are"),
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
