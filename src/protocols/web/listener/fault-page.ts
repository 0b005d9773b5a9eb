import type { Fault } from "../../../kernel/index.js";
import type { Page } from "../pages/html.js";
import { stoppedPage, stoppedProblem, type StoppedText } from "../pages/pages.js";
import { newNonce } from "../session/stopped.js";

/** Why a request gets no further, for a person or for a program. */
export function faultPage(why: Fault, asPage: boolean): Page {
  const text = {
    status: STATUS[why.code] ?? 400,
    title: TITLE[why.code] ?? "This request is refused",
    reason: why.message,
    trigger: why.code,
    type: "refused",
  };
  return textPage(text, asPage);
}

/** The session is over. */
export function overPage(reason: string, asPage: boolean): Page {
  return textPage({ ...OVER, reason }, asPage);
}

function textPage(text: StoppedText, asPage: boolean): Page {
  return asPage ? stoppedPage(text, newNonce()) : stoppedProblem(text);
}

const OVER: StoppedText = {
  status: 403,
  title: "This session is over",
  reason: "",
  trigger: "",
  type: "session-over",
};

const STATUS: Readonly<Partial<Record<Fault["code"], number>>> = {
  CHP_WEB_TOO_LARGE: 431,
  CHP_WEB_NOT_AUTHENTICATED: 401,
  CHP_WEB_NO_ROUTE: 404,
  CHP_WEB_LOOP: 508,
  CHP_WEB_FOREIGN: 403,
  CHP_RUNTIME_SESSION_LIMIT: 429,
  CHP_RUNTIME_PERSON_LOCKED: 403,
  CHP_RUNTIME_PROHIBITED_TIME: 403,
  CHP_RUNTIME_NO_DESTINATION: 403,
  CHP_RUNTIME_UNANSWERED: 503,
};
const TITLE: Readonly<Partial<Record<Fault["code"], string>>> = {
  CHP_WEB_NOT_AUTHENTICATED: "Come through the gateway",
  CHP_WEB_NO_ROUTE: "There is no such application here",
};
