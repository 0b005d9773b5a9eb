import { request as httpRequest } from "node:http";
import { Script } from "node:vm";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SCRIPT } from "./assets.js";
import { html } from "./html.js";
import { createRequestRate, RATE_WINDOW_MS, REQUESTS_PER_WINDOW_MAX } from "./request-rate.js";
import { createPages, type PagesServer } from "./server.js";
import type { ChallengeSight, EnrolmentSight } from "./ports.js";

const TOKEN = "A".repeat(22);
const SIGHT: ChallengeSight = {
  state: "open",
  person: "<b>alice</b>",
  account: "root",
  target: "db-1",
  origin: "192.0.2.7",
  trigger: "rule-1",
  reason: `"quotes" & <script>alert(1)</script>`,
  code: "12 34",
};

let server: PagesServer;
let origin = "";
let nowMs = 0;
let calls: string[] = [];
let enrolment: EnrolmentSight = {
  person: "alice",
  state: "totp",
  base32: "ABCD",
  uri: "otpauth://x",
};

beforeEach(async () => {
  nowMs = 1_000_000;
  calls = [];
  const made = createPages(
    {
      site: "lab",
      wallMs: () => nowMs,
      log: { info: () => undefined, warn: () => undefined, error: () => calls.push("error") },
      challenges: {
        look: (token) => (token === TOKEN ? SIGHT : null),
        options: () => Promise.resolve(null),
        answer: () => Promise.resolve("refused"),
        deny: () => calls.push("deny") > 0,
      },
      viewings: {
        look: () => null,
        open: () => null,
        watch: () => Promise.resolve(null),
      },
      enrolments: {
        look: (token) => (token === TOKEN ? enrolment : null),
        begin: () => "the-claim",
        confirmTotp: (_token, claim, { code }) => {
          calls.push(`totp ${claim} ${code}`);
          return Promise.resolve("wrong");
        },
        keyOptions: () => Promise.resolve({}),
        addKey: () => Promise.resolve("wrong"),
      },
    },
    { origin: () => origin },
  );
  if (!made.ok) throw new Error(made.error.message);
  server = made.value;
  const listening = await server.listen("127.0.0.1", 0);
  if (!listening.ok) throw new Error(listening.error.message);
  origin = `http://127.0.0.1:${String(listening.value.port)}`;
});
afterEach(() => server.close());

const post = (path: string, body: string, headers: Readonly<Record<string, string>> = {}) =>
  fetch(origin + path, {
    method: "POST",
    body,
    redirect: "manual",
    headers: { origin, "content-type": "application/x-www-form-urlencoded", ...headers },
  });

