import { describe, expect, it } from "vitest";
import type { EventDraft } from "../events/index.js";
import { encodeUtf8, requestId, Secret, type Micros, type WallMicros } from "../kernel/index.js";
import type { Effect, HttpActivity, InputBody, WebVerdict } from "../model/index.js";
import { createSession, type Session } from "./index.js";
import { seedOf, type SeedOptions } from "./seed.testing.js";
import { PAGE_CHANNEL } from "./web-page.js";

const RULES = `
apiVersion: chaperone/v1
kind: RulePack
metadata: { name: lab, version: 1.0.0 }
rules:
  - id: no-delete
    name: Nothing is deleted
    criticality: high
    match: { http: { method: DELETE } }
    action: block
    message: "Deleting is not permitted here."
  - id: who-is-it
    name: Ask who it is
    criticality: medium
    match: { http: { path: /admin/** } }
    action: { do: reauth, factors: [totp] }
  - id: sure
    name: Are you sure
    criticality: low
    match: { http: { path: /reboot } }
    action: warn
  - id: too-much
    name: No bulk export
    criticality: high
    match: { http: { path: /export, responseSize: "> 1MB" } }
    action: block
  - id: too-often
    name: Not so fast
    criticality: medium
    match: { http: { path: /try } }
    threshold: { count: 3, within: 1m, by: [session] }
    action: block
  - id: role
    name: No new admins
    criticality: high
    match: { http: { path: /users, body: { role: admin } } }
    action: block
  - id: end
    name: The end
    criticality: critical
    match: { http: { path: /kill } }
    action: kill
`;

class WebLab {
  readonly events: EventDraft[] = [];
  readonly effects: Effect[] = [];
  readonly #session: Session;
  #at = 0;
  #next = 1;

  constructor(options: SeedOptions = {}) {
    const seed = seedOf({ rules: RULES, ...options });
    this.#session = createSession({ ...seed, facts: { ...seed.facts, protocol: "web" } });
    this.input({ kind: "opened" });
  }

