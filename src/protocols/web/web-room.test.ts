import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type Server,
} from "node:http";
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
} from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { EventDraft } from "../../events/index.js";
import {
  encodeUtf8,
  err,
  fault,
  ok,
  Secret,
  type Micros,
  type WallMicros,
} from "../../kernel/index.js";
import type { SessionFacts } from "../../model/index.js";
import { parseAddressList } from "../../net/index.js";
import { compileRules } from "../../rules/index.js";
import { createSession, type SessionSeed } from "../../session/index.js";
import type { WebCredential, WebLogin, WebPorts, WebRoute } from "./ports.js";
import { createWebServer, type WebServer } from "./listener/server.js";

const RULES = `apiVersion: chaperone/v1
kind: RulePack
metadata: { name: lab, version: 1.0.0 }
rules:
  - { id: no-admin, name: A, criticality: high, match: { http: { path: /admin/** } }, action: block }
`;
const ROUTE: WebRoute = {
  target: "wiki",
  hosts: [],
  prefix: "",
  ownHost: false,
  literalSlash: false,
  terminals: [],
  script: false,
};

interface Seen {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** The web rooms alone: a session's core behind them, an authority that believes a header, an application. */
class Lab {
  readonly seen: Seen[] = [];
  readonly events: EventDraft[] = [];
  readonly refused: string[] = [];
  /** Whether what was told is kept, once it is: at once, unless a test says otherwise. */
  kept: (then: (kept: boolean) => void) => void = (then) => then(true);
  readonly #folder = mkdtempSync(join(tmpdir(), "chaperone-web-room-"));
  readonly #application: Server;
  readonly #door: TcpServer;
  readonly #web: WebServer;

