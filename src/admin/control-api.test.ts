import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ROLES, mayAct, type Role } from "./access/role.js";
import { aSession, ROUTES, startAdminLab, TOKENS, type AdminLab } from "./lab.testing.js";
import type { Route } from "./route.js";

let lab: AdminLab;
beforeEach(async () => {
  lab = await startAdminLab();
});
afterEach(() => lab.end());

/** A call that fits the schema of the route, for things that exist. */
function fitting(route: Route): { readonly path: string; readonly body?: unknown } {
  const path = route.path
    .replace("/v1/sessions/:id", "/v1/sessions/s-1")
    .replace("/v1/people/:name", "/v1/people/alice")
    .replace("/v1/recordings/:id", "/v1/recordings/s-1-0")
    .replace("/v1/contents/:name", "/v1/contents/s-1-0.content-1")
    .replace("/v1/approvals/:id", "/v1/approvals/a-1")
    .replace("/v1/challenges/:id", "/v1/challenges/s-1.7")
    .replace("/v1/session-tokens/:id", "/v1/session-tokens/t-1")
    .replace("/v1/enrolments/:id", "/v1/enrolments/e-1")
    .replace("/factors/:id", "/factors/totp")
    .replace("/observers/:observer", "/observers/o-1");
  const bodies: Readonly<Record<string, unknown>> = {
    ...Object.fromEntries(
      ["kill", "suspend", "resume", "reauth"].map((verb) => [
        `${verb}Sessions`,
        { person: "alice", reason: "why" },
      ]),
    ),
    messageSession: { text: "please finish" },
    answerChallenge: { outcome: "accepted" },
    decideApproval: { decision: "approve" },
    lockUser: { reason: "left the company" },
    validateRules: { files: [{ file: "a.yaml", text: "rules: []" }] },
    openSession: { person: "alice", target: "db-1", origin: "192.0.2.7" },
    inspect: { kind: "command", seq: 1, command: "ls" },
    typeKeys: { channel: 0, text: "ls" },
    issueEnrolment: { ttlSeconds: 600 },
    viewRecording: { ttlSeconds: 60 },
    viewSession: {},
    issueSessionToken: { person: "alice", target: "db-1" },
  };
  const body =
    route.body === undefined ? undefined : (bodies[route.operation] ?? { reason: "why" });
  return { path, body };
}

async function call(route: Route, role: Role | null): Promise<number> {
  lab.sessions.set("s-1", aSession("s-1"));
  lab.approvals.set("a-1", {
    id: "a-1",
    session: "s-1",
    person: "bob",
    account: "root",
    target: "db-1",
    origin: "192.0.2.7",
    action: "command",
    rule: "r",
    reason: "why",
    approvers: [],
    needed: 1,
    approvedBy: [],
    askedAt: "",
    deadline: "",
  });
  lab.frames = [{ type: "end", reason: "over" }];
  const response = await lab.call(fitting(route).path, {
    method: route.method,
    role,
    body: fitting(route).body,
  });
  await response.text();
  return response.status;
}

describe("who may call what", () => {
  it.each(ROUTES.map((route) => ({ operation: route.operation, route })))(
    "$operation is answered to the roles that it names, and to nobody without a token",
    async ({ route }) => {
      for (const role of ROLES) {
        const allowed = route.needs === null || mayAct(role, route.needs);
        const status = await call(route, role);
        if (allowed) expect([200, 201, 202], `${role}: ${status}`).toContain(status);
        else expect(status, role).toBe(403);
      }
      expect(await call(route, null)).toBe(route.needs === null ? 200 : 401);
    },
  );

  it("only health is open to anybody", () => {
    expect(ROUTES.filter((route) => route.needs === null).map((one) => one.operation)).toEqual([
      "health",
    ]);
  });

  it("a path or method that does not exist is not told apart without a token", async () => {
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"]) {
      expect((await lab.call("/v1/nothing", { method, role: null })).status).toBe(401);
      expect((await lab.call("/v1/nothing", { method })).status).toBe(404);
    }
  });

  it("a token is not taken from anywhere but the header", async () => {
    for (const path of [`/v1/sessions?token=${TOKENS.admin}`, "/v1/sessions"]) {
      const cookie = { cookie: `token=${TOKENS.admin}` };
      expect((await lab.call(path, { role: null, headers: cookie })).status).toBe(401);
    }
  });
});

