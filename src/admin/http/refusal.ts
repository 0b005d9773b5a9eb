import type { FastifyReply } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import { fault, type Fault, faultEntry } from "../../kernel/index.js";
import type { Problem } from "../schema/problem.js";
import { statusOf } from "./status.js";

/** Says no, with what to do instead. */
export function refuse(reply: FastifyReply, refused: Fault): FastifyReply {
  const body: Problem = {
    error: {
      code: refused.code,
      message: refused.message,
      remedy: faultEntry(refused.code).remedy,
    },
  };
  return reply
    .code(statusOf(refused.code))
    .header("cache-control", "no-store")
    .type("application/json; charset=utf-8")
    .serializer((value: unknown) => JSON.stringify(value))
    .send(body);
}

/** Complaints are named, not counted: what is far off gets the first ones. */
const COMPLAINTS_MAX = 5;

/** What went wrong in reading a call, or in answering it, in the words of the API. */
export function faultOf(error: unknown): Fault {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const complaints = error.validation
      .slice(0, COMPLAINTS_MAX)
      .map(
        (one) => `${error.validationContext ?? "call"}${one.instancePath}: ${one.message ?? ""}`,
      );
    return fault("CHP_ADMIN_BAD_REQUEST", complaints.join("; "));
  }
  const status = statusCodeOf(error);
  if (status === 413) return fault("CHP_ADMIN_TOO_LARGE", "the body is too large");
  if (status === 415) {
    return fault("CHP_ADMIN_BAD_REQUEST", "the body has to be `content-type: application/json`");
  }
  if (codeOf(error) === "FST_ERR_CTP_EMPTY_JSON_BODY") {
    return fault("CHP_ADMIN_BAD_REQUEST", "`content-type` says JSON, and there is no body");
  }
  if (status >= 400 && status < 500) {
    return fault("CHP_ADMIN_BAD_REQUEST", "the body is not JSON, or its head is wrong");
  }
  return fault("CHP_ADMIN_INTERNAL", "the call failed");
}

function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}

function statusCodeOf(error: unknown): number {
  if (typeof error !== "object" || error === null || !("statusCode" in error)) return 500;
  return typeof error.statusCode === "number" ? error.statusCode : 500;
}
