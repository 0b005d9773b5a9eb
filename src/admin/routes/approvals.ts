import { ok } from "../../kernel/index.js";
import { defineRoute, reply, type Route } from "../route.js";
import { approvalList, approvalParams, decisionBody, decisionTaken } from "../schema/approvals.js";

export const APPROVAL_ROUTES: readonly Route[] = [
  defineRoute({
    operation: "listApprovals",
    method: "GET",
    path: "/v1/approvals",
    needs: "viewer",
    summary: "What waits for a second pair of eyes",
    answer: { type: "json", status: 200, schema: approvalList },
    handle: (_call, { approvals }) => ok(reply({ approvals: approvals.list() })),
  }),
  defineRoute({
    operation: "decideApproval",
    method: "POST",
    path: "/v1/approvals/:id",
    needs: "operator",
    summary: "Approves or denies; the first decision counts",
    description:
      "Nobody decides about their own request: the caller's name must not be the person's.",
    params: approvalParams,
    body: decisionBody,
    answer: { type: "json", status: 200, schema: decisionTaken },
    about: ({ params, body }) => ({
      subject: `${body.decision} ${params.id}`,
      ...(body.reason === undefined ? {} : { reason: body.reason }),
    }),
    async handle({ params, body, caller }, { approvals }) {
      const { decision, reason } = body;
      const done = await approvals.decide({
        id: params.id,
        decision,
        by: caller,
        ...(reason === undefined ? {} : { reason }),
      });
      return done.ok ? ok(reply(done.value)) : done;
    },
  }),
];
