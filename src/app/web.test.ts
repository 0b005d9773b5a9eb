import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../runtime/testing/eventually.testing.js";
import { BACKUP, startWebLab, type Answer, type WebLab } from "./web-lab.testing.js";

const RULES = `apiVersion: chaperone/v1
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
    match: { http: { method: POST, path: /admin/** } }
    action: { do: reauth, factors: [totp], grace: 0s }
  - id: no-roots
    name: No new roots
    criticality: high
    match: { http: { path: /users, body: { role: root } } }
    action: block
  - id: end
    name: The end
    criticality: critical
    match: { http: { path: /the-end } }
    action: kill
`;

describe("a web application behind the sidecar", () => {
  let lab: WebLab;
  beforeAll(async () => {
    lab = await startWebLab({ rules: RULES });
  });
  afterAll(() => lab.close());

  const text = ({ body }: Answer): string => body.toString("utf8");
  const requested = (path: string) =>
    lab.events("web.requested").filter(({ data }) => String(data["url"]).includes(path));

  it("is reached by whoever the gateway vouches for, and every request is told", async () => {
    const cookies = new Map<string, string>();
    const first = await lab.ask("/pages/1?token=abc&page=2", { cookies });
    expect(first.status).toBe(200);
    expect(JSON.parse(text(first))).toMatchObject({ url: "/pages/1?token=abc&page=2" });
    await lab.ask("/pages/2", { cookies });
    await eventually(() => requested("/pages/2").length).toBe(1);
    const [event] = requested("/pages/1");
    expect(event?.data).toMatchObject({
      method: "GET",
      url: `http://127.0.0.1:${String(lab.port)}/pages/1?token=&page=`,
      status: 200,
      decision: "allowed",
    });
    const own = lab.events().filter(({ subject }) => subject === event?.subject);
    expect(own.map(({ sequence }) => sequence)).toEqual([...own.keys()]);
    expect(own.slice(0, 2).map(({ type }) => type)).toEqual(["auth.succeeded", "session.opened"]);
    expect(own[1]?.data).toMatchObject({ authMethods: ["gateway-assertion"] });
  });

  it("sees neither the gateway's assertion nor our cookie, and who it is only from us", async () => {
    const cookies = new Map<string, string>([["theirs", "1"]]);
    await lab.ask("/first", { cookies });
    await lab.ask("/second", {
      cookies,
      headers: { "x-forwarded-for": "10.9.9.9", te: "trailers" },
    });
    const seen = lab.console.seen.find(({ url }) => url === "/second");
    expect(seen?.headers["x-gateway-assertion"]).toBeUndefined();
    expect(seen?.headers.cookie).toBe("theirs=1");
    expect(seen?.headers["x-forwarded-for"]).toBe("127.0.0.1");
    expect(seen?.headers["te"]).toBeUndefined();
  });

  it("is reached by nobody else", async () => {
    const before = lab.console.seen.length;
    expect((await lab.ask("/", { person: null })).status).toBe(401);
    const forged = lab.assertion("alice", { aud: "somebody-else" });
    const headers = { "x-gateway-assertion": forged };
    expect((await lab.ask("/", { person: null, headers })).status).toBe(401);
    const expired = lab.assertion("alice", { exp: 1 });
    expect(
      (await lab.ask("/", { person: null, headers: { "x-gateway-assertion": expired } })).status,
    ).toBe(401);
    expect(lab.console.seen).toHaveLength(before);
    await eventually(() => lab.events("auth.failed").length).toBeGreaterThan(1);
  });

  it("goes on in the same session when the gateway renews what it says", async () => {
    const cookies = new Map<string, string>();
    const ask = (jti: number, sub: string) => {
      const headers = { "x-gateway-assertion": lab.assertion(sub, { jti: String(jti) }) };
      return lab.ask("/renewed", { cookies, headers, person: null });
    };
    const opened = () =>
      lab.events("session.opened").filter(({ data }) => /emil|fritz/.test(JSON.stringify(data)));
    for (const jti of [1, 2, 3]) expect((await ask(jti, "emil")).status).toBe(200);
    await eventually(() => opened().length).toBe(1);
    expect((await ask(4, "fritz")).status).toBe(200);
    await eventually(() => opened().length).toBe(2);
  });

  it("is reached by a one-time token once, without a word of the gateway afterwards", async () => {
    const order = { person: "dora", target: "wiki", groups: ["ops"], context: { ticket: "CHG-1" } };
    const { token } = (await lab.api("POST", "/v1/session-tokens", order)) as { token: string };
    const cookies = new Map<string, string>();
    const open = `/.chaperone/open?token=${token}&to=/pages/1`;
    const opened = await lab.ask(open, { person: null, cookies });
    expect(opened).toMatchObject({ status: 303, headers: { location: "/pages/1" } });
    expect((await lab.ask("/pages/1", { person: null, cookies })).status).toBe(200);
    expect((await lab.ask(open, { person: null })).status).toBe(401);
    await eventually(() =>
      lab.events("session.opened").find(({ data }) => JSON.stringify(data).includes("dora")),
    ).toMatchObject({ data: { authMethods: ["session-token"], context: { ticket: "CHG-1" } } });
    expect(JSON.stringify(lab.events())).not.toContain(token);
    const evil = "/.chaperone/open?token=x&to=//evil.example";
    expect((await lab.ask(evil, { cookies, person: null })).status).toBe(401);
  });

  it("is not reached by a cookie that was carried off, where the gateway signs each request", async () => {
    const cookies = new Map<string, string>();
    await lab.ask("/", { cookies });
    expect((await lab.ask("/", { cookies: new Map(cookies), person: null })).status).toBe(401);
  });

  it("does not get a forbidden request; the person is told why, a program in its own way", async () => {
    const page = await lab.ask("/pages/1", { method: "DELETE" });
    expect(page.status).toBe(403);
    expect(text(page)).toContain("Deleting is not permitted here.");
    expect(text(page)).toContain("no-delete");
    const accept = "application/json";
    const problem = await lab.ask("/pages/1", { method: "DELETE", headers: { accept } });
    expect(problem.headers["content-type"]).toBe("application/problem+json");
    expect(JSON.parse(text(problem))).toMatchObject({ status: 403, rule: "no-delete" });
    expect(lab.console.seen.some(({ method }) => method === "DELETE")).toBe(false);
  });

  it("does not get a form with a forbidden value, and no value of it is told", async () => {
    const form = {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    };
    const blocked = await lab.ask("/users", {
      ...form,
      body: "name=eve&role=root&password=hunter2",
    });
    expect(blocked.status).toBe(403);
    expect((await lab.ask("/users", { ...form, body: "name=bob&role=guest" })).status).toBe(200);
    await eventually(() => requested("/users").length).toBe(2);
    expect(requested("/users")[0]?.data).toMatchObject({ fields: ["name", "role", "password"] });
    expect(JSON.stringify(lab.events())).not.toContain("hunter2");
  });

  it("gets the held form as it was, once the person has answered", async () => {
    const cookies = new Map<string, string>();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const body = "name=bob&comment=%C3%A4%26b";
    const question = await lab.ask("/admin/users?x=1", { method: "POST", headers, body, cookies });
    expect(question.status).toBe(401);
    expect(text(question)).toContain("Chaperone asks: is it you?");
    const hold = /name="hold" value="([^"]+)"/.exec(text(question))?.[1] ?? "";
    expect(hold).not.toBe("");
    const origin = `http://127.0.0.1:${String(lab.port)}`;
    const answer = (code: string): Promise<Answer> =>
      lab.ask("/.chaperone/answer", {
        method: "POST",
        headers: { ...headers, origin },
        body: `hold=${hold}&answer=${code}`,
        cookies,
      });
    const wrong = await answer("000000");
    expect(text(wrong)).toContain("That was not right.");
    expect(lab.console.seen.some(({ url }) => url === "/admin/users?x=1")).toBe(false);
    const right = await answer(lab.totp());
    expect(right.status).toBe(303);
    expect(right.headers.location).toBe("/admin/users?x=1");
    const resumed = await lab.ask("/admin/users?x=1", { cookies });
    expect(JSON.parse(text(resumed))).toMatchObject({ method: "POST", body });
    // Only once: whoever loads the page again asks for the page.
    expect(JSON.parse(text(await lab.ask("/admin/users?x=1", { cookies })))).toMatchObject({
      method: "GET",
    });
    await eventually(() => lab.events("reauth.succeeded").length).toBe(1);
  });

  it("gets an answer to a question from its own pages alone", async () => {
    const cookies = new Map<string, string>();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const question = await lab.ask("/admin/users", {
      method: "POST",
      headers,
      body: "a=1",
      cookies,
    });
    const hold = /name="hold" value="([^"]+)"/.exec(text(question))?.[1] ?? "";
    const foreign = { ...headers, origin: "https://evil.example" };
    const body = `hold=${hold}&cancel=1`;
    const asked = lab.ask("/.chaperone/answer", {
      method: "POST",
      headers: foreign,
      body,
      cookies,
    });
    await expect(asked).rejects.toThrow();
    await eventually(() =>
      lab.events("web.refused").some(({ data }) => data["code"] === "CHP_WEB_FOREIGN"),
    ).toBe(true);
    const origin = `http://127.0.0.1:${String(lab.port)}`;
    const own = { method: "POST", headers: { ...headers, origin }, body, cookies };
    await lab.ask("/.chaperone/answer", own);
    const given = await lab.ask("/admin/users", { cookies });
    expect(text(given)).toContain("Chaperone has stopped this request");
  });

  it("sends an API client to a page where the person can prove who they are", async () => {
    const headers = { "content-type": "application/json", accept: "application/json" };
    const asked = await lab.ask("/admin/api", { method: "POST", headers, body: "{}" });
    expect(asked.status).toBe(401);
    expect(asked.headers["www-authenticate"]).toContain("insufficient_user_authentication");
    expect(asked.headers["www-authenticate"]).toContain("/.chaperone/step-up");
    const cancel = {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        origin: `http://127.0.0.1:${String(lab.port)}`,
      },
      body: "cancel=1",
    };
    expect(text(await lab.ask("/.chaperone/step-up"))).toContain("is it you?");
    await lab.ask("/.chaperone/answer", cancel);
  });

  it("sends a file whose digest is told", async () => {
    const answer = await lab.ask("/backup");
    expect(answer.body.equals(BACKUP)).toBe(true);
    const sha256 = createHash("sha256").update(BACKUP).digest("hex");
    const file = (path: string) =>
      lab.events("file.transferred").find(({ data }) => data["path"] === path)?.data;
    await eventually(() => file("/backup")).toMatchObject({
      direction: "download",
      bytes: BACKUP.length,
      sha256,
      outcome: "passed",
    });
    const part = await lab.ask("/backup", { headers: { range: "bytes=10-19" } });
    expect(part.status).toBe(206);
    expect(part.body.equals(BACKUP.subarray(10, 20))).toBe(true);
    expect((await lab.ask("/packed")).headers["content-encoding"]).toBe("gzip");
    await eventually(() => file("/packed")).toMatchObject({ sha256 });
  });

  it("gets files whose digests are told, however large", async () => {
    const content = Buffer.alloc(3 * 1024 * 1024, "x\r\n--y");
    const body = Buffer.concat([
      Buffer.from('--b\r\ncontent-disposition: form-data; name="f"; filename="a.bin"\r\n\r\n'),
      content,
      Buffer.from("\r\n--b--\r\n"),
    ]);
    const headers = { "content-type": "multipart/form-data; boundary=b" };
    await lab.ask("/upload", { method: "POST", headers, body });
    const seen = lab.console.seen.find(({ url }) => url === "/upload");
    expect(seen?.body.equals(body)).toBe(true);
    await eventually(() =>
      lab.events("file.transferred").find(({ data }) => data["path"] === "a.bin"),
    ).toMatchObject({
      data: {
        direction: "upload",
        bytes: content.length,
        sha256: createHash("sha256").update(content).digest("hex"),
      },
    });
  });

  it("leads redirects and cookies back under the public name", async () => {
    const cookies = new Map<string, string>();
    await lab.ask("/", { cookies });
    const away = await lab.ask("/away", { cookies });
    expect(away.headers.location).toBe(`http://127.0.0.1:${String(lab.port)}/there`);
    expect(away.headers["set-cookie"]).toEqual(["theme=dark; Path=/", "x=1; Path=/sub"]);
  });

  it("sends events as they happen", async () => {
    expect(text(await lab.ask("/events"))).toBe("data: one\n\ndata: two\n\n");
  });

  it("is stopped by an operator: listed, suspended, resumed, killed", async () => {
    const cookies = new Map<string, string>();
    const person = "bob-the-operated";
    await lab.ask("/", { cookies, person });
    const listed = (await lab.api("GET", "/v1/sessions")) as {
      sessions: { id: string; person: string; protocol: string }[];
    };
    const one = listed.sessions.find((session) => session.person === person);
    expect(one?.protocol).toBe("web");
    const id = one?.id ?? "";
    await lab.api("POST", `/v1/sessions/${id}/suspend`, { reason: "look at this" });
    let answered = false;
    const held = lab.ask("/held", { cookies, person }).finally(() => (answered = true));
    await eventually(() => lab.events("session.suspended").length).toBe(1);
    expect(answered).toBe(false);
    expect(lab.console.seen.some(({ url }) => url === "/held")).toBe(false);
    await lab.api("POST", `/v1/sessions/${id}/resume`, { reason: "all is well" });
    expect((await held).status).toBe(200);
    await lab.api("POST", `/v1/sessions/${id}/kill`, { reason: "enough" });
    await eventually(() => lab.events("session.closed").some(({ subject }) => subject === id)).toBe(
      true,
    );
    const over = await lab.ask("/", { cookies, person });
    expect(text(over)).toContain("This session is over");
    expect(cookies.has("chaperone-wiki")).toBe(false);
  });

  it("ends where a rule wants the end", async () => {
    const answer = await lab.ask("/the-end", { person: "carol" });
    expect(answer.status).toBe(403);
    await eventually(() =>
      lab.events("session.closed").some(({ data }) => JSON.stringify(data).includes("carol")),
    ).toBe(true);
  });
});