  input(body: InputBody): readonly Effect[] {
    this.#at += 1_000;
    const input = { at: this.#at as Micros, wall: this.#at as WallMicros, ...body };
    const effects = this.#session.step(input);
    this.effects.push(...effects);
    this.events.push(...effects.flatMap((one) => (one.kind === "emit" ? [one.event] : [])));
    return effects;
  }

  ask(more: Partial<HttpActivity> = {}): number {
    const request = this.#next++;
    const activity: HttpActivity = {
      kind: "http",
      method: "GET",
      host: "wiki.example",
      path: "/",
      query: [],
      ...more,
    };
    const url = `https://wiki.example${activity.path}`;
    this.input({ kind: "web-asked", request: requestId(request), asked: { activity, url } });
    return request;
  }

  end(request: number, status = 200): void {
    const outcome = { status, bytes: { toTarget: 0, toPerson: 5 }, durationMs: 1 };
    this.input({ kind: "web-ended", request: requestId(request), outcome });
  }

  verdict(request: number): WebVerdict | null {
    const of = this.effects.flatMap((one) =>
      one.kind === "web-verdict" && Number(one.request) === request ? [one.verdict] : [],
    );
    return of.at(-1) ?? null;
  }

  /** The person types it on the page. */
  types(text: string): readonly Effect[] {
    return this.input({
      kind: "client-sent",
      channel: PAGE_CHANNEL,
      bytes: encodeUtf8(`${text}\r`),
    });
  }

  answersCode(code: string, accepted = true): void {
    const verify = this.types(code).find((one) => one.kind === "verify-factor");
    if (verify?.kind !== "verify-factor") throw new Error("nothing is verified");
    expect(verify.answer.answer).toBeInstanceOf(Secret);
    const outcome = accepted
      ? ({ type: "accepted" } as const)
      : ({ type: "refused", reason: "wrong" } as const);
    this.input({ kind: "factor-verified", request: verify.request, outcome });
  }

  steer(deed: "suspend" | "resume" | "message" | "kill" | "reauth"): readonly Effect[] {
    const by = { kind: "operator", name: "maria" } as const;
    return this.input({
      kind: "command",
      command: { id: deed, do: deed, by, reason: "look at this" },
    });
  }

  card(): Extract<Effect, { kind: "page" }>["card"] {
    return this.effects.flatMap((one) => (one.kind === "page" ? [one.card] : [])).at(-1) ?? null;
  }

  told(): readonly string[] {
    return this.events.map((event) => event.type);
  }
}

const PASS = { type: "pass" };
/** Nobody asks about its answer. */
const PASS_FINALLY = { type: "pass", final: true };

describe("a request of a web session", () => {
  it("passes where no rule speaks against it, and is told when it has ended", () => {
    const lab = new WebLab();
    const request = lab.ask({ path: "/pages/1" });
    expect(lab.verdict(request)).toEqual(PASS_FINALLY);
    lab.end(request);
    expect(lab.events.at(-1)).toMatchObject({
      type: "web.requested",
      data: {
        method: "GET",
        url: "https://wiki.example/pages/1",
        status: 200,
        decision: "allowed",
      },
    });
  });

  it("is asked about again with its answer only where a rule speaks of that", () => {
    const lab = new WebLab();
    expect(lab.verdict(lab.ask({ path: "/exports" }))).toEqual(PASS_FINALLY);
    expect(lab.verdict(lab.ask({ path: "/export" }))).toEqual(PASS);
  });

  it("is blocked with the words of the rule, and every event says so", () => {
    const lab = new WebLab();
    const request = lab.ask({ method: "DELETE", path: "/pages/1" });
    expect(lab.verdict(request)).toMatchObject({
      type: "stopped",
      decision: "blocked",
      reason: "Deleting is not permitted here.",
      trigger: "no-delete",
    });
    lab.end(request, 403);
    expect(lab.told()).toEqual(["session.opened", "rule.matched", "action.taken", "web.requested"]);
    expect(lab.events.at(-1)).toMatchObject({
      data: { decision: "blocked", rules: ["no-delete"] },
    });
  });

  it("waits for the code of the person, and so does everything else of the session", () => {
    const lab = new WebLab();
    const held = lab.ask({ method: "POST", path: "/admin/users" });
    expect(lab.verdict(held)).toBeNull();
    expect(lab.card()).toMatchObject({
      type: "question",
      answer: "secret",
      phrase: "blue heron",
      held: "POST wiki.example/admin/users",
    });
    const other = lab.ask({ path: "/pages/1" });
    expect(lab.verdict(other)).toBeNull();
    lab.answersCode("123456", false);
    expect(lab.card()).toMatchObject({ notes: ["That was not right. 2 attempts left."] });
    lab.answersCode("654321");
    expect(lab.verdict(held)).toEqual(PASS);
    expect(lab.verdict(other)).toEqual(PASS_FINALLY);
    expect(lab.card()).toBeNull();
    expect(lab.told()).toContain("reauth.succeeded");
    expect(lab.verdict(lab.ask({ path: "/admin/again" }))).toEqual(PASS);
  });

  it("does not reach the target after three wrong codes", () => {
    const lab = new WebLab();
    const held = lab.ask({ path: "/admin/users" });
    for (const code of ["1", "2", "3"]) lab.answersCode(code, false);
    expect(lab.verdict(held)).toMatchObject({ type: "stopped", decision: "unanswered" });
    expect(lab.card()).toBeNull();
  });

  it("that nobody waits for any more gets no verdict, but its answer counts for the next", () => {
    const lab = new WebLab();
    const held = lab.ask({ path: "/admin/users" });
    lab.input({ kind: "web-left", request: requestId(held) });
    lab.answersCode("654321");
    expect(lab.verdict(held)).toBeNull();
    expect(lab.verdict(lab.ask({ path: "/admin/users" }))).toEqual(PASS);
  });

  it("is confirmed by the person where a rule only warns", () => {
    const lab = new WebLab();
    const held = lab.ask({ method: "POST", path: "/reboot" });
    expect(lab.card()).toMatchObject({ answer: "yes-or-no" });
    lab.types("yes");
    expect(lab.verdict(held)).toEqual(PASS);
    const dropped = lab.ask({ method: "POST", path: "/reboot" });
    lab.types("no");
    expect(lab.verdict(dropped)).toMatchObject({ type: "stopped", decision: "aborted" });
  });

  it("is stopped by its answer, where the rule speaks of that", () => {
    const lab = new WebLab();
    const request = lab.ask({ path: "/export" });
    expect(lab.verdict(request)).toEqual(PASS);
    const answer = { status: 200, responseBytes: 5 * 1024 * 1024 };
    lab.input({ kind: "web-answered", request: requestId(request), answer });
    expect(lab.verdict(request)).toMatchObject({ type: "stopped", trigger: "too-much" });
  });

  it("is counted, and stopped when it comes too often", () => {
    const lab = new WebLab();
    expect([1, 2, 3].map(() => lab.verdict(lab.ask({ path: "/try" }))?.type)).toEqual([
      "pass",
      "pass",
      "stopped",
    ]);
  });

  it("whose body could not be read is decided by policy, where a rule speaks of it", () => {
    const lab = new WebLab({ doubt: { onUnparsed: "block" } });
    const unread = lab.ask({ method: "POST", path: "/users", bodyUnread: true });
    expect(lab.verdict(unread)).toMatchObject({ type: "stopped", trigger: "policy.onUnparsed" });
    expect(lab.verdict(lab.ask({ path: "/other", bodyUnread: true }))).toEqual(PASS_FINALLY);
  });

  it("ends the session where the rule wants it, and nothing passes afterwards", () => {
    const lab = new WebLab();
    const request = lab.ask({ path: "/kill" });
    expect(lab.verdict(request)).toMatchObject({ type: "stopped", decision: "killed" });
    expect(lab.effects.some((one) => one.kind === "close-session")).toBe(true);
    expect(lab.verdict(lab.ask())).toMatchObject({ type: "stopped", decision: "killed" });
    lab.end(request, 403);
    lab.input({ kind: "disconnected", reason: "killed" });
    expect(lab.told().slice(-2)).toEqual(["web.requested", "session.closed"]);
  });
});

describe("an operator of a web session", () => {
  it("suspends it: requests wait, pages say so, and go on when it is resumed", () => {
    const lab = new WebLab();
    lab.steer("suspend");
    expect(lab.card()).toMatchObject({ type: "suspension", by: "operator maria" });
    const held = lab.ask();
    expect(lab.verdict(held)).toBeNull();
    lab.steer("resume");
    expect(lab.verdict(held)).toEqual(PASS_FINALLY);
    expect(lab.card()).toBeNull();
  });

  it("refuses what comes when too much waits", () => {
    const lab = new WebLab();
    lab.steer("suspend");
    const requests = Array.from({ length: 70 }, () => lab.ask());
    const verdicts = requests.map((request) => lab.verdict(request)?.type ?? "waits");
    expect(verdicts.filter((one) => one === "waits")).toHaveLength(64);
    expect(verdicts.slice(64)).toEqual(Array.from({ length: 6 }, () => "busy"));
  });

  it("sends a message to its pages", () => {
    const lab = new WebLab();
    lab.steer("message");
    expect(lab.effects.find((one) => one.kind === "page-message")).toMatchObject({
      text: "operator maria: look at this",
    });
  });

  it("asks who it is, on the page", () => {
    const lab = new WebLab();
    lab.steer("reauth");
    expect(lab.card()).toMatchObject({ type: "question", reason: "look at this" });
    lab.answersCode("654321");
    expect(lab.card()).toBeNull();
  });
});
