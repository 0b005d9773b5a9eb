import { html } from "./html.js";
import { page, saying } from "./layout.js";
import type { ViewingSight } from "./ports.js";

/** A desktop in a browser: a recording with its controls, or a session as it goes on. */
export function viewingPage(
  sight: ViewingSight,
  place: { readonly site: string; readonly base: string },
): string {
  const { site, base } = place;
  if (sight.state === "taken") {
    return saying({
      site,
      title: "This link was opened before",
      tone: "bad",
      lines: ["It works in one browser only. Ask for another link."],
    });
  }
  const recorded = sight.what === "recording";
  return page({
    site,
    title: recorded ? "Recording" : "Live session",
    module: "/assets/viewing.js",
    content: html`<h1>${recorded ? "Recording" : "Live session"}</h1>
      <p class="soft small">${sight.id}, seen as ${sight.by}</p>
      <div class="screen" data-viewing="${sight.what}" data-base="${base}"></div>
      <p class="say" id="said" role="status" aria-live="polite">Loading ...</p>
      <div class="controls" id="controls" hidden>
        <button type="button" id="play">Play</button>
        <input type="range" id="seek" min="0" max="0" value="0" step="100" aria-label="Position" />
        <span id="time">0:00 / 0:00</span>
      </div>
      <noscript><p class="bad">Desktops are drawn by a script: allow scripts here.</p></noscript>`,
  });
}
