import { err, ok } from "../../kernel/index.js";
import { defineRoute, notFound, reply, type Route } from "../route.js";
import {
  answerBody,
  answerTaken,
  challengeList,
  challengeParams,
  challengeQuery,
} from "../schema/challenges.js";
import {
  lockBody,
  lockTaken,
  peopleList,
  peopleQuery,
  personParams,
  personView,
} from "../schema/people.js";
import { orderBody } from "../schema/sessions.js";

export const PEOPLE_ROUTES: readonly Route[] = [
  defineRoute({
    operation: "listPeople",
    method: "GET",
    path: "/v1/people",
    needs: "viewer",
    summary: "The people of the directory",
    query: peopleQuery,
    answer: { type: "json", status: 200, schema: peopleList },
    handle({ query }, { people }) {
      const all = people
        .list()
        .filter((one) => query.locked === undefined || query.locked === (one.lock !== undefined));
      const page = all.slice(query.offset, query.offset + query.limit);
      return ok(reply({ people: page, total: all.length }));
    },
  }),
  defineRoute({
    operation: "getPerson",
    method: "GET",
    path: "/v1/people/:name",
    needs: "viewer",
    summary: "One person",
    params: personParams,
    answer: { type: "json", status: 200, schema: personView },
    about: ({ params }) => ({ person: params.name }),
    handle({ params }, { people }) {
      const person = people.get(params.name);
      return person === undefined ? err(notFound("such person")) : ok(reply(person));
    },
  }),
  defineRoute({
    operation: "lockUser",
    method: "POST",
    path: "/v1/people/:name/lock",
    needs: "operator",
    summary: "Lets the person in no more, and ends what they have open",
    params: personParams,
    body: lockBody,
    answer: { type: "json", status: 200, schema: lockTaken },
    about: ({ params, body }) => ({ person: params.name, reason: body.reason }),
    async handle({ params, body, caller }, { people }) {
      const done = await people.lock({ person: params.name, by: caller, ...body });
      return done.ok ? ok(reply(done.value)) : done;
    },
  }),
  defineRoute({
    operation: "unlockUser",
    method: "POST",
    path: "/v1/people/:name/unlock",
    needs: "operator",
    summary: "Lets the person in again",
    params: personParams,
    body: orderBody,
    answer: { type: "json", status: 200, schema: lockTaken },
    about: ({ params, body }) => ({ person: params.name, reason: body.reason }),
    async handle({ params, body, caller }, { people }) {
      const done = await people.unlock({ person: params.name, by: caller, reason: body.reason });
      return done.ok ? ok(reply(done.value)) : done;
    },
  }),
  defineRoute({
    operation: "listChallenges",
    method: "GET",
    path: "/v1/challenges",
    needs: "viewer",
    summary: "Questions to people that are not answered yet",
    query: challengeQuery,
    answer: { type: "json", status: 200, schema: challengeList },
    about: ({ query }) => (query.session === undefined ? {} : { session: query.session }),
    handle({ query }, { challenges }) {
      const wanted = challenges
        .list()
        .filter((one) => query.session === undefined || one.session === query.session);
      return ok(reply({ challenges: wanted }));
    },
  }),
  defineRoute({
    operation: "answerChallenge",
    method: "POST",
    path: "/v1/challenges/:id/answer",
    needs: "admin",
    summary: "Answers a challenge for the person: a typed code, or what came of it elsewhere",
    description:
      "For gateways that speak with the person themselves: `answer` is judged as if the person had typed it, and counts like it. `outcome` is for push providers: `id` is the one that the webhook factor called them with. Each is answered once.",
    params: challengeParams,
    body: answerBody,
    answer: { type: "json", status: 200, schema: answerTaken },
    // What was answered with stands in no event.
    about: ({ params, body }) => ({
      subject: `${"outcome" in body ? body.outcome : "answer"} ${params.id}`,
    }),
    async handle({ params: { id }, body, caller }, { challenges }) {
      const taken = await challenges.answer({ id, by: caller, ...body });
      return taken.ok ? ok(reply(taken.value)) : taken;
    },
  }),
];
