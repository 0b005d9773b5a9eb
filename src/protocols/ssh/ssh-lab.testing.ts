import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { ok, Secret, type Result, type Fault } from "../../kernel/index.js";
import type { Effect, InputBody, SessionFacts } from "../../model/index.js";
import type { SshServerOptions } from "./listener/options.js";
import { createSshServer, type SshServer } from "./listener/server.js";
import type {
  DialPlan,
  LoginAttempt,
  LoginOutcome,
  OpenedSession,
  SshPorts,
  Traffic,
  TrafficEffect,
} from "./ports.js";

/**
 * A laboratory with the real programs: OpenSSH's sshd on loopback, the sidecar's SSH server in this
 * process with a core that allows everything, and OpenSSH's clients. Everything lives in one folder
 * below the system's temporary folder and is gone after `close`.
 */
export const SSHD = "/usr/sbin/sshd";
export const hasSshd = existsSync(SSHD);

export interface Lab {
  readonly folder: string;
  readonly sshd: Sshd;
  readonly proxy: LabProxy;
  /** Arguments of an OpenSSH client that logs in by key, straight to sshd or through the sidecar. */
  clientOptions(): readonly string[];
  run(program: string, args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** `ssh` through the sidecar. */
  ssh(args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** `ssh` straight to sshd, to compare with. */
  sshDirect(args: readonly string[], options?: RunOptions): Promise<RunResult>;
  close(): Promise<void>;
}

export interface LabOptions {
  readonly sshdConfig?: readonly string[];
  readonly server?: Partial<SshServerOptions>;
  readonly core?: LabCore;
  readonly plan?: (lab: { readonly sshdPort: number; readonly folder: string }) => DialPlan;
  readonly authority?: Partial<SshPorts["authority"]>;
  readonly targets?: Partial<SshPorts["targets"]>;
}

export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const folder = mkdtempSync(path.join(tmpdir(), "chaperone-lab-"));
  generateKey(path.join(folder, "person"), "ed25519");
  generateKey(path.join(folder, "proxy-host"), "ed25519");
  const sshd = await startSshd(folder, options.sshdConfig ?? []);
  const proxy = await startProxy(folder, sshd.port, options);
  const common = [
    ["IdentityFile", path.join(folder, "person")],
    ["IdentitiesOnly", "yes"],
    ["StrictHostKeyChecking", "no"],
    ["UserKnownHostsFile", "/dev/null"],
    ["LogLevel", "ERROR"],
    ["PreferredAuthentications", "publickey"],
    ["ControlPath", "none"],
  ].flatMap(([name, value]) => ["-o", `${name ?? ""}=${value ?? ""}`]);
  const run = (program: string, args: readonly string[], runOptions?: RunOptions) =>
    runProgram(program, args, { env: { HOME: folder }, ...runOptions });
  const to = (port: number) => ["-F", "none", ...common, "-p", String(port)];
  return {
    folder,
    sshd,
    proxy,
    clientOptions: () => ["-F", "none", ...common],
    run,
    ssh: (args, o) => run("ssh", [...to(proxy.port), "root@127.0.0.1", ...args], o),
    sshDirect: (args, o) => run("ssh", [...to(sshd.port), "root@127.0.0.1", ...args], o),
    async close() {
      await proxy.close();
      await sshd.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

// -- sshd --------------------------------------------------------------------------------------

export interface Sshd {
  readonly port: number;
  readonly pid: number;
  /** Public host key blob of the only host key. */
  readonly hostKey: Uint8Array;
  readonly log: () => string;
  close(): Promise<void>;
}

/** OpenSSH's server on loopback as root, with a configuration, keys, log and home of its own. */
export async function startSshd(folder: string, config: readonly string[] = []): Promise<Sshd> {
  mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  // What root's own shell does at its start (and says, when twenty start at once) is none of ours.
  const home = path.join(folder, "home");
  mkdirSync(home, { recursive: true });
  const hostKey = path.join(folder, "sshd-host");
  if (!existsSync(hostKey)) generateKey(hostKey, "ed25519");
  if (!existsSync(path.join(folder, "target-account"))) {
    generateKey(path.join(folder, "target-account"), "ed25519");
  }
  const authorized = path.join(folder, "authorized_keys");
  writeFileSync(authorized, "", { mode: 0o600 });
  for (const name of ["person", "target-account"]) {
    const file = path.join(folder, `${name}.pub`);
    if (existsSync(file)) appendFileSync(authorized, readFileSync(file));
  }
  const port = await freePort();
  const file = path.join(folder, `sshd-${port}.conf`);
  writeFileSync(
    file,
    [
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${authorized}`,
      "StrictModes no",
      "UsePAM no",
      "PermitRootLogin yes",
      "PasswordAuthentication no",
      "X11Forwarding yes",
      "AllowAgentForwarding yes",
      "AllowStreamLocalForwarding yes",
      "MaxSessions 64",
      "MaxStartups 100",
      "AcceptEnv LANG LC_* CHAPERONE_TEST_*",
      "Subsystem sftp internal-sftp",
      "PidFile none",
      "UseDNS no",
      `SetEnv HOME=${home}`,
      ...config,
    ].join("\n"),
  );
  const logFile = path.join(folder, `sshd-${port}.log`);
  const child = spawn(SSHD, ["-D", "-f", file, "-E", logFile], { stdio: "ignore" });
  const log = () => (existsSync(logFile) ? readFileSync(logFile, "utf8") : "");
  await reachable(port, () => `sshd did not start:\n${log()}`);
  const [, blob = ""] = readFileSync(`${hostKey}.pub`, "utf8").split(" ");
  return {
    port,
    pid: child.pid ?? 0,
    hostKey: Buffer.from(blob, "base64"),
    log,
    close: () => ended(child, "SIGTERM"),
  };
}

/**
 * The text of a new private key. ssh2 has a function of its own for this, which makes one key in
 * some 300 that ssh2 itself can not read.
 */
export function newPrivateKey(type: "ed25519" | "ecdsa" = "ed25519"): string {
  const folder = mkdtempSync(path.join(tmpdir(), "chaperone-key-"));
  try {
    const file = path.join(folder, "key");
    generateKey(file, type);
    return readFileSync(file, "utf8");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function generateKey(
  file: string,
  type: "ed25519" | "rsa" | "ecdsa",
  passphrase = "",
): void {
  execFileSync("ssh-keygen", ["-q", "-t", type, "-N", passphrase, "-f", file, "-C", "lab"]);
}

// -- the sidecar's SSH server --------------------------------------------------------------------

/** Decides in place of the session core; answers effects for an input. */
export type LabCore = (input: InputBody, facts: SessionFacts) => readonly TrafficEffect[];

export interface LabProxy {
  readonly port: number;
  readonly server: SshServer;
  /** Every input that a core was given, of all sessions, in order. */
  readonly inputs: readonly InputBody[];
  readonly logins: readonly LoginAttempt[];
  /** Carries out an effect in the youngest session, as a late answer of the core would. */
  effect(effect: TrafficEffect): void;
  close(): Promise<void>;
}

async function startProxy(
  folder: string,
  sshdPort: number,
  options: LabOptions,
): Promise<LabProxy> {
  const inputs: InputBody[] = [];
  const logins: LoginAttempt[] = [];
  let traffic: Traffic | null = null;
  const core = options.core ?? permissiveCore;
  const plan = (): DialPlan =>
    options.plan?.({ sshdPort, folder }) ?? {
      type: "ssh",
      host: "127.0.0.1",
      port: sshdPort,
      account: "root",
      credential: {
        type: "key",
        privateKey: new Secret(readFileSync(path.join(folder, "target-account"))),
      },
      hostKeyAlgorithms: [],
      trustedKeys: [],
      connectTimeoutMs: 10_000,
    };
  const ports: SshPorts = {
    authority: {
      authenticate(attempt): Promise<LoginOutcome> {
        logins.push(attempt);
        return Promise.resolve(
          attempt.proof.method === "publickey" || attempt.proof.method === "password"
            ? { type: "accepted", person: LAB_PERSON }
            : { type: "refused", next: ["publickey", "password"] },
        );
      },
      prompts: () => Promise.resolve([]),
      openSession: (login): Promise<Result<OpenedSession, Fault>> =>
        Promise.resolve(ok({ facts: labFacts(login), takesPassword: false })),
      ...options.authority,
    },
    sessions: {
      open(facts, given) {
        traffic = given;
        const waiting: InputBody[] = [];
        let busy = false;
        return {
          // One step after the other, as the runtime does: effects of one input before the next.
          input(body) {
            waiting.push(body);
            if (busy) return;
            busy = true;
            for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
              if (inputs.length < LAB_INPUTS_MAX) inputs.push(next);
              for (const effect of core(next, facts)) given.carryOut(effect);
            }
            busy = false;
          },
        };
      },
    },
    targets: {
      plan: () => Promise.resolve(ok(plan())),
      judgeHostKey: () => Promise.resolve({ type: "trusted" }),
      ...options.targets,
    },
  };
  const server = createSshServer(ports, {
    hostKeys: [readFileSync(path.join(folder, "proxy-host"))],
    version: "0.0.0-lab",
    ...options.server,
  });
  const listener = createServer({ pauseOnConnect: true, noDelay: true }, (socket) =>
    server.accept(socket),
  );
  const port = await listen(listener);
  return {
    port,
    server,
    inputs,
    logins,
    effect: (effect) => traffic?.carryOut(effect),
    async close() {
      listener.close();
      await server.close("the lab is closing");
    },
  };
}

/** Bulk tests would otherwise remember every chunk. */
const LAB_INPUTS_MAX = 20_000;

export const LAB_PERSON = {
  name: "alice",
  groups: ["dba"],
  phrase: "blue heron",
  factors: [],
} as const;

export function labFacts(login: {
  readonly session: SessionFacts["id"];
  readonly origin: string;
  readonly clientVersion: string;
  readonly passed: readonly string[];
}): SessionFacts {
  return {
    id: login.session,
    protocol: "ssh",
    person: LAB_PERSON,
    account: "root",
    target: { name: "lab", address: "127.0.0.1", labels: {}, embedded: false },
    origin: login.origin,
    clientVersion: login.clientVersion,
    authMethods: login.passed,
  };
}

/** A core that allows everything and passes every byte on, as the real one does for an allowed line. */
export function permissiveCore(input: InputBody): readonly TrafficEffect[] {
  return isTraffic(input) ? passOn(input) : [];
}

const TRAFFIC = [
  "channel-asked",
  "global-asked",
  "request-asked",
  "client-sent",
  "target-sent",
  "client-eof",
  "target-exited",
] as const;
type TrafficInput = Extract<InputBody, { kind: (typeof TRAFFIC)[number] }>;

/** What is told, or asked of people, changes nothing of what passes. */
function isTraffic(input: InputBody): input is TrafficInput {
  const kinds: readonly string[] = TRAFFIC;
  return kinds.includes(input.kind);
}

function passOn(input: TrafficInput): readonly TrafficEffect[] {
  switch (input.kind) {
    case "channel-asked":
      return [
        answer(
          input.request,
          input.asked.type === "session"
            ? { type: "granted" }
            : { type: "started", inspect: "stream", channelKind: "localForward" },
        ),
      ];
    case "global-asked":
      return [answer(input.request, { type: "granted" })];
    case "request-asked":
      return [answer(input.request, answerTo(input))];
    case "client-sent":
      return [{ kind: "send-to-target", channel: input.channel, bytes: input.bytes }];
    case "target-sent":
      return [
        {
          kind: "send-to-person",
          channel: input.channel,
          stream: input.stream,
          bytes: input.bytes,
        },
      ];
    case "client-eof":
      return [{ kind: "eof-to-target", channel: input.channel }];
    case "target-exited":
      return [{ kind: "close-channel", channel: input.channel, exit: input.exit }];
  }
}

type Answered = Extract<Effect, { kind: "answer" }>;

export function answer(request: Answered["request"], value: Answered["answer"]): TrafficEffect {
  return { kind: "answer", request, answer: value };
}

function answerTo(input: Extract<InputBody, { kind: "request-asked" }>): Answered["answer"] {
  switch (input.asked.type) {
    case "shell":
      // Inspected as a terminal: every byte goes through the core.
      return { type: "started", inspect: "terminal", channelKind: "shell" };
    case "exec":
      return { type: "started", inspect: "stream", channelKind: "exec" };
    case "subsystem":
      return { type: "started", inspect: "stream", channelKind: "subsystem" };
    case "unknown":
      return { type: "refused", reason: "unknown" };
    case "pty":
    case "env":
    case "window-change":
    case "signal":
    case "break":
    case "agent":
    case "x11":
      return { type: "granted" };
  }
}

// -- programs --------------------------------------------------------------------------------------

export interface RunOptions {
  /** Null: /dev/null. */
  readonly stdin?: Uint8Array | string | null;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly started?: (child: ChildProcess) => void;
}

export interface RunResult {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs a program to its end; the result tells everything that a failed expectation needs. */
export function runProgram(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { PATH: process.env["PATH"] ?? "", ...options.env },
      stdio: [options.stdin === null ? "ignore" : "pipe", "pipe", "pipe"],
    });
    const out: Buffer[] = [];
    const error: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => error.push(chunk));
    child.stdin?.on("error", () => undefined);
    const timer = setTimeout(() => child.kill("SIGKILL"), options.timeoutMs ?? 60_000);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      const stdout = Buffer.concat(out);
      resolve({ code, signal, stdout, stderr: Buffer.concat(error).toString() });
    });
    if (options.stdin !== null) child.stdin?.end(options.stdin ?? "");
    options.started?.(child);
  });
}

/** Waits until `probe` is true; the failure says what was waited for. */
export async function until(what: string, probe: () => boolean, timeoutMs = 20_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!probe()) {
    if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export function listen(server: ReturnType<typeof createServer>): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function reachable(port: number, failure: () => string): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    if (await canConnect(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(failure());
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket: Socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill(signal);
  });
}
