import type { PageCard } from "../../../model/index.js";
import { escapeHtml, pageOf, type Page } from "./html.js";

/** Below a route, the folder in which the sidecar itself answers; nothing of it is ever led to a target. */
export const OWN_FOLDER = "/.chaperone/";

/** A request was stopped: what, why, which rule. */
export interface StoppedText {
  readonly status: number;
  readonly title: string;
  readonly reason: string;
  /** Rule or policy; "" where none has a name. */
  readonly trigger: string;
  /** A word that programs can compare: `blocked`, `unanswered`, ... */
  readonly type: string;
}

export function stoppedPage(text: StoppedText, nonce: string): Page {
  const { status, title, reason, trigger } = text;
  const rule = trigger === "" ? "" : row("Rule", trigger);
  const next = "If you need this, ask the administrator of this gateway and name the rule.";
  const content = `<dl>${row("Reason", reason)}${rule}</dl><p>${next}</p>`;
  return pageOf({ status, title, content, nonce });
}

/** RFC 9457, for whoever asked for no page. */
export function stoppedProblem({ status, title, reason, trigger, type }: StoppedText): Page {
  return {
    status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
    body: `${JSON.stringify({
      type: `urn:chaperone:web:${type}`,
      title,
      status,
      detail: reason,
      ...(trigger === "" ? {} : { rule: trigger }),
    })}\n`,
  };
}

/**
 * RFC 9470: an API client has to send the person to a page where they prove who they are, and then to
 * ask again. `stepUpUri` is an extension of ours.
 */
export function challengeProblem(reason: string, stepUpUri: string): Page {
  const problem = stoppedProblem({
    status: 401,
    title: "The person has to prove who they are",
    reason,
    trigger: "",
    type: "insufficient-user-authentication",
  });
  return {
    ...problem,
    headers: {
      ...problem.headers,
      "www-authenticate": `Bearer error="insufficient_user_authentication", error_description="the person has to prove who they are", step_up_uri="${stepUpUri}"`,
    },
  };
}

/** The question that is open, with the request that waits for it, if one does. */
export function questionPage(
  card: Extract<PageCard, { type: "question" }>,
  facts: { readonly hold: string; readonly nonce: string; readonly base: string },
): Page {
  const { nonce, hold, base } = facts;
  const rows = [
    ...(card.held === undefined ? [] : [row("Held", card.held)]),
    row("Reason", card.reason),
    `<dt>Phrase</dt><dd class="phrase">${escapeHtml(card.phrase)}</dd>`,
  ];
  const notes = card.notes.map((note) => `<p class="note" role="alert">${escapeHtml(note)}</p>`);
  const content = [
    `<dl>${rows.join("")}</dl>`,
    `<p>If this is not your phrase, it is not Chaperone who asks: close this page.</p>`,
    ...card.lines.map((line) => `<p>${linked(line)}</p>`),
    ...notes,
    formOf(card, facts),
  ].join("");
  return pageOf({
    status: 401,
    title: card.headline,
    content,
    nonce,
    ...(card.answer === "elsewhere"
      ? { refresh: { seconds: WAIT_SECONDS, path: `${base}wait?hold=${hold}` } }
      : {}),
  });
}

/** How often a page looks whether somebody else has answered. */
const WAIT_SECONDS = 2;

function formOf(
  card: Extract<PageCard, { type: "question" }>,
  { hold, base }: { readonly hold: string; readonly base: string },
): string {
  const cancel = `<button name="cancel" value="1" formnovalidate>Give it up</button>`;
  const hidden = `<input type="hidden" name="hold" value="${escapeHtml(hold)}">`;
  const form = (inner: string): string =>
    `<form method="post" action="${escapeHtml(base)}answer" autocomplete="off">${hidden}${inner}</form>`;
  switch (card.answer) {
    case "yes-or-no":
      return form(`<button name="answer" value="yes">Yes, do it</button>${cancel}`);
    case "secret":
      return form(
        `<label for="answer">${escapeHtml(labelOf(card.prompt))}</label><input id="answer" name="answer" type="password" autocomplete="one-time-code" required autofocus><button>Answer</button>${cancel}`,
      );
    case "elsewhere":
      return form(cancel);
  }
}

/** Prompts are written for terminals. */
function labelOf(prompt: string): string {
  return prompt.replace(/ \(not shown while you type\)/, "").replace(/:$/, "");
}

/** A line that names an address is one to follow. */
function linked(line: string): string {
  const url = /^Link:\s+(?<url>https?:\/\/[^\s"<>]+)$/.exec(line)?.groups?.["url"];
  return url === undefined
    ? escapeHtml(line)
    : `<a href="${escapeHtml(url)}" target="_blank" rel="noopener noreferrer">${escapeHtml(url)}</a>`;
}

function row(name: string, value: string): string {
  return `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`;
}
