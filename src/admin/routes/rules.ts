import { ok } from "../../kernel/index.js";
import { defineRoute, reply, type Route } from "../route.js";
import {
  reloaded,
  RULES_BODY_BYTES_MAX,
  rulesInForce,
  shadowReport,
  validateBody,
  validated,
} from "../schema/rules.js";

/** JSON of a text can be longer than the text: newlines and quotes take two bytes. */
const JSON_ROOM = 2;

export const RULE_ROUTES: readonly Route[] = [
  defineRoute({
    operation: "listRules",
    method: "GET",
    path: "/v1/rules",
    needs: "viewer",
    summary: "The rules in force",
    answer: { type: "json", status: 200, schema: rulesInForce },
    handle: (_call, { rules }) => ok(reply(rules.inForce())),
  }),
  defineRoute({
    operation: "validateRules",
    method: "POST",
    path: "/v1/rules/validate",
    needs: "operator",
    summary: "Compiles rule files and runs their tests; changes nothing",
    body: validateBody,
    bodyBytesMax: RULES_BODY_BYTES_MAX * JSON_ROOM,
    answer: { type: "json", status: 200, schema: validated },
    handle: ({ body }, { rules }) => ok(reply(rules.validate(body.files))),
  }),
  defineRoute({
    operation: "reloadRules",
    method: "POST",
    path: "/v1/rules/reload",
    needs: "admin",
    summary: "Reads the rule files of the configuration again",
    answer: { type: "json", status: 200, schema: reloaded },
    handle: (_call, { rules }) => ok(reply(rules.reload())),
  }),
  defineRoute({
    operation: "shadowReport",
    method: "GET",
    path: "/v1/rules/shadow",
    needs: "viewer",
    summary: "What rules in shadow mode would have done",
    answer: { type: "json", status: 200, schema: shadowReport },
    handle: (_call, { rules }) => ok(reply(rules.shadow())),
  }),
];
