import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HttpActivity } from "../model/index.js";
import { testRules, type CompiledRuleset, type RuledMoment } from "./index.js";
import { compileForTest, faultsOf, NOON, packOf, someSubject } from "./rules.testing.js";

const MOMENT: RuledMoment = { channelKind: "web", wall: NOON };

function only(match: string, more = ""): CompiledRuleset {
  return compileForTest(
    packOf(
      `  - { id: rule-a, name: A, match: ${match}, action: block, message: "Not {arg}." ${more} }`,
    ),
  );
}

const request = (more: Partial<HttpActivity> = {}): HttpActivity => ({
  kind: "http",
  method: "GET",
  host: "wiki.example",
  path: "/",
  query: [],
  ...more,
});
const hits = (ruleset: CompiledRuleset, activity: HttpActivity): number =>
  ruleset.judgeActivity(activity, MOMENT, someSubject()).length;
const doubts = (ruleset: CompiledRuleset, activity: HttpActivity): number =>
  ruleset.activityDoubts(activity, MOMENT, someSubject()).length;

describe("a rule about requests", () => {
  it("looks at method, host and path", () => {
    const rule = only("{ http: { method: [post, DELETE], host: '*.example', path: /admin/** } }");
    expect(hits(rule, request({ method: "POST", path: "/admin/users" }))).toBe(1);
    expect(hits(rule, request({ method: "DELETE", path: "/admin" }))).toBe(1);
    expect(hits(rule, request({ method: "GET", path: "/admin/users" }))).toBe(0);
    expect(hits(rule, request({ method: "POST", path: "/administrator" }))).toBe(0);
    expect(hits(rule, request({ method: "POST", path: "/admin/x", host: "other.test" }))).toBe(0);
  });

  it("is found whatever its path begins with, beside others and inside of others", () => {
    const part = fc.constantFrom("a", "b", "ab", "*", "**", "a*", "[ab]");
    const pattern = fc
      .array(part, { minLength: 1, maxLength: 3 })
      .map((parts) => `{ http: { path: "/${parts.join("/")}" } }`);
    const { match } = fc.letrec<{ match: string }>((tie) => ({
      match: fc.oneof(
        { maxDepth: 2 },
        pattern,
        fc.tuple(tie("match"), tie("match")).map((two) => `{ any: [${two.join(", ")}] }`),
        fc.tuple(tie("match"), tie("match")).map((two) => `{ all: [${two.join(", ")}] }`),
        tie("match").map((one) => `{ not: ${one} }`),
      ),
    }));
    const path = fc
      .array(fc.constantFrom("a", "b", "ab", "c", "", "a=b"), { maxLength: 3 })
      .map((parts) => `/${parts.join("/")}`);
    fc.assert(
      fc.property(match, fc.array(path, { minLength: 5, maxLength: 5 }), (condition, paths) => {
        const rule = only(condition);
        // Denied twice it means the same, and nothing can be said of how its path begins.
        const denied = only(`{ not: { not: ${condition} } }`);
        for (const one of paths) {
          expect(hits(rule, request({ path: one }))).toBe(hits(denied, request({ path: one })));
        }
      }),
      { numRuns: 40 },
    );
  });

  it("is asked again with the answer only where that can make a difference", () => {
    const rule = only("{ http: { path: /export, responseSize: '> 1MB' } }");
    expect(rule.awaitsAnswer(request({ path: "/export" }))).toBe(true);
    expect(rule.awaitsAnswer(request({ path: "/exports" }))).toBe(false);
    expect(only("{ http: { path: /export } }").awaitsAnswer(request({ path: "/export" }))).toBe(
      false,
    );
    const unlike = only("{ all: [{ http: { path: /x } }, { not: { http: { status: 200 } } }] }");
    expect(unlike.awaitsAnswer(request({ path: "/x" }))).toBe(true);
    expect(unlike.awaitsAnswer(request({ path: "/y" }))).toBe(false);
  });

  it("looks at the path by an expression that runs in linear time", () => {
    const rule = only("{ http: { path: { regex: '^/api/v[0-9]+/users/[0-9]+$' } } }");
    expect(hits(rule, request({ path: "/api/v2/users/17" }))).toBe(1);
    expect(hits(rule, request({ path: "/api/v2/users/17/name" }))).toBe(0);
  });

  it("looks at query parameters and body fields, by name and by value", () => {
    const rule = only("{ http: { query: [force], body: { role: [admin, owner] } } }");
    const forced = { query: [{ name: "force", value: "" }] };
    expect(hits(rule, request({ ...forced, body: [{ name: "role", value: "admin" }] }))).toBe(1);
    expect(hits(rule, request({ ...forced, body: [{ name: "role", value: "guest" }] }))).toBe(0);
    expect(hits(rule, request({ body: [{ name: "role", value: "admin" }] }))).toBe(0);
  });

  it("finds the field however often it is given", () => {
    const rule = only("{ http: { body: { role: admin } } }");
    const body = ["guest", "admin"].map((value) => ({ name: "role", value }));
    expect(hits(rule, request({ body }))).toBe(1);
  });

  it("waits for the answer where it speaks of the answer", () => {
    const rule = only("{ http: { path: /export, status: 200, responseSize: '> 1MB' } }");
    const asked = request({ path: "/export" });
    expect(hits(rule, asked)).toBe(0);
    expect(doubts(rule, asked)).toBe(0);
    expect(hits(rule, { ...asked, status: 200, responseBytes: 2 ** 21 })).toBe(1);
    expect(hits(rule, { ...asked, status: 200, responseBytes: 100 })).toBe(0);
    expect(hits(rule, { ...asked, status: 404, responseBytes: 2 ** 21 })).toBe(0);
    expect(hits(rule, { ...asked, status: 200 })).toBe(0);
  });

  it("leaves a doubt where the body could not be read, and none where another key decides", () => {
    const rule = only("{ http: { path: /users, body: { role: admin } } }");
    const unread = request({ method: "POST", path: "/users", bodyUnread: true });
    expect(hits(rule, unread)).toBe(0);
    expect(doubts(rule, unread)).toBe(1);
    expect(doubts(rule, { ...unread, path: "/other" })).toBe(0);
    expect(doubts(rule, request({ path: "/users" }))).toBe(0);
    const secret = request({ path: "/users", body: [{ name: "role" }] });
    expect(doubts(rule, secret)).toBe(1);
  });

  it("says nothing about commands and files", () => {
    const rule = only("{ not: { http: { path: /admin/** } } }");
    expect(hits(rule, request({ path: "/x" }))).toBe(1);
    expect(hits(rule, request({ path: "/admin/x" }))).toBe(0);
    const file = { kind: "transfer", direction: "upload", via: "scp", path: "/x" } as const;
    expect(rule.judgeActivity(file, MOMENT, someSubject())).toHaveLength(0);
  });

  it("tells the person which request it was, without what was in it", () => {
    const rule = only("{ http: { path: /users } }");
    const activity = request({
      method: "POST",
      path: "/users",
      query: [{ name: "t", value: "s3" }],
    });
    const [hit] = rule.judgeActivity(activity, MOMENT, someSubject());
    expect(hit?.message).toBe("Not POST wiki.example/users.");
    expect(JSON.stringify(hit)).not.toContain("s3");
  });

  it("is tested inside its file", () => {
    const pack = packOf(`
  - id: no-new-admins
    name: A
    match: { http: { method: POST, path: /users, body: { role: admin } } }
    action: block
    tests:
      - { event: { type: http, method: POST, path: /users, body: { role: admin } }, expect: true }
      - { event: { type: http, method: POST, path: /users, body: { role: guest } }, expect: false }
`);
    const report = testRules([{ file: "a.yaml", text: pack }]);
    expect(report.ok && report.value).toMatchObject({ passed: 2, failures: [], untested: [] });
  });

  it.each([
    ["an unknown key", "{ http: { url: /x } }"],
    ["no key", "{ http: {} }"],
    ["a method that is none", "{ http: { method: 'GET /' } }"],
    ["a size that is none", "{ http: { responseSize: huge } }"],
  ])("is refused with %s", (_what, match) => {
    expect(faultsOf(packOf(`  - { id: a, name: A, match: ${match}, action: block }`))).not.toEqual(
      [],
    );
  });
});