describe("the pages", () => {
  it("show what is asked, escaped, under a policy that allows nothing inline", async () => {
    const page = await fetch(`${origin}/c/${TOKEN}`);
    const text = await page.text();
    expect(text).toContain("&lt;b&gt;alice&lt;/b&gt;");
    expect(text).toContain("&quot;quotes&quot; &amp; &lt;script&gt;");
    expect(text).toContain("12 34");
    expect(text).not.toMatch(/<script(?! src="\/assets\/page.js")| style=| on[a-z]+=/);
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(page.headers.get("content-security-policy")).not.toContain("unsafe");
    expect(page.headers.get("cache-control")).toBe("no-store");
    expect(page.headers.get("x-frame-options")).toBe("DENY");
    expect(page.headers.get("access-control-allow-origin")).toBeNull();
  });

  it("take forms from themselves alone", async () => {
    expect((await post(`/c/${TOKEN}/deny`, "")).status).toBe(303);
    for (const headers of [
      { origin: "https://evil.example" },
      { origin: "null" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
    ]) {
      expect((await post(`/c/${TOKEN}/deny`, "", headers)).status).toBe(403);
    }
    expect(calls).toEqual(["deny"]);
  });

  it("answer under their own name alone: a name that was turned to us reads nothing", async () => {
    const { port } = new URL(origin);
    const status = await new Promise((settle) => {
      httpRequest({ port, host: "127.0.0.1", path: `/c/${TOKEN}`, headers: { host: "evil" } })
        .on("response", (response) => settle(response.resume().statusCode))
        .end();
    });
    expect(status).toBe(421);
  });

  it("give the claim to the browser that begins, out of reach of scripts and other sites", async () => {
    const begun = await post(`/e/${TOKEN}/begin`, "factor=totp");
    expect(begun.headers.get("location")).toBe(`/e/${TOKEN}`);
    expect(begun.headers.get("set-cookie")).toBe(
      `chaperone-enrolment=the-claim; Path=/e/${TOKEN}; HttpOnly; SameSite=Strict`,
    );
    const cookie = "other=1; chaperone-enrolment=the-claim";
    const wrong = await post(`/e/${TOKEN}/totp`, "code=123456", { cookie });
    expect(wrong.status).toBe(422);
    expect(await wrong.text()).toContain("That code was not right");
    expect(calls).toEqual(["totp the-claim 123456"]);
  });

  it("make links slow to guess, and never for who has one", async () => {
    const statuses: number[] = [];
    for (let at = 0; at < 12; at += 1) {
      statuses.push((await fetch(`${origin}/c/${String(at).padStart(22, "B")}`)).status);
    }
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(404));
    expect(statuses.slice(10)).toEqual([429, 429]);
    expect((await fetch(`${origin}/c/${TOKEN}`)).status).toBe(200);
  });

  it("refuse bodies that are too long, and methods they do not know", async () => {
    expect((await post(`/e/${TOKEN}/totp`, `code=${"9".repeat(33 * 1024)}`)).status).toBe(413);
    expect((await fetch(`${origin}/c/${TOKEN}`, { method: "PUT" })).status).toBe(405);
    expect(
      (await post(`/e/${TOKEN}/answer`, "{", { "content-type": "application/json" })).status,
    ).toBe(400);
  });

  it("never fail, whatever is sent to them", async () => {
    const act = fc.constantFrom("", "/options", "/answer", "/deny", "/begin", "/totp", "/x");
    const kind = fc.constantFrom("c", "e");
    const media = fc.constantFrom(
      "application/json",
      "application/x-www-form-urlencoded",
      "text/x",
    );
    const body = fc.oneof(fc.json(), fc.string(), fc.constant("factor=totp"), fc.constant("null"));
    await fc.assert(
      fc.asyncProperty(kind, act, media, body, async (which, what, type, text) => {
        nowMs += RATE_WINDOW_MS;
        const answer = await post(`/${which}/${TOKEN}${what}`, text, { "content-type": type });
        expect(answer.status).toBeLessThan(500);
        expect(answer.headers.get("content-security-policy")).not.toBeNull();
        await answer.arrayBuffer();
      }),
      { numRuns: 150 },
    );
    expect(calls).not.toContain("error");
  });

  it("show a code for apps, and the same key as text", async () => {
    enrolment = {
      person: "alice",
      state: "totp",
      base32: "ABCDEFGH",
      uri: "otpauth://totp/x?secret=ABCDEFGH",
    };
    const text = await (await fetch(`${origin}/e/${TOKEN}`)).text();
    expect(text).toContain("ABCD EFGH");
    expect(text).toMatch(/<svg class="qr" role="img"/);
  });
});

describe("what pages are made of", () => {
  it("is a script that parses", () => {
    expect(() => new Script(SCRIPT)).not.toThrow();
  });

  it("lets no text become markup", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { text: made } = html`<p title="${text}">${text}</p>`;
        expect(made.slice(10, -4).replace('">', "")).not.toMatch(/[<>"']/);
      }),
    );
  });

  it("bounds what one address may ask for, and forgets it after a minute", () => {
    const rate = createRequestRate();
    for (let at = 0; at < REQUESTS_PER_WINDOW_MAX; at += 1) {
      expect(rate.allows("a", 0)).toBe(true);
    }
    expect(rate.allows("a", RATE_WINDOW_MS - 1)).toBe(false);
    expect(rate.allows("b", 0)).toBe(true);
    expect(rate.allows("a", RATE_WINDOW_MS)).toBe(true);
  });
});
