import { Readable } from "node:stream";
import type { EventDraft } from "../events/index.js";
import { err, fault, ok, Secret } from "../kernel/index.js";
import { createTokenDesk } from "./access/token-desk.js";
import type { Role } from "./access/role.js";
import { createControlApi, type ControlApiOptions } from "./control-api.js";
import type { AdminServer } from "./http/server.js";
import type { AdminPorts, ApprovalDecision, LiveFrame, SessionOrder } from "./ports.js";
import { ROUTES } from "./routes/index.js";
import type { ApprovalView } from "./schema/approvals.js";
import type { PersonView } from "./schema/people.js";
import type { SessionView } from "./schema/sessions.js";

export const TOKENS: Readonly<Record<Role, string>> = {
  viewer: "viewer-token-of-the-lab-0000000000000001",
  operator: "operator-token-of-the-lab-00000000000002",
  admin: "admin-token-of-the-lab-000000000000000003",
};

export function aSession(id: string, over: Partial<SessionView> = {}): SessionView {
  return {
    id,
    protocol: "ssh",
    person: "alice",
    groups: ["dba"],
    account: "root",
    target: "db-1",
    labels: { env: "lab" },
    origin: "192.0.2.7",
    clientVersion: "SSH-2.0-OpenSSH_10.0",
    authMethods: ["publickey"],
    since: "2026-01-01T00:00:00.000Z",
    state: "open",
    context: {},
    channels: [{ id: 0, kind: "shell", terminal: true }],
    counts: { channels: 1, commands: 3, blocked: 0, reauths: 0 },
    observers: [],
    ...over,
  };
}

/** A sidecar behind the API that remembers what it was told to do. */
export interface AdminLab {
  readonly server: AdminServer;
  readonly url: string;
  readonly port: number;
  readonly told: readonly EventDraft[];
  /** Frames that a stream has brought, and its end. */
  readonly streamed: string[];
  readonly orders: readonly SessionOrder[];
  readonly decisions: readonly ApprovalDecision[];
  readonly sessions: Map<string, SessionView>;
  readonly people: Map<string, PersonView>;
  readonly approvals: Map<string, ApprovalView>;
  /** What a watch shows; null: the observer is to be kept waiting. */
  frames: (LiveFrame | null)[];
  /** Instead of `frames`: one after the other, without end. */
  endlessFrames?: () => LiveFrame;
  watchesClosed: number;
  recording: () => Readable;
  recordingBytes: number;
  /** False: events can not be kept. */
  keepsEvents: boolean;
  nowMs: number;
  call(path: string, options?: LabCall): Promise<Response>;
  end(): Promise<void>;
}

