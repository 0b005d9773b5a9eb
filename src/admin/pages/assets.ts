/**
 * The only files that pages load, kept as text so that they travel with the program. The policy of the
 * pages allows nothing inline: what looks and moves is here, what is said is in the pages.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f3f4f6; --card: #fff; --ink: #16181d; --soft: #5a6272; --line: #d9dde4;
  --accent: #1f5fd0; --accent-ink: #fff; --good: #17693a; --bad: #a3241d; --well: #eef1f6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #101216; --card: #191c22; --ink: #eceef2; --soft: #a2aab8; --line: #323844;
    --accent: #7fb0ff; --accent-ink: #0b1220; --good: #6fd599; --bad: #ff9a90; --well: #22262e;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0; min-height: 100vh; padding: 1.5rem 1rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  display: flex; flex-direction: column; align-items: center; justify-content: center;
}
main {
  width: 100%; max-width: 30rem; background: var(--card); border: 1px solid var(--line);
  border-radius: .875rem; padding: 1.75rem; box-shadow: 0 1px 3px rgb(0 0 0 / .08);
}
.brand {
  display: flex; align-items: center; gap: .5rem; margin: 0 0 1.25rem; color: var(--soft);
  font-size: .875rem;
}
.brand svg { width: 1.25rem; height: 1.25rem; flex: none; color: var(--accent); }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; }
h1:focus { outline: none; }
p { margin: 0 0 1rem; }
.soft { color: var(--soft); }
.small { font-size: .875rem; }
dl { margin: 0 0 1.25rem; display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.code, .secret {
  font-family: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace;
  background: var(--well); border-radius: .5rem; text-align: center;
}
.code { font-size: 2rem; letter-spacing: .12em; padding: .5rem; margin: 0 0 1.25rem; }
.secret { padding: .625rem; overflow-wrap: anywhere; user-select: all; margin: 0 0 1.25rem; }
.qr { display: block; width: 13rem; max-width: 100%; margin: 0 auto 1.25rem; border-radius: .5rem; }
label { display: block; font-weight: 600; margin-bottom: .375rem; }
input {
  width: 100%; font: inherit; color: inherit; background: var(--card); padding: .625rem .75rem;
  border: 1px solid var(--soft); border-radius: .5rem; margin-bottom: 1rem;
}
input.digits { font-size: 1.5rem; letter-spacing: .3em; text-align: center; }
button {
  width: 100%; font: inherit; font-weight: 600; padding: .75rem 1rem; border-radius: .5rem;
  border: 1px solid var(--accent); background: var(--accent); color: var(--accent-ink); cursor: pointer;
}
button + button, form + form { margin-top: .75rem; }
button.quiet { background: none; color: var(--bad); border-color: var(--line); }
button.plain { background: none; color: var(--ink); border-color: var(--line); }
button:disabled { opacity: .6; cursor: progress; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.choice { text-align: left; }
.choice span { display: block; font-weight: 400; font-size: .875rem; opacity: .85; }
.say { min-height: 1.5rem; margin: 1rem 0 0; text-align: center; }
.say:empty { display: none; }
.good { color: var(--good); }
.bad { color: var(--bad); }
.mark { width: 3rem; height: 3rem; display: block; margin: 0 0 1rem; }
main.wide { max-width: none; padding: 1.25rem; }
main.wide .brand { margin-bottom: .5rem; }
.screen {
  overflow: hidden; background: #000; border-radius: .5rem; min-height: 8rem;
  display: flex; justify-content: center;
}
.controls { margin-top: 1rem; display: grid; grid-template-columns: 7rem 1fr max-content; gap: 1rem; align-items: center; }
.controls input { margin: 0; padding: 0; }
.apart { margin-top: 1.25rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
@media (prefers-reduced-motion: no-preference) { button { transition: opacity .15s; } }
@media (forced-colors: active) { .qr { forced-color-adjust: none; } }
`;

/**
 * Browsers give keys to scripts only. Bytes travel as base64url, as WebAuthn level 3 section 5.1 has it;
 * turned by hand, because browsers of a few years ago can not do it themselves.
 */
export const SCRIPT = `"use strict";
(() => {
  const place = document.querySelector("[data-ceremony]");
  if (place === null) return;
  const { ceremony, base } = place.dataset;
  const button = place.querySelector("[data-start]");
  const said = document.getElementById("said");
  const say = (text, tone) => {
    said.textContent = text;
    said.className = "say" + (tone === undefined ? "" : " " + tone);
  };
  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\\+/g, "-").replace(/\\//g, "_").replace(/=+$/, "");
  const post = (path, body) =>
    fetch(base + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const listed = (all) => (all || []).map((one) => ({ ...one, id: bytes(one.id) }));

  async function signed(options) {
    const made = await navigator.credentials.get({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        allowCredentials: listed(options.allowCredentials),
      },
    });
    return {
      clientDataJSON: text(made.response.clientDataJSON),
      authenticatorData: text(made.response.authenticatorData),
      signature: text(made.response.signature),
      made,
    };
  }

  async function created(options) {
    const made = await navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        user: { ...options.user, id: bytes(options.user.id) },
        excludeCredentials: listed(options.excludeCredentials),
      },
    });
    const transports = made.response.getTransports ? made.response.getTransports() : [];
    return {
      clientDataJSON: text(made.response.clientDataJSON),
      attestationObject: text(made.response.attestationObject),
      transports,
      made,
    };
  }

  async function run() {
    const asked = await post("/options", {});
    if (!asked.ok) return location.reload();
    say("Follow your browser: touch the key, or use your finger, face or PIN.");
    const { made, ...response } = await (ceremony === "get" ? signed : created)(await asked.json());
    say("Checking ...");
    const name = document.getElementById("key-name");
    const answered = await post("/answer", {
      name: name === null ? "" : name.value,
      response: { id: made.id, rawId: text(made.rawId), type: made.type, response },
    });
    const { outcome } = await answered.json();
    if (outcome === "wrong") say("That key was not accepted. Try again.", "bad");
    else if (outcome === "failed") say("It could not be kept just now. Try again.", "bad");
    else location.reload();
  }

  function reasonOf(error) {
    if (error.name === "NotAllowedError") return "Nothing was confirmed. Try again when you are ready.";
    if (error.name === "InvalidStateError") return "This key is enrolled already: use another one.";
    if (error.name === "SecurityError") return "This browser gives no keys to this address.";
    return "The browser could not do it: " + error.name + ".";
  }

  button.hidden = false;
  if (window.PublicKeyCredential === undefined) {
    button.disabled = true;
    say("This browser can not use passkeys or security keys here.", "bad");
  }
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    button.disabled = true;
    say("");
    try {
      await run();
    } catch (error) {
      say(reasonOf(error), "bad");
    }
    button.disabled = false;
  });
})();
`;
