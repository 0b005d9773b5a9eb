import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Secret, type Fault } from "../../kernel/index.js";
import { createHttpClient, type HttpClient } from "../../net/index.js";
import { createGateway, type Gateway } from "./gateway.js";
import { createSignedCaller, type SignedCaller } from "./signed-call.js";
import { createWebhookDirectory, type WebhookDirectory } from "./webhook-directory.js";
import { createWebhookFactor, type WebhookOutcome } from "./webhook-factor.js";

const KEY = "k".repeat(40);
const mac = (text: string, key = KEY): string =>
  `v1,${createHmac("sha256", key).update(text).digest("base64")}`;
const password = (text: string): Secret => new Secret(Buffer.from(text));

interface Asked {
  readonly question: Readonly<Record<string, unknown>>;
  readonly signed: boolean;
}
/** What the gateway says, and how. */
interface Says {
  readonly body: unknown;
  readonly status?: number;
  readonly signature?: (id: string, text: string) => string;
  readonly never?: boolean;
}

let server: Server;
let http: HttpClient;
let gateway: Gateway;
let caller: SignedCaller;
let says: (question: Readonly<Record<string, unknown>>) => Says;
const asked: Asked[] = [];

beforeEach(async () => {
  asked.length = 0;
  says = () => ({ body: {} });
  server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      const id = String(request.headers["webhook-id"]);
      const time = String(request.headers["webhook-timestamp"]);
      const signed = request.headers["webhook-signature"] === mac(`${id}.${time}.${text}`);
      const question = JSON.parse(text) as Readonly<Record<string, unknown>>;
      asked.push({ question, signed });
      const said = says(question);
      if (said.never === true) return;
      const body = typeof said.body === "string" ? said.body : JSON.stringify(said.body);
      const signature = said.signature?.(id, body) ?? mac(`${id}.${body}`);
      response.writeHead(said.status ?? 200, { "webhook-signature": signature }).end(body);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const client = createHttpClient({ timeoutMs: 1_000 });
  if (!client.ok) throw new Error(client.error.message);
  http = client.value;
  caller = createSignedCaller({
    url: new URL(`http://127.0.0.1:${port}/hook`),
    key: password(KEY),
    http,
    timeoutMs: 300,
    wallMs: Date.now,
  });
  gateway = createGateway(caller);
});
afterEach(() => {
  http.close();
  server.closeAllConnections();
  server.close();
});

describe("a question to a gateway", () => {
  it("is signed, and its signed answer is believed", async () => {
    says = () => ({ body: { accepted: true } });
    expect(await gateway.password("alice", password("hunter2"))).toEqual({ ok: true, value: true });
    expect(asked).toEqual([
      { signed: true, question: { kind: "password", person: "alice", password: "hunter2" } },
    ]);
  });

  it.each<[string, Says]>([
    [
      "signed with another key",
      { body: { accepted: true }, signature: (id, t) => mac(`${id}.${t}`, "x") },
    ],
    [
      "signed for another question",
      { body: { accepted: true }, signature: (_, t) => mac(`0.${t}`) },
    ],
    ["not signed", { body: { accepted: true }, signature: () => "" }],
    ["an error", { body: { accepted: true }, status: 500 }],
    ["a redirect", { body: { accepted: true }, status: 302 }],
    ["no JSON", { body: "yes" }],
    ["of another form", { body: { accepted: "true" } }],
    ["empty", { body: "" }],
    ["not there in time", { body: {}, never: true }],
  ])("has no answer when it is %s", async (_what, said) => {
    says = () => said;
    const answer = await gateway.password("alice", password("hunter2"));
    expect(answer).toMatchObject({ ok: false, error: { code: "CHP_IDENTITY_WEBHOOK" } });
    expect(JSON.stringify(answer)).not.toContain("hunter2");
  });

  it("may be answered while keys are changed: one good signature of several is enough", async () => {
    says = () => ({
      body: { accepted: true },
      signature: (id, text) => `${mac("old")} ${mac(`${id}.${text}`)}`,
    });
    expect((await gateway.password("alice", password("x"))).ok).toBe(true);
  });

  it("about a way is refused with the gateway's own words", async () => {
    says = () => ({ body: { allowed: false, reason: "not on Sundays" } });
    expect(
      await gateway.authorize({ session: "s", person: "alice", origin: "192.0.2.1" }),
    ).toMatchObject({
      ok: false,
      error: { code: "CHP_IDENTITY_NOT_AUTHORIZED", message: "not on Sundays" },
    });
  });

  it("about a credential is answered by a password or a key", async () => {
    const request = { session: "s", person: "alice", target: "db-1", account: "root" };
    says = () => ({ body: { privateKey: "PEM", passphrase: "open" } });
    expect(await gateway.credential(request)).toMatchObject({ ok: true, value: { type: "key" } });
    says = () => ({ body: { password: "hunter2" } });
    expect(JSON.stringify(await gateway.credential(request))).not.toContain("hunter2");
    says = () => ({ body: { password: "" } });
    expect((await gateway.credential(request)).ok).toBe(false);
  });
});

