import type { FastifySchema } from "fastify";
import { z } from "zod";
import type { Route, RouteAnswer } from "../route.js";
import { problem } from "../schema/problem.js";
import { REFUSALS } from "./status.js";

/** The head of the API document. */
export const DOCUMENT_INFO = {
  openapi: "3.1.0",
  info: {
    title: "Chaperone control API",
    version: "1",
    description:
      "Listens on `listen.admin`. Every call but health needs a token (`authorization: Bearer ...`) or a client certificate, and is an event. Inside v1 the API only grows: ignore fields that you do not know.",
  },
  components: {
    securitySchemes: {
      token: { type: "http" as const, scheme: "bearer" },
      certificate: { type: "mutualTLS" as const },
    },
  },
};

/** What fastify validates and serialises with, and what stands in the document: the same schemas. */
export function operationSchema(route: Route): FastifySchema {
  const { operation, summary, description, needs, params, query, body } = route;
  const role = needs === null ? "Needs nothing." : `Needs the role ${needs}.`;
  return {
    operationId: operation,
    summary,
    description: description === undefined ? role : `${description} ${role}`,
    security: needs === null ? [] : [{ token: [] }, { certificate: [] }],
    ...(params === undefined ? {} : { params }),
    ...(query === undefined ? {} : { querystring: query }),
    ...(body === undefined ? {} : { body }),
    response: { ...answerOf(route.answer), ...refusalsOf(route) },
  }; // operationId and its kin are added by the swagger plug-in's types, not fastify's
}

function answerOf(answer: RouteAnswer): Readonly<Record<number, unknown>> {
  switch (answer.type) {
    case "json":
      return { [answer.status]: answer.schema };
    case "text":
      return {
        200: { description: answer.describe, content: { [answer.media]: { schema: z.string() } } },
      };
    case "live":
      return {
        200: {
          description: answer.describe,
          content: { "text/event-stream": { schema: z.string() } },
        },
      };
  }
}

function refusalsOf(route: Route): Readonly<Record<number, unknown>> {
  const possible = Object.entries(REFUSALS).filter(([status]) => {
    if (route.needs === null) return status === "421" || status === "400";
    if (status === "413") return route.body !== undefined;
    return true;
  });
  return Object.fromEntries(
    possible.map(([status, description]) => [
      status,
      { description, content: { "application/json": { schema: problem } } },
    ]),
  );
}
