import { Html, html } from "./html.js";

/** A page as a whole. The title comes first in tabs and is what a screen reader says first. */
export function page(facts: {
  readonly title: string;
  readonly site: string;
  readonly content: Html;
  /** A page of its own width, with a script of its own. */
  readonly module?: string;
}): string {
  const { title, site, content, module } = facts;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title} - Chaperone</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/assets/page.css" />
        ${
          module === undefined
            ? html`<script src="/assets/page.js" defer></script>`
            : html`<script src="${module}" type="module"></script>`
        }
      </head>
      <body>
        <main class="${module === undefined ? "" : "wide"}">
          <p class="brand">${SHIELD}<span>Chaperone, ${site}</span></p>
          ${content}
        </main>
      </body>
    </html> `.text;
}

/** A page that only says something. */
export function saying(facts: {
  readonly site: string;
  readonly title: string;
  readonly tone?: "good" | "bad";
  readonly lines: readonly string[];
}): string {
  const { site, title, tone, lines } = facts;
  return page({
    site,
    title,
    content: html`${tone === undefined ? new Html("") : MARKS[tone]}
      <h1>${title}</h1>
      ${lines.map((line) => html`<p>${line}</p>`)}`,
  });
}

const SHIELD = new Html(
  `<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" aria-hidden="true"><path d="M12 3l8 3v6c0 4.5-3.2 7.8-8 9-4.8-1.2-8-4.5-8-9V6z"/><path d="M8.5 12l2.5 2.5 4.5-5" stroke-linecap="round"/></svg>`,
);
const MARKS = {
  good: new Html(
    `<svg class="mark good" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><circle cx="12" cy="12" r="10"/><path d="M7.5 12.5l3 3 6-7"/></svg>`,
  ),
  bad: new Html(
    `<svg class="mark bad" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" aria-hidden="true"><circle cx="12" cy="12" r="10"/><path d="M8.5 8.5l7 7M15.5 8.5l-7 7"/></svg>`,
  ),
};
