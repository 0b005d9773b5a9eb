import { Html, html } from "./html.js";
import { page, saying } from "./layout.js";
import type { EnrolmentFactor, EnrolmentSight } from "./ports.js";
import { qrCode } from "./qr-code.js";

export interface EnrolmentPlace {
  readonly site: string;
  readonly base: string;
  /** What the last answer led to. */
  readonly note?: string;
}

/** Where somebody who has been handed a link makes a factor their own. */
export function enrolmentPage(sight: EnrolmentSight, place: EnrolmentPlace): string {
  const { site } = place;
  switch (sight.state) {
    case "offered":
      return page({ site, title: "Set up", content: offered(sight, place) });
    case "totp":
      return page({ site, title: "Authenticator app", content: totp(sight, place) });
    case "webauthn":
      return page({ site, title: "Passkey or security key", content: key(sight, place) });
    case "done":
      return saying({ site, title: "It is set up", tone: "good", lines: DONE[sight.factor] });
    case "taken":
      return saying({
        site,
        title: "This link was opened before",
        tone: "bad",
        lines: [
          "It works in one browser only. If that was not you, tell your administrator at once.",
          "If it was you, go on in that browser, or ask for a new link.",
        ],
      });
    case "dead":
      return saying({
        site,
        title: "This link does not work any more",
        tone: "bad",
        lines: ["It was withdrawn, or there were too many wrong answers. Ask for a new link."],
      });
  }
}

function offered(
  { person, factors }: Extract<EnrolmentSight, { state: "offered" }>,
  { base }: EnrolmentPlace,
): Html {
  return html`<h1>Prove that it is you</h1>
    <p><strong>${person}</strong>, choose how. Chaperone asks for it before risky commands.</p>
    <p class="soft small">This link works once, and only in the browser that begins.</p>
    ${factors.map(
      (factor) =>
        html`<form method="post" action="${base}/begin">
          <button class="plain choice" name="factor" value="${factor}">
            ${CHOICES[factor].title}<span>${CHOICES[factor].text}</span>
          </button>
        </form>`,
    )}`;
}

function totp(
  { person, base32, uri }: Extract<EnrolmentSight, { state: "totp" }>,
  { base, note }: EnrolmentPlace,
): Html {
  const groups = base32.replace(/.{4}(?=.)/g, "$& ");
  return html`<h1>Authenticator app</h1>
    <p>For <strong>${person}</strong>. Scan this with your app, or type the key into it.</p>
    ${qrCode(uri, "QR code with the same key as the text below")}
    <p class="secret">${groups}</p>
    <form method="post" action="${base}/totp" autocomplete="off">
      <label for="code">Then type the code that the app shows</label>
      <input
        class="digits"
        id="code"
        name="code"
        inputmode="numeric"
        autocomplete="one-time-code"
        pattern="[0-9 ]{6,7}"
        maxlength="7"
        required
        autofocus
        ${note === undefined ? new Html("") : new Html(`aria-invalid="true" aria-describedby="said"`)}
      />
      <button>Set it up</button>
      <p class="say bad" id="said" role="alert">${note ?? ""}</p>
    </form>`;
}

function key(
  { person }: Extract<EnrolmentSight, { state: "webauthn" }>,
  { base }: EnrolmentPlace,
): Html {
  return html`<h1>Passkey or security key</h1>
    <p>
      For <strong>${person}</strong>. Your browser asks for a key: a security key that you plug in,
      or the lock of this device or your phone.
    </p>
    <div data-ceremony="create" data-base="${base}">
      <label for="key-name">What do you call it?</label>
      <input id="key-name" maxlength="40" value="my key" autocomplete="off" />
      <button type="button" data-start hidden>Set it up</button>
      <noscript
        ><p class="bad">Browsers give keys to scripts only: allow scripts here.</p></noscript
      >
    </div>
    <p class="say" id="said" role="status" aria-live="polite"></p>`;
}

const CHOICES: Readonly<
  Record<EnrolmentFactor, { readonly title: string; readonly text: string }>
> = {
  totp: {
    title: "Authenticator app",
    text: "A code of six digits that you type into the terminal.",
  },
  webauthn: {
    title: "Passkey or security key",
    text: "A link in the terminal that you open and confirm: nothing to type, nothing to phish.",
  },
};

const CLOSE = "It counts from your next log-in on. You can close this page.";
const DONE: Readonly<Record<EnrolmentFactor, readonly string[]>> = {
  totp: ["Chaperone will ask for a code of your authenticator app.", CLOSE],
  webauthn: ["Chaperone will show you a link, and your key answers.", CLOSE],
};
