import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { err, fault, ok, Secret, sessionId, type SessionId } from "../../kernel/index.js";
import type { InputBody, PersonFacts } from "../../model/index.js";
import { createFakeClock, type FakeClock } from "../../testing/index.js";
import type { OutOfBandFactor } from "./factor-desk.js";
import { openJournal, type Journal } from "./journal.js";
import type {
  Destinations,
  HoursRules,
  IdentityDesk,
  LoginAttempt,
  LoginFacts,
  LoginProof,
  LoginRules,
  TokenDesk,
} from "./ports.js";
import { createRegistry, type Registry } from "./registry.js";

export const RULES: LoginRules = {
  methods: ["publickey", "password", "keyboard-interactive"],
  totp: "when-enrolled",
  failuresPerConnectionMax: 4,
  failuresPerPersonMax: 5,
  failuresPerAddressMax: 20,
  failureWindowMs: 60_000,
  lockMs: 300_000,
};

export const ALICE: PersonFacts = {
  name: "alice",
  groups: ["dba"],
  phrase: "green boat",
  factors: ["totp", "password"],
};
export const BOB: PersonFacts = {
  name: "bob",
  groups: [],
  phrase: "red hat",
  factors: ["password"],
};

export const text = (value: string): Secret => new Secret(Buffer.from(value));

/** Passwords are `<name>-password`, keys `<name>-key`, and the code of TOTP step n is `step-n`. */
export function fakeIdentity(): IdentityDesk {
  const people = new Map([ALICE, BOB].map((person) => [person.name, person]));
  const said = (answer: Secret): string => answer.reveal((bytes) => Buffer.from(bytes).toString());
  return {
    find: (name) => people.get(name),
    hasKey: (name, blob) => people.has(name) && Buffer.from(blob).toString() === `${name}-key`,
    verifyPassword: (name, answer) =>
      Promise.resolve(
        people.has(name) && said(answer) === `${name}-password` ? "accepted" : "wrong",
      ),
    matchTotp(name, answer) {
      const step = /^step-(?<step>\d+)$/.exec(said(answer))?.groups?.["step"];
      const enrolled = people.get(name)?.factors.includes("totp") === true;
      return enrolled && step !== undefined ? Number(step) : null;
    },
  };
}

/** `person@target`, with the targets `db-1` and `db-2`; host keys are trusted on first use. */
export function fakeDestinations(): Destinations<string> {
  return {
    claim(userName) {
      const [person = "", target] = userName.split("@");
      if (person === "") return null;
      return target === undefined ? { person } : { person, target };
    },
    choose: (claim) =>
      claim.target?.startsWith("db-") === true
        ? ok({
            account: "root",
            target: { name: claim.target, address: "127.0.0.1:22", labels: {}, embedded: false },
            takesPassword: claim.target === "db-passthrough",
          })
        : err(fault("CHP_RUNTIME_NO_DESTINATION", "there is no target for you")),
    plan: (facts, offered, firstUse) =>
      Promise.resolve(
        ok(
          `${facts.target.name} ${offered.password === undefined ? "" : "password "}${firstUse?.algorithm ?? "any"}`,
        ),
      ),
    judgeHostKey: () => "first-use",
  };
}

export interface Lab {
  readonly registry: Registry<string>;
  readonly journal: Journal;
  readonly clock: FakeClock;
  readonly path: string;
  /** What sessions were told from outside. */
  readonly told: { readonly session: SessionId; readonly input: InputBody }[];
  readonly lockOrders: {
    readonly person: string;
    readonly rule: string;
    readonly reason: string;
  }[];
  /** The same files, as after a restart. */
  restart(): Lab;
}

export function registryLab(
  over: Partial<LoginRules> = {},
  path = newPath(),
  clock = createFakeClock(),
  factors: readonly OutOfBandFactor[] = [],
): Lab {
  return openLab(over, { path, clock, factors });
}

/** A lab in which times may be prohibited. */
export function hoursLab(hours: HoursRules): Lab {
  return openLab({}, { path: newPath(), clock: createFakeClock(), factors: [], hours });
}

export function tokenLab(tokens: TokenDesk): Lab {
  return openLab({}, { path: newPath(), clock: createFakeClock(), factors: [], tokens });
}

interface LabParts {
  readonly path: string;
  readonly clock: FakeClock;
  readonly factors: readonly OutOfBandFactor[];
  readonly tokens?: TokenDesk;
  readonly hours?: HoursRules;
}

function openLab(over: Partial<LoginRules>, parts: LabParts): Lab {
  const { path, clock, factors, tokens, hours } = parts;
  const opened = openJournal(path, clock.wall() / 1_000);
  if (!opened.ok) throw new Error(opened.error.message);
  const journal = opened.value;
  const told: Lab["told"] = [];
  const lockOrders: Lab["lockOrders"] = [];
  const registry = createRegistry(
    {
      identity: fakeIdentity(),
      destinations: fakeDestinations(),
      journal,
      clock,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      tell: (session, input) => void told.push({ session, input }),
      lockOrdered: (person, rule, reason) => void lockOrders.push({ person, rule, reason }),
      factors,
      ...(tokens === undefined ? {} : { tokens }),
    },
    {
      login: { ...RULES, ...over },
      limits: { sessionsMax: 3, sessionsPerPersonMax: 2 },
      ...(hours === undefined ? {} : { hours }),
    },
  );
  return {
    registry,
    journal,
    clock,
    path,
    told,
    lockOrders,
    restart() {
      journal.close();
      return openLab(over, parts);
    },
  };
}

function newPath(): string {
  return join(mkdtempSync(join(tmpdir(), "chaperone-registry-")), "registry.journal");
}

export function login(session: string, userName = "alice@db-1", origin = "192.0.2.1"): LoginFacts {
  return {
    session: sessionId(session),
    origin,
    clientVersion: "OpenSSH_9.9",
    userName,
    passed: [],
  };
}

export const KEY = (name: string, proved = true): LoginProof => ({
  method: "publickey",
  algorithm: "ssh-ed25519",
  blob: Buffer.from(`${name}-key`),
  proved,
});
export const PASSWORD = (value: string): LoginProof => ({
  method: "password",
  password: text(value),
});
export const ANSWER = (value: string): LoginProof => ({
  method: "keyboard-interactive",
  answers: [text(value)],
});

export async function attempt(lab: Lab, facts: LoginFacts, proof: LoginProof) {
  const question: LoginAttempt = { ...facts, proof };
  return await lab.registry.answer<"authenticate">(
    { kind: "authenticate", attempt: question },
    { stream: "w0" },
  );
}

/** A complete login and an open session. */
export async function openSession(lab: Lab, facts: LoginFacts, proof: LoginProof) {
  const { opening } = await attempt(lab, facts, proof);
  if (opening === undefined) throw new Error("the login is not complete");
  return opening;
}
