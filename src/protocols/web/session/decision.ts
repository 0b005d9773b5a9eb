import type { HttpActivity, WebVerdict } from "../../../model/index.js";
import {
  challengeProblem,
  OWN_FOLDER,
  questionPage,
  stoppedPage,
  stoppedProblem,
} from "../pages/pages.js";
import type { Page } from "../pages/html.js";
import type { SessionCore } from "./core.js";
import { understandHead, type Incoming } from "./incoming.js";
import { sendPage, type Reply } from "./reply.js";
import { newNonce, stoppedText } from "./stopped.js";

/**
 * Whether a request may pass that a gateway leads itself: 200, or the page that it has to answer with.
 * Bodies and answers are not seen here: a rule about a body is a doubt, one about an answer never hits.
 */
export function decide(
  core: SessionCore,
  asked: { readonly incoming: Incoming; readonly cookies: readonly string[] },
  reply: Reply,
): void {
  const { incoming, cookies } = asked;
  const began = performance.now();
  const { activity, url } = understandHead(incoming, core.secure ? "https" : "http");
  const seen: HttpActivity = BODILESS.has(incoming.head.method)
    ? activity
    : { ...activity, bodyUnread: true };
  const kept = core.keep(incoming);
  let over = false;
  let forget = (): void => undefined;

  function finish(page: Page, status: number): void {
    if (over) return;
    over = true;
    forget();
    sendPage(reply, page, cookies);
    if (request !== null) {
      const bytes = { toTarget: 0, toPerson: status === 0 ? 0 : page.body.length };
      const outcome = { status, bytes, durationMs: Math.round(performance.now() - began) };
      core.ended(request, outcome, kept?.end(true));
    }
  }

  function follow(verdict: WebVerdict): void {
    if (verdict.type === "pass") finish(allowed(core), 0);
    else {
      const text = stoppedText(verdict);
      const page = incoming.navigates ? stoppedPage(text, newNonce()) : stoppedProblem(text);
      finish(page, text.status);
    }
  }

  /** The person can answer on the sidecar's own pages, to which the gateway has to lead. */
  function ask(): void {
    const { card } = core;
    if (over || card?.type !== "question") return;
    const base = `${core.route.prefix}${OWN_FOLDER}`;
    const origin = `${core.secure ? "https" : "http"}://${incoming.head.authority}`;
    const page = incoming.navigates
      ? questionPage(card, { hold: "", nonce: newNonce(), base })
      : challengeProblem(card.reason, `${origin}${base}step-up`);
    if (request !== null) core.left(request);
    finish(page, page.status);
  }

  const held: { verdict: WebVerdict | null; ready: boolean } = { verdict: null, ready: false };
  const request = core.ask({ activity: seen, url }, (verdict) => {
    if (held.ready) follow(verdict);
    else held.verdict = verdict;
  });
  held.ready = true;
  if (request === null) follow({ type: "busy" });
  else if (held.verdict !== null) follow(held.verdict);
  else {
    forget = core.onCard(ask);
    reply.once("close", () => {
      if (over) return;
      over = true;
      forget();
      core.left(request);
      const bytes = { toTarget: 0, toPerson: 0 };
      const outcome = { status: 0, bytes, durationMs: Math.round(performance.now() - began) };
      core.ended(request, outcome, kept?.end(false));
    });
    ask();
  }
}

const BODILESS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** What a gateway may tell the application about the person. */
function allowed({ facts }: SessionCore): Page {
  return {
    status: 200,
    headers: {
      "cache-control": "no-store",
      "x-chaperone-session": facts.id,
      "x-chaperone-person": encodeURIComponent(facts.person.name),
      "x-chaperone-account": encodeURIComponent(facts.account),
    },
    body: "",
  };
}
