import { ok } from "../../kernel/index.js";
import { defineRoute, reply, type Route } from "../route.js";
import {
  endedSession,
  inspectBody,
  openedSession,
  openSessionBody,
  unitVerdict,
} from "../schema/inspections.js";
import { sessionParams } from "../schema/sessions.js";

/** A command has 16 KiB; escaped it may have several times that. */
const INSPECT_BYTES_MAX = 128 * 1024;

export const INSPECTION_ROUTES: readonly Route[] = [
  defineRoute({
    operation: "openSession",
    method: "POST",
    path: "/v1/sessions",
    needs: "admin",
    summary: "A session whose connections the gateway ends itself",
    description:
      "The same rules, questions, events and recordings as for a session that passes through. `inspect` judges one command or forward; a WebSocket on `stream` (subprotocol `chaperone.v1`, frames in docs/guide/inspection.md) judges terminals as they are typed. Whoever opens it answers for who the person is.",
    body: openSessionBody,
    answer: { type: "json", status: 201, schema: openedSession },
    about: ({ body }) => ({ person: body.person, target: body.target }),
    async handle({ body, caller }, { inspections }) {
      const opened = await inspections.open({ ...body, by: caller });
      return opened.ok ? ok(reply(opened.value)) : opened;
    },
  }),
  defineRoute({
    operation: "inspect",
    method: "POST",
    path: "/v1/sessions/:id/inspect",
    needs: "admin",
    summary: "The verdict on one command or forward of such a session",
    description: "Answers by the deadline of the session at the latest, with `hold` if need be.",
    params: sessionParams,
    body: inspectBody,
    bodyBytesMax: INSPECT_BYTES_MAX,
    answer: { type: "json", status: 200, schema: unitVerdict },
    about: ({ params, body }) => ({ session: params.id, subject: `${body.kind} ${body.seq}` }),
    async handle({ params, body, caller }, { inspections }) {
      const judged = await inspections.inspect({ session: params.id, unit: body, by: caller });
      return judged.ok ? ok(reply(judged.value)) : judged;
    },
  }),
  defineRoute({
    operation: "closeSession",
    method: "POST",
    path: "/v1/sessions/:id/end",
    needs: "admin",
    summary: "Such a session is over",
    params: sessionParams,
    answer: { type: "json", status: 200, schema: endedSession },
    about: ({ params }) => ({ session: params.id }),
    handle({ params: { id }, caller }, { inspections }) {
      const ended = inspections.end(id, caller);
      return ended.ok ? ok(reply({ session: id, outcome: "done" })) : ended;
    },
  }),
];
