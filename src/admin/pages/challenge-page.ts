import { html } from "./html.js";
import { page, saying } from "./layout.js";
import type { ChallengeSight } from "./ports.js";

/** "Is it you?": what is asked and why, the code that the terminal shows, and the key. */
export function challengePage(
  sight: ChallengeSight,
  place: { readonly site: string; readonly base: string },
): string {
  const { site, base } = place;
  if (sight.state !== "open") return saying({ site, ...ENDED[sight.state] });
  const { person, account, target, origin, trigger, reason, code } = sight;
  return page({
    site,
    title: "Is it you?",
    content: html`<h1>Is it you?</h1>
      <p>
        Something in your session on <strong>${target}</strong> waits until you have confirmed that
        it is you.
      </p>
      <dl>
        <dt>Person</dt>
        <dd>${person}</dd>
        <dt>Target</dt>
        <dd>${account}@${target}</dd>
        <dt>From</dt>
        <dd>${origin}</dd>
        <dt>Why</dt>
        <dd>${reason} <span class="soft small">[${trigger}]</span></dd>
      </dl>
      <p class="small soft" id="code-help">
        Go on only if your terminal shows the same code. If it does not, somebody else has sent you
        here.
      </p>
      <p class="code" aria-describedby="code-help">${code}</p>
      <div data-ceremony="get" data-base="${base}">
        <button type="button" data-start hidden>Use passkey or security key</button>
        <noscript
          ><p class="bad">Browsers give keys to scripts only: allow scripts here.</p></noscript
        >
      </div>
      <p class="say" id="said" role="status" aria-live="polite"></p>
      <form class="apart" method="post" action="${base}/deny">
        <button class="quiet">This is not me: refuse it</button>
      </form>`,
  });
}

const BACK = "Go back to your terminal. You can close this page.";
const ENDED = {
  accepted: { title: "Confirmed", tone: "good" as const, lines: [BACK] },
  refused: {
    title: "Refused",
    tone: "bad" as const,
    lines: ["It was not confirmed that this is you, so nothing was released.", BACK],
  },
  over: {
    title: "Nothing waits here any more",
    lines: ["It was answered elsewhere, given up, or took too long.", BACK],
  },
};
