import { err, ok } from "../../kernel/index.js";
import { defineRoute, notFound, reply, type Route } from "../route.js";
import {
  enrolmentBody,
  enrolmentParams,
  enrolmentRevoked,
  factorList,
  factorParams,
  factorRemoved,
  issuedEnrolment,
  openEnrolments,
} from "../schema/factors.js";
import { personParams } from "../schema/people.js";

export const FACTOR_ROUTES: readonly Route[] = [
  defineRoute({
    operation: "issueEnrolment",
    method: "POST",
    path: "/v1/people/:name/enrolments",
    needs: "admin",
    summary: "A one-time link under which the person enrols a passkey or an authenticator app",
    description:
      "Whoever opens it first is the person: hand it over by a safe way. It needs `listen.pages`, works in one browser, and does not survive a restart.",
    params: personParams,
    body: enrolmentBody,
    answer: { type: "json", status: 201, schema: issuedEnrolment },
    about: ({ params }) => ({ person: params.name }),
    async handle({ params, body, caller }, { factors }) {
      const issued = await factors.enrol({ ...body, person: params.name, by: caller });
      return issued.ok ? ok(reply(issued.value)) : issued;
    },
  }),
  defineRoute({
    operation: "listEnrolments",
    method: "GET",
    path: "/v1/enrolments",
    needs: "admin",
    summary: "Enrolment links that nobody has finished yet, without the links",
    answer: { type: "json", status: 200, schema: openEnrolments },
    handle: (_call, { factors }) => ok(reply({ enrolments: factors.enrolments() })),
  }),
  defineRoute({
    operation: "revokeEnrolment",
    method: "DELETE",
    path: "/v1/enrolments/:id",
    needs: "admin",
    summary: "Makes an enrolment link useless",
    params: enrolmentParams,
    answer: { type: "json", status: 200, schema: enrolmentRevoked },
    about: ({ params }) => ({ subject: params.id }),
    handle: ({ params: { id } }, { factors }) =>
      factors.revoke(id) ? ok(reply({ id, outcome: "revoked" })) : err(notFound("such enrolment")),
  }),
  defineRoute({
    operation: "listFactors",
    method: "GET",
    path: "/v1/people/:name/factors",
    needs: "viewer",
    summary: "What a person has enrolled themselves",
    params: personParams,
    answer: { type: "json", status: 200, schema: factorList },
    about: ({ params }) => ({ person: params.name }),
    handle: ({ params }, { factors }) => ok(reply({ factors: factors.list(params.name) })),
  }),
  defineRoute({
    operation: "removeFactor",
    method: "DELETE",
    path: "/v1/people/:name/factors/:id",
    needs: "admin",
    summary: "Takes a lost key or authenticator app away from a person",
    params: factorParams,
    answer: { type: "json", status: 200, schema: factorRemoved },
    about: ({ params }) => ({ person: params.name, subject: params.id }),
    async handle({ params: { name, id }, caller }, { factors }) {
      const removed = await factors.remove({ person: name, id, by: caller });
      if (!removed.ok) return removed;
      return removed.value
        ? ok(reply({ person: name, id, outcome: "removed" }))
        : err(notFound("such factor"));
    },
  }),
];
