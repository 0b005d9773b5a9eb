import { randomBytes } from "node:crypto";
import type { Fault } from "../../../kernel/index.js";
import type { WebVerdict } from "../../../model/index.js";
import type { StoppedText } from "../pages/pages.js";

export function newNonce(): string {
  return randomBytes(16).toString("base64url");
}

export function stoppedText(verdict: Exclude<WebVerdict, { type: "pass" }>): StoppedText {
  if (verdict.type === "busy") {
    return {
      status: 503,
      title: "Too many requests wait",
      reason: "too much of this session waits for an answer already",
      trigger: "",
      type: "busy",
    };
  }
  const { decision, reason, trigger } = verdict;
  const killed = decision === "killed";
  return {
    status: 403,
    title: killed ? "Chaperone has ended this session" : "Chaperone has stopped this request",
    reason,
    trigger,
    type: decision,
  };
}

/** Of a request that could not be carried out. */
export function faultText({ code, message }: Fault): StoppedText {
  const tooLarge = code === "CHP_WEB_TOO_LARGE";
  return {
    status: tooLarge ? 413 : 502,
    title: tooLarge ? "This is too much at once" : "The application can not be reached",
    reason: message,
    trigger: code,
    type: "unavailable",
  };
}