export interface LabCall {
  readonly method?: string;
  readonly role?: Role | null;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export async function startAdminLab(
  over: Partial<Pick<ControlApiOptions, "hosts" | "clients" | "tls" | "patience">> = {},
): Promise<AdminLab> {
  const told: EventDraft[] = [];
  const orders: SessionOrder[] = [];
  const decisions: ApprovalDecision[] = [];
  const tokens = createTokenDesk(
    Object.entries(TOKENS).map(([role, token]) => ({
      name: `lab-${role}`,
      role: role as Role, // the keys of TOKENS
      token: new Secret(Buffer.from(token)),
      file: `${role}.token`,
    })),
  );
  if (!tokens.ok) throw new Error(tokens.error.message);
  const lab: AdminLab = {
    told,
    orders,
    decisions,
    sessions: new Map([["s-1", aSession("s-1")]]),
    people: new Map([
      ["alice", { name: "alice", groups: ["dba"], factors: ["totp"], sessions: 1 }],
    ]),
    approvals: new Map(),
    frames: [],
    streamed: [],
    watchesClosed: 0,
    recording: () => Readable.from(["{}\n"]),
    recordingBytes: 3,
    keepsEvents: true,
    nowMs: Date.UTC(2026, 0, 1),
  } as unknown as AdminLab; // the rest follows once the server listens
  const started = await createControlApi(portsOf(lab, { told, orders, decisions }), {
    tokens: tokens.value,
    clients: new Map(),
    hosts: [],
    wallMs: () => lab.nowMs,
    answered: () => undefined,
    ...over,
  });
  if (!started.ok) throw new Error(started.error.message);
  const listening = await started.value.listen("127.0.0.1", 0);
  if (!listening.ok) throw new Error(listening.error.message);
  const { port } = listening.value;
  const url = `http://127.0.0.1:${port}`;
  return Object.assign(lab, {
    server: started.value,
    url,
    port,
    call(path: string, { method, role = "admin", body, headers, signal }: LabCall = {}) {
      return fetch(`${url}${path}`, {
        method: method ?? (body === undefined ? "GET" : "POST"),
        headers: {
          ...(role === null ? {} : { authorization: `Bearer ${TOKENS[role]}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal }),
      });
    },
    end: () => started.value.close(),
  });
}

interface Memory {
  readonly told: EventDraft[];
  readonly orders: SessionOrder[];
  readonly decisions: ApprovalDecision[];
}

function portsOf(lab: AdminLab, memory: Memory): AdminPorts {
  const missing = (what: string) => err(fault("CHP_ADMIN_NOT_FOUND", `there is no ${what}`));
  return {
    wallMs: () => lab.nowMs,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    tell(event) {
      if (lab.keepsEvents) memory.told.push(event);
      return lab.keepsEvents;
    },
    sessions: {
      list: () => Promise.resolve([...lab.sessions.values()]),
      get: (id) => Promise.resolve(lab.sessions.get(id)),
      order(order) {
        if (!lab.sessions.has(order.session)) return Promise.resolve(missing("such session"));
        memory.orders.push(order);
        if (order.do === "kill") lab.sessions.delete(order.session);
        return Promise.resolve(ok({ session: order.session, outcome: "done" as const }));
      },
      orderMany(order) {
        const ids = order.which.sessions ?? [...lab.sessions.keys()];
        return Promise.resolve({
          outcomes: ids.map((session) => ({
            session,
            outcome: lab.sessions.has(session) ? ("done" as const) : ("no-such-session" as const),
          })),
        });
      },
      control: ({ session, observer }) =>
        Promise.resolve(
          session === "s-1" && observer === "o-1"
            ? ok({ session, observer, outcome: "done" as const })
            : missing("such observer"),
        ),
      watch(request) {
        if (!lab.sessions.has(request.session)) return Promise.resolve(missing("such session"));
        return Promise.resolve(ok(watchOf(lab)));
      },
    },
    approvals: {
      list: () => [...lab.approvals.values()],
      decide(decision) {
        if (!lab.approvals.delete(decision.id)) return Promise.resolve(missing("such approval"));
        memory.decisions.push(decision);
        const outcome = decision.decision === "approve" ? "approved" : "denied";
        return Promise.resolve(ok({ id: decision.id, outcome } as const));
      },
    },
    challenges: { list: () => [], answer: ({ id }) => Promise.resolve(answered(id)) },
    people: {
      list: () => [...lab.people.values()],
      get: (name) => lab.people.get(name),
      lock: ({ person }) => {
        const known = lab.people.has(person);
        const sessions = known ? 1 : 0;
        return Promise.resolve(ok({ person, known, outcome: "done" as const, sessions }));
      },
      unlock: ({ person }) => {
        const known = lab.people.has(person);
        return Promise.resolve(ok({ person, known, outcome: "already" as const, sessions: 0 }));
      },
    },
    inspections: {
      open: ({ failMode, mode, deadlineMs }) => {
        const stream = "/v1/sessions/s-9/stream";
        return Promise.resolve(ok({ id: "s-9", stream, failMode, mode, deadlineMs }));
      },
      inspect: ({ session, unit }) =>
        Promise.resolve(
          session === "s-1"
            ? ok({ seq: unit.seq, verdict: "allow" as const, told: "" })
            : missing("such session"),
        ),
      end: (id) => (id === "s-1" ? ok(null) : missing("such session")),
      stream: (session) =>
        session === "s-1"
          ? ok({
              frame: (frame) => void lab.streamed.push(frame.type),
              gone: () => void lab.streamed.push("gone"),
            })
          : missing("such session"),
    },
    factors: {
      enrol: ({ person }) =>
        Promise.resolve(
          lab.people.has(person)
            ? ok({
                id: "e-1",
                person,
                factors: ["totp" as const],
                expiresAt: "2026-01-01T01:00:00.000Z",
                link: "http://localhost:8687/e/of-the-lab",
              })
            : missing("such person"),
        ),
      enrolments: () => [],
      revoke: (id) => id === "e-1",
      list: () => [],
      remove: ({ id }) => Promise.resolve(ok(id === "totp")),
    },
    rules: {
      inForce: () => ({ digest: "d", files: [], rules: [], warnings: [] }),
      validate: (files) => ({
        valid: files.every((one) => one.text !== "bad"),
        faults: [],
        failedTests: [],
      }),
      reload: () => ({ loaded: true, digest: "d", rules: 0, faults: [] }),
      shadow: () => ({ since: "2026-01-01T00:00:00.000Z", rows: [], dropped: 0 }),
    },
    recordings: {
      list: () => Promise.resolve([]),
      open: (id) =>
        Promise.resolve(
          id === "s-1-0"
            ? ok({
                bytes: lab.recordingBytes,
                fileName: `${id}.cast`,
                format: "asciicast",
                encrypted: false,
                content: lab.recording(),
              })
            : missing("such recording"),
        ),
      openContent: (name) =>
        Promise.resolve(
          name === "s-1-0.content-1"
            ? ok({ bytes: 5, fileName: `${name}.bin`, content: Readable.from(["bytes"]) })
            : missing("such content"),
        ),
    },
    viewings: {
      issue: () =>
        Promise.resolve(
          ok({
            link: "http://localhost:8687/v/of-the-lab",
            expiresAt: "2026-01-01T00:15:00.000Z",
          }),
        ),
    },
    sessionTokens: {
      issue: ({ person, target }) =>
        ok({
          id: "t-1",
          person,
          target,
          expiresAt: "2026-01-01T00:01:00.000Z",
          token: "chp-of-the-lab",
          ssh: { host: "127.0.0.1", port: 2222, user: "chp-of-the-lab" },
        }),
      list: () => [],
      revoke: (id) => (id === "t-1" ? ok(null) : missing("such token")),
    },
    facts: {
      about: () => ({ version: "0", site: "lab", node: "n", startedAt: "2026-01-01T00:00:00Z" }),
      readiness: () => ({ ready: true, checks: [{ name: "spool", ok: true }] }),
      metrics: () => Promise.resolve({ type: "text/plain; version=0.0.4", text: "up 1\n" }),
    },
  };
}

function watchOf(lab: AdminLab) {
  let closed = false;
  let end: () => void;
  const over = new Promise<void>((resolve) => (end = resolve));
  async function* frames(): AsyncGenerator<LiveFrame> {
    while (lab.endlessFrames !== undefined && !closed) yield lab.endlessFrames();
    for (const frame of lab.frames) {
      if (frame !== null) yield frame;
      else await over;
    }
  }
  return {
    frames: frames(),
    close() {
      if (closed) return;
      closed = true;
      end();
      lab.watchesClosed += 1;
    },
  };
}

export { ROUTES };

/** One challenge is open, and whatever answers it is right. */
function answered(id: string) {
  return id === "s-1.7"
    ? ok({ id, outcome: "accepted" } as const)
    : err(fault("CHP_ADMIN_NOT_FOUND", "there is no such challenge"));
}
