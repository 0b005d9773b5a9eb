import { err, fault, ok } from "../../kernel/index.js";
import { defineRoute, reply, type Route } from "../route.js";
import { about, health, readiness } from "../schema/health.js";

export const FACT_ROUTES: readonly Route[] = [
  defineRoute({
    operation: "health",
    method: "GET",
    path: "/v1/health",
    needs: null,
    summary: "The process answers; told to anybody, and no event",
    answer: { type: "json", status: 200, schema: health },
    handle: () => ok(reply({ status: "ok" })),
  }),
  defineRoute({
    operation: "readiness",
    method: "GET",
    path: "/v1/readiness",
    needs: "viewer",
    summary: "Whether new sessions are taken; 503 says why not",
    answer: { type: "json", status: 200, schema: readiness },
    handle(_call, { facts }) {
      const seen = facts.readiness();
      if (seen.ready) return ok(reply(seen));
      const why = seen.checks.flatMap((one) => (one.ok ? [] : [one.detail ?? one.name]));
      return err(fault("CHP_ADMIN_BUSY", `not ready: ${why.join("; ")}`));
    },
  }),
  defineRoute({
    operation: "about",
    method: "GET",
    path: "/v1/about",
    needs: "viewer",
    summary: "Which sidecar this is, and as whom you speak to it",
    answer: { type: "json", status: 200, schema: about },
    handle: ({ caller }, { facts }) =>
      ok(reply({ ...facts.about(), caller: { name: caller.name, role: caller.role } })),
  }),
  defineRoute({
    operation: "metrics",
    method: "GET",
    path: "/metrics",
    needs: "viewer",
    summary: "Metrics for Prometheus",
    answer: { type: "text", media: "text/plain", describe: "exposition format 0.0.4" },
    async handle(_call, { facts }) {
      const { type, text } = await facts.metrics();
      return ok({ type: "text", media: type, text });
    },
  }),
];