  constructor(credential: WebCredential, routes: readonly WebRoute[]) {
    this.#application = createServer((request, reply) => {
      this.seen.push({ url: request.url ?? "", headers: request.headers });
      const { port } = this.#application.address() as AddressInfo;
      if (request.url === "/broken") reply.destroy();
      else if (request.url === "/moved") {
        reply
          .writeHead(302, {
            location: `http://127.0.0.1:${String(port)}/new`,
            "set-cookie": "a=1; Path=/x",
          })
          .end();
      } else reply.end("application");
    });
    const peers = parseAddressList(["127.0.0.1"]);
    if (!peers.ok) throw new Error("no list");
    this.#web = createWebServer(this.#ports(credential), {
      routes,
      identity: {
        assertionHeader: null,
        certificate: false,
        personHeader: { name: "x-person", from: peers.value },
      },
      forwardAuth: null,
      folder: this.#folder,
      requestLog: false,
    });
    this.#door = createTcpServer({ pauseOnConnect: true }, (socket) =>
      this.#web.accept(socket, "127.0.0.1"),
    );
  }

  async start(): Promise<void> {
    for (const one of [this.#application, this.#door]) {
      await new Promise<void>((resolve) => one.listen(0, "127.0.0.1", resolve));
    }
  }

  #ports(credential: WebCredential): WebPorts {
    const person = (login: WebLogin): string =>
      login.proof.method === "gateway" && login.proof.claim.by === "header"
        ? login.proof.claim.person
        : "";
    const people = new Map<string, { readonly name: string; readonly target: string }>();
    return {
      authority: {
        authenticate: (login) => {
          const name = person(login);
          if (name === "" || name === "nobody") return Promise.resolve({ type: "refused" });
          const target = login.proof.method === "gateway" ? login.proof.target : "";
          people.set(login.session, { name, target });
          const facts = { name, groups: [], phrase: "", factors: [] };
          return Promise.resolve({ type: "accepted", person: facts });
        },
        openSession: (login) => {
          const known = people.get(login.session);
          if (known === undefined || known.name === "full") {
            return Promise.resolve(err(fault("CHP_RUNTIME_SESSION_LIMIT", "too many sessions")));
          }
          const facts: SessionFacts = {
            id: login.session,
            protocol: "web",
            person: login.person,
            account: "root",
            target: {
              name: known.target,
              address: "",
              labels: {},
              embedded: false,
              protocol: "web",
            },
            origin: login.origin,
            clientVersion: login.clientVersion,
            authMethods: [],
          };
          return Promise.resolve(ok({ facts }));
        },
        vouch: () => Promise.resolve(null),
        refused: (_login, why) => void this.refused.push(why.code),
      },
      sessions: {
        open: (facts, traffic) => {
          const session = createSession(seedOf(facts));
          let at = 0;
          return {
            told: (then) => this.kept(then),
            input: (body) => {
              at += 1;
              const stamp = { at: at as Micros, wall: at as WallMicros };
              for (const effect of session.step({ ...stamp, ...body })) {
                if (effect.kind === "emit") this.events.push(effect.event);
                else if (
                  effect.kind === "web-verdict" ||
                  effect.kind === "page" ||
                  effect.kind === "close-session"
                ) {
                  traffic.carryOut(effect);
                }
              }
            },
          };
        },
      },
      targets: {
        plan: () => {
          const { port } = this.#application.address() as AddressInfo;
          const plan = {
            type: "web",
            secure: false,
            host: "127.0.0.1",
            port,
            connectTimeoutMs: 5_000,
          } as const;
          return Promise.resolve(ok({ ...plan, credential }));
        },
      },
      log: { warn: () => undefined },
    };
  }

  get port(): number {
    return (this.#door.address() as AddressInfo).port;
  }

  ask(
    path: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
    return new Promise((resolve, reject) => {
      const all = { "x-person": "alice", ...headers };
      httpRequest(
        { host: "127.0.0.1", port: this.port, path, headers: all, agent: false },
        (answer) => {
          let body = "";
          answer.on("data", (piece: Buffer) => (body += piece.toString()));
          answer.on("end", () =>
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }),
          );
        },
      )
        .on("error", reject)
        .end();
    });
  }

  async close(): Promise<void> {
    await this.#web.close("tests over");
    for (const one of [this.#application, this.#door]) one.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function seedOf(facts: SessionFacts): SessionSeed {
  const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
  const rules = compileRules([{ file: "lab.yaml", text: RULES }], { sha256 });
  if (!rules.ok) throw new Error(JSON.stringify(rules.error));
  const fail = { onFail: "block", onTimeout: "block", timeoutMs: 60_000 } as const;
  const deny = "deny" as const;
  return {
    facts,
    channels: {
      ...{ shell: deny, exec: deny, sftp: deny, subsystem: deny, localForward: deny },
      ...{ remoteForward: deny, streamlocal: deny, agent: deny, x11: deny },
    },
    env: [],
    doubt: { onFault: "block", onUncertain: "alert", onUnparsed: "alert", audit: "normal" },
    stepUp: { factors: ["totp"], attempts: 3, graceMs: 0, ...fail },
    approval: { approvers: [], min: 1, ...fail },
    suspension: { timeoutMs: 60_000, onTimeout: "kill" },
    observation: { shown: true },
    graces: [],
    recording: { terminal: "off", input: "off" },
    rules: { current: () => rules.value },
    firstSequence: 0,
  };
}

const labs: Lab[] = [];
afterEach(async () => {
  for (const lab of labs.splice(0)) await lab.close();
});

async function open(
  credential: WebCredential = { type: "none" },
  routes: readonly WebRoute[] = [ROUTE],
): Promise<Lab> {
  const lab = new Lab(credential, routes);
  labs.push(lab);
  await lab.start();
  return lab;
}

const secret = (text: string): Secret => new Secret(encodeUtf8(text));

describe("the credential of an account", () => {
  it.each([
    [
      { type: "basic", user: "root", password: secret("p:w") },
      "authorization",
      `Basic ${btoa("root:p:w")}`,
    ],
    [{ type: "bearer", token: secret("t0ken") }, "authorization", "Bearer t0ken"],
    [{ type: "header", name: "X-Api-Key", value: secret("k\\r\\ney") }, "x-api-key", "k\\r\\ney"],
  ] as const)("is put in, whatever the person sends (%j)", async (credential, name, value) => {
    const lab = await open(credential);
    expect((await lab.ask("/", { [name]: "mine" })).body).toBe("application");
    expect(lab.seen[0]?.headers[name]).toBe(value);
  });
});

describe("the answer to a request", () => {
  it("has its end when what is told of the request is kept, and not before", async () => {
    const lab = await open();
    const told: boolean[] = [];
    lab.kept = (then) => {
      told.push(lab.events.some(({ type }) => type === "web.requested"));
      setImmediate(() => then(true));
    };
    expect((await lab.ask("/")).body).toBe("application");
    expect((await lab.ask("/moved")).status).toBe(302);
    expect(told).toEqual([true, true]);
  });

  it("is broken off where that could not be kept", async () => {
    const lab = await open();
    lab.kept = (then) => then(false);
    await expect(lab.ask("/")).rejects.toMatchObject({ code: "ECONNRESET" });
  });
});

describe("the way to an application", () => {
  const routes: readonly WebRoute[] = [
    { ...ROUTE, target: "root", hosts: ["127.0.0.1"] },
    { ...ROUTE, target: "under", hosts: ["127.0.0.1"], prefix: "/under", ownHost: true },
    { ...ROUTE, target: "other", hosts: ["other.example"] },
  ];

  it("is found by host and path, and the path is taken off", async () => {
    const lab = await open({ type: "none" }, routes);
    await lab.ask("/under/page?x=1");
    await lab.ask("/underneath");
    expect(lab.seen.map(({ url }) => url)).toEqual(["/page?x=1", "/underneath"]);
    expect(lab.seen[0]?.headers).toMatchObject({
      "x-forwarded-prefix": "/under",
      "x-forwarded-host": `127.0.0.1:${String(lab.port)}`,
    });
    expect(lab.seen[0]?.headers.host).not.toBe(lab.seen[1]?.headers.host);
    expect((await lab.ask("/", { host: "nowhere.example" })).status).toBe(404);
    const told = lab.events.filter(({ type }) => type === "session.opened");
    expect(told).toHaveLength(2);
  });

  it("leads back under the same path", async () => {
    const lab = await open({ type: "none" }, routes);
    const moved = await lab.ask("/under/moved");
    expect(moved.headers.location).toBe(`http://127.0.0.1:${String(lab.port)}/under/new`);
    expect(moved.headers["set-cookie"]?.at(0)).toBe("a=1; Path=/under/x");
    expect(moved.headers["set-cookie"]?.at(1)).toMatch(/^chaperone-under=/);
  });

  it("is the same for rules, whatever the path in front", async () => {
    const lab = await open({ type: "none" }, routes);
    expect((await lab.ask("/under/admin/x")).status).toBe(403);
    expect((await lab.ask("/admin/x")).status).toBe(403);
    expect(lab.seen).toEqual([]);
  });

  it("is told when it is broken", async () => {
    const lab = await open();
    const answer = await lab.ask("/broken", { accept: "text/html" });
    expect(answer.status).toBe(502);
    expect(answer.body).toContain("CHP_WEB_TARGET");
    await expect
      .poll(() => lab.events.at(-1), { timeout: 15_000 })
      .toMatchObject({
        type: "web.requested",
        data: { status: 502 },
      });
  });
});

describe("a person at the web listener", () => {
  it("has one session however many requests come at once, and without a cookie too", async () => {
    const lab = await open();
    await Promise.all(Array.from({ length: 20 }, (_, i) => lab.ask(`/${String(i)}`)));
    await lab.ask("/again");
    expect(lab.seen).toHaveLength(21);
    expect(lab.events.filter(({ type }) => type === "session.opened")).toHaveLength(1);
  });

  it("does not come in when nobody believes them, or too many are in", async () => {
    const lab = await open();
    expect((await lab.ask("/", { "x-person": "nobody" })).status).toBe(401);
    expect((await lab.ask("/", { "x-person": "full" })).status).toBe(429);
    expect((await lab.ask("/", { "x-person": "two words" })).status).toBe(401);
    expect(lab.refused).toEqual(["CHP_WEB_NOT_AUTHENTICATED"]);
    expect(lab.seen).toEqual([]);
  });
});