describe("the directory of a gateway", () => {
  let nowMs = 0;
  let directory: WebhookDirectory;
  const failures: Fault[] = [];
  beforeEach(() => {
    nowMs = 1_000;
    failures.length = 0;
    directory = createWebhookDirectory(gateway, {
      cacheMs: 30_000,
      nowMs: () => nowMs,
      phraseOf: (person) => `phrase of ${person}`,
      failed: (_question, why) => failures.push(why),
    });
  });

  it("is asked once for many connections, and again when the answer is old", async () => {
    says = () => ({ body: { person: { groups: ["dba"] } } });
    await Promise.all(Array.from({ length: 20 }, () => directory.prepare("alice")));
    await directory.prepare("alice");
    expect(asked).toHaveLength(1);
    expect(directory.find("alice")).toEqual({
      name: "alice",
      groups: ["dba"],
      phrase: "phrase of alice",
      factors: ["password"],
    });
    nowMs += 30_000;
    await directory.prepare("alice");
    expect(asked).toHaveLength(2);
  });

  it("forgets whom it can not ask about: an old answer is no answer", async () => {
    says = () => ({ body: { person: { groups: ["dba"] } } });
    await directory.prepare("alice");
    nowMs += 30_000;
    says = () => ({ body: {}, status: 503 });
    await directory.prepare("alice");
    expect(directory.find("alice")).toBeUndefined();
    expect(failures).toHaveLength(1);
  });

  it("does not know whom the gateway does not know", async () => {
    says = () => ({ body: { person: null } });
    await directory.prepare("mallory");
    expect(directory.find("mallory")).toBeUndefined();
    expect(directory.hasKey("mallory", Buffer.from("any"))).toBe(false);
  });

  it("never takes silence for a right password", async () => {
    says = () => ({ body: {}, never: true });
    expect(await directory.verifyPassword("alice", password("x"))).toBe("unavailable");
    says = () => ({ body: { accepted: false } });
    expect(await directory.verifyPassword("alice", password("x"))).toBe("wrong");
    says = () => ({ body: { accepted: true } });
    expect(await directory.verifyPassword("alice", password("x"))).toBe("accepted");
  });
});

describe("the webhook factor", () => {
  const ASK = {
    id: "s-1.7",
    session: {
      id: "s-1",
      person: { name: "alice" },
      account: "root",
      target: { name: "db-1" },
      origin: "192.0.2.1",
    },
    trigger: "rule-1",
    reason: "why",
    deadlineMs: 60_000,
  };

  function ask() {
    const offers: { readonly text: string; readonly code?: string }[] = [];
    const outcomes: WebhookOutcome[] = [];
    const factor = createWebhookFactor(caller, () => undefined);
    factor.begin(ASK, {
      offered: (offer) => offers.push(offer),
      settled: (outcome) => outcomes.push(outcome),
    });
    return { factor, offers, outcomes };
  }
  const soon = { timeout: 15_000, interval: 10 };

  it("shows what the person has to do, and takes the answer that comes back, once", async () => {
    says = () => ({ body: { offer: { text: "Tap your phone.", code: "42" } } });
    const { factor, offers, outcomes } = ask();
    await vi.waitFor(() => expect(offers).toEqual([{ text: "Tap your phone.", code: "42" }]), soon);
    expect(asked[0]).toMatchObject({ signed: true, question: { kind: "challenge", id: "s-1.7" } });
    expect(factor.answer("s-1.8", true)).toBe(false);
    expect(factor.answer("s-1.7", true)).toBe(true);
    expect(factor.answer("s-1.7", false)).toBe(false);
    expect(outcomes).toEqual([{ type: "accepted" }]);
  });

  it("may be answered at once, for good or bad", async () => {
    says = () => ({ body: { outcome: "refused" } });
    const { outcomes } = ask();
    await vi.waitFor(() => expect(outcomes).toEqual([{ type: "refused", reason: "wrong" }]), soon);
  });

  it.each<[string, Says]>([
    ["does not answer", { body: {}, never: true }],
    ["signs with another key", { body: { outcome: "accepted" }, signature: () => "v1,x" }],
    ["says something else", { body: { outcome: "perhaps" } }],
    ["would move the cursor of the person's terminal", { body: { offer: { text: "\u001b[2J" } } }],
  ])("refuses when the other side %s", async (_what, said) => {
    says = () => said;
    const { outcomes, offers } = ask();
    await vi.waitFor(
      () => expect(outcomes).toEqual([{ type: "refused", reason: "unavailable" }]),
      soon,
    );
    expect(offers).toEqual([]);
  });

  it("that was withdrawn takes no answer", async () => {
    says = () => ({ body: {} });
    const { factor, outcomes, offers } = ask();
    factor.withdraw("s-1.7");
    expect(factor.answer("s-1.7", true)).toBe(false);
    await vi.waitFor(() => expect(asked).toHaveLength(1), soon);
    expect([outcomes, offers]).toEqual([[], []]);
  });
});
