import { ok } from "../../kernel/index.js";
import { defineRoute, reply, type Route } from "../route.js";
import { recordingParams } from "../schema/recordings.js";
import { sessionParams } from "../schema/sessions.js";
import { issuedViewing, viewingBody } from "../schema/viewings.js";

const DESCRIPTION =
  "Whoever opens it first sees it, in that browser only, as the operator who asked for it. It needs `listen.pages`, and does not survive a restart.";
const answer = { type: "json", status: 201, schema: issuedViewing } as const;

export const VIEWING_ROUTES: readonly Route[] = [
  defineRoute({
    operation: "viewRecording",
    method: "POST",
    path: "/v1/recordings/:id/views",
    needs: "operator",
    summary: "A link to a page that plays the recording of a desktop",
    description: DESCRIPTION,
    params: recordingParams,
    body: viewingBody,
    answer,
    about: ({ params }) => ({ subject: params.id }),
    async handle({ params: { id }, body, caller }, { viewings }) {
      const issued = await viewings.issue({ what: "recording", id, ...body, by: caller });
      return issued.ok ? ok(reply(issued.value)) : issued;
    },
  }),
  defineRoute({
    operation: "viewSession",
    method: "POST",
    path: "/v1/sessions/:id/views",
    needs: "operator",
    summary: "A link to a page that shows a desktop as it is, and as it goes on",
    description: DESCRIPTION,
    params: sessionParams,
    body: viewingBody,
    answer,
    about: ({ params }) => ({ session: params.id }),
    async handle({ params: { id }, body, caller }, { viewings }) {
      const issued = await viewings.issue({ what: "session", id, ...body, by: caller });
      return issued.ok ? ok(reply(issued.value)) : issued;
    },
  }),
];
