/**
 * What runs in the pages of applications: when keys go down and up (never those of fields that hold
 * secrets, and none of terminals, whose keys are seen on their way), which page is looked at, messages of
 * operators, and a cover with the question when one is open. Everything that it uses of the page it takes
 * when it is loaded.
 */
export const SCRIPT_TEXT = `(() => {
  "use strict";
  const base = document.currentScript.src.replace(/script\\.js.*$/, "");
  const [ask, now] = [window.fetch.bind(window), performance.now.bind(performance)];
  if (window.top !== window.self) return;
  const SECRET = /pass|pwd|secret|token|otp|pin|cvc|card/i;
  const COMPLETED = /password|one-time-code|cc-/i;

  const isPrivate = (target) => {
    if (!(target instanceof Element)) return true;
    if (target.closest(".xterm, [data-private]") !== null) return true;
    if (!(target instanceof HTMLInputElement)) return false;
    const { type, name, id, autocomplete } = target;
    return type === "password" || COMPLETED.test(autocomplete) || SECRET.test(name + " " + id);
  };

  // --- keys ---
  const open = new Map();
  let keys = [];
  const KEYS_MAX = 256;
  addEventListener("keydown", (event) => {
    if (!event.isTrusted || event.repeat || event.isComposing) return;
    if (isPrivate(event.composedPath()[0])) return;
    if (/^(?:Shift|Control|Alt|Meta|CapsLock|Dead|Process|Unidentified)/.test(event.key)) return;
    if (keys.length >= KEYS_MAX) return;
    const one = { key: event.key, down: now(), up: null };
    keys.push(one);
    open.set(event.code, one);
  }, { capture: true, passive: true });
  addEventListener("keyup", (event) => {
    const one = open.get(event.code);
    open.delete(event.code);
    if (one !== undefined) one.up = now();
  }, { capture: true, passive: true });
  const report = () => {
    if (keys.length === 0) return;
    const at = now();
    const body = JSON.stringify(
      keys.map(({ key, down, up }) => [key, at - down, up === null ? null : up - down]),
    );
    keys = [];
    open.clear();
    const headers = { "content-type": "application/json" };
    ask(base + "keys", { method: "POST", body, headers, keepalive: true }).catch(() => undefined);
  };

  // --- what is looked at ---
  let told = "";
  const view = () => {
    const focused = document.visibilityState === "visible" && document.hasFocus();
    const title = document.title.slice(0, 256);
    const body = JSON.stringify([location.pathname + location.search, title, focused]);
    if (body === told) return;
    told = body;
    const headers = { "content-type": "application/json" };
    ask(base + "view", { method: "POST", body, headers, keepalive: true }).catch(() => undefined);
  };
  // A page that is left for another is not told: its successor is.
  const viewSoon = () => setTimeout(view, 200);
  for (const name of ["focus", "blur", "load", "popstate", "hashchange"]) {
    addEventListener(name, viewSoon);
  }
  document.addEventListener("visibilitychange", viewSoon);

  // --- what others have to say ---
  let since = 0;
  let cover = null;
  const box = (style) => {
    const element = document.createElement("div");
    Object.assign(element.style, {
      position: "fixed", zIndex: "2147483647", font: "16px/1.5 system-ui, sans-serif",
      color: "#111827", background: "#fff", border: "1px solid #b45309", ...style,
    });
    document.documentElement.append(element);
    return element;
  };
  const toast = (text) => {
    const element = box({ right: "1rem", bottom: "1rem", padding: "1rem", maxWidth: "24rem" });
    element.setAttribute("role", "status");
    element.className = "chaperone-message";
    element.textContent = text;
    setTimeout(() => element.remove(), 15_000);
  };
  const uncover = () => {
    cover?.remove();
    cover = null;
  };
  const question = () => {
    cover = box({ inset: "0", border: "0", background: "#f3f4f6", overflow: "auto" });
    cover.className = "chaperone-cover";
    const frame = document.createElement("iframe");
    Object.assign(frame.style, { width: "100%", height: "100%", border: "0" });
    frame.title = "Chaperone";
    frame.addEventListener("load", () => {
      try {
        // Answered: the frame was led on to the application.
        if (!frame.contentWindow.location.href.startsWith(base)) uncover();
      } catch {
        uncover();
      }
    });
    frame.src = base + "step-up";
    cover.append(frame);
  };
  const pulse = async () => {
    if (document.visibilityState !== "visible") return;
    const answer = await ask(base + "pulse?since=" + String(since), { cache: "no-store" });
    if (!answer.ok || !/json/.test(answer.headers.get("content-type") ?? "")) return;
    const { messages, asked } = await answer.json();
    for (const { number, text } of messages) {
      since = Math.max(since, number);
      toast(text);
    }
    if (asked && cover === null) question();
    else if (!asked) uncover();
  };
  setInterval(() => {
    report();
    view();
    pulse().catch(() => undefined);
  }, 2_000);
  addEventListener("pagehide", report);
})();
`;