describe("every call", () => {
  it("is an event before it is carried out: who, what, about whom", async () => {
    await lab.call("/v1/sessions/s-1/kill", { role: "operator", body: { reason: "seen enough" } });
    expect(lab.told).toEqual([
      {
        type: "admin.called",
        data: {
          operation: "killSession",
          by: "lab-operator",
          role: "operator",
          origin: "127.0.0.1",
          outcome: "admitted",
          session: "s-1",
          reason: "seen enough",
        },
      },
    ]);
    expect(lab.orders).toMatchObject([{ do: "kill", session: "s-1", reason: "seen enough" }]);
  });

  it("is not carried out when it can not be told", async () => {
    lab.keepsEvents = false;
    const response = await lab.call("/v1/sessions/s-1/kill", { body: { reason: "why" } });
    expect(response.status).toBe(503);
    expect(lab.orders).toEqual([]);
  });

  it("that is refused is an event too, with the reason", async () => {
    await lab.call("/v1/rules/reload", { method: "POST", role: "viewer" });
    await lab.call("/v1/sessions", { role: null });
    await lab.call("/v1/sessions?limit=0", {});
    expect(lab.told.map((event) => event.data)).toMatchObject([
      { operation: "reloadRules", by: "lab-viewer", reason: "CHP_ADMIN_FORBIDDEN" },
      { operation: "listSessions", by: "", reason: "CHP_ADMIN_UNAUTHORIZED" },
      { operation: "listSessions", by: "lab-admin", reason: "CHP_ADMIN_BAD_REQUEST" },
    ]);
  });

  it("that is refused says what is wrong, how to mend it, and nothing of what was sent", async () => {
    const response = await lab.call("/v1/sessions/s-1/message", {
      body: { text: "a".repeat(2_000), password: "hunter2" },
    });
    expect(response.status).toBe(400);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ error: { code: "CHP_ADMIN_BAD_REQUEST" } });
    expect(text).toContain("/text");
    expect(text).not.toContain("hunter2");
    expect(text).not.toContain("aaaa");
  });

  it("with a body that is too large, no JSON, or of another kind is refused", async () => {
    const send = (body: string, type = "application/json") =>
      fetch(`${lab.url}/v1/sessions/s-1/kill`, {
        method: "POST",
        headers: { authorization: `Bearer ${TOKENS.admin}`, "content-type": type },
        body,
      });
    expect((await send(`{"reason":"${"x".repeat(17 * 1024)}"}`)).status).toBe(413);
    expect((await send("{")).status).toBe(400);
    expect((await send('{"reason":"a","__proto__":{"x":1}}')).status).toBe(400);
    expect((await send("reason=a", "application/x-www-form-urlencoded")).status).toBe(400);
    expect((await send("hello", "text/plain")).status).toBe(400);
    expect(lab.orders).toEqual([]);
  });
});

describe("an order to many sessions", () => {
  it("says which, and is not given to all of them by leaving that out", async () => {
    const body = { reason: "why" };
    expect((await lab.call("/v1/sessions/kill", { body })).status).toBe(400);
    expect((await lab.call("/v1/sessions/kill", { body: { ...body, all: false } })).status).toBe(
      400,
    );
    const some = await lab.call("/v1/sessions/kill", {
      body: { ...body, sessions: ["s-1", "s-9"] },
    });
    expect(await some.json()).toEqual({
      outcomes: [
        { session: "s-1", outcome: "done" },
        { session: "s-9", outcome: "no-such-session" },
      ],
    });
    expect(lab.told.at(-1)?.data).toMatchObject({ subject: "2 sessions by id", reason: "why" });
  });
});

describe("calls that prove nobody", () => {
  it("are kept waiting after ten in a minute, and told only in part", async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 15; i += 1) {
      statuses.push((await lab.call("/v1/sessions", { role: null })).status);
    }
    expect(statuses).toEqual([...Array<number>(10).fill(401), ...Array<number>(5).fill(429)]);
    expect(lab.told).toHaveLength(11);
    const waiting = await lab.call("/v1/sessions", { role: null });
    expect(Number(waiting.headers.get("retry-after"))).toBeGreaterThan(0);
    lab.nowMs += 60_000;
    expect((await lab.call("/v1/sessions", { role: null })).status).toBe(401);
  });

  it("do not keep out who has a right token at the same address", async () => {
    for (let i = 0; i < 20; i += 1) await lab.call("/v1/sessions", { role: null });
    expect((await lab.call("/v1/sessions")).status).toBe(200);
  });
});

describe("lists", () => {
  it("of sessions are filtered and paged", async () => {
    for (let i = 2; i <= 5; i += 1)
      lab.sessions.set(`s-${i}`, aSession(`s-${i}`, { person: "bob" }));
    const response = await lab.call("/v1/sessions?person=bob&limit=2&offset=1");
    const { sessions, total } = (await response.json()) as {
      sessions: { id: string }[];
      total: number;
    };
    expect(total).toBe(4);
    expect(sessions.map((one) => one.id)).toEqual(["s-3", "s-4"]);
  });

  it("drop every field that is not described", async () => {
    lab.sessions.set("s-1", { ...aSession("s-1"), password: "hunter2" } as never);
    expect(await (await lab.call("/v1/sessions")).text()).not.toContain("hunter2");
  });
});
