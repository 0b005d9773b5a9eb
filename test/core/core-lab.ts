import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { get, request } from "node:https";
import { join } from "node:path";

import { openSqlite } from "../../src/core/index.js";
import { makeTlsLab } from "../../src/net/tls-lab.testing.js";
import { freePort } from "../e2e/lab/free-port.js";
import { startLab, type Lab, type LabOptions } from "../e2e/lab/lab.js";
import { run, start, succeeded, type Finished } from "../e2e/lab/program.js";
import { BIN, eventFileOf, startSidecar, type Sidecar } from "../e2e/lab/sidecar.js";
import { eventually } from "../e2e/lab/wait.js";

/** A core as a process of its own, with its listener over TLS, and sidecars that tell it. */
export interface CoreLab {
  readonly lab: Lab;
  readonly core: CoreProcess;
  /** One more sidecar before the same target, with a stateDir of its own and the same key for profiles. */
  second(): Promise<{ readonly sidecar: Sidecar; readonly sshArgs: readonly string[] }>;
  /** What `chaperone report NAME --format json` prints. */
  report(...args: readonly string[]): Promise<ReportText>;
  cli(...args: readonly string[]): Promise<Finished>;
  /** What a PAM core, or a sidecar of long ago, has told: CloudEvents. */
  push(events: readonly unknown[]): Promise<void>;
  /** Reads the core's store beside it. */
  rows(sql: string, parameters: readonly string[]): Promise<readonly Row[]>;
  end(): Promise<void>;
}

type Row = Readonly<Record<string, string | number | null>>;

export interface CoreProcess {
  readonly port: number;
  /** Starts it and waits until it answers. */
  start(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface ReportText {
  readonly report: string;
  readonly sections: readonly {
    readonly title: string;
    readonly rows: readonly Readonly<Record<string, unknown>>[];
  }[];
}

export async function startCoreLab(options: {
  readonly rules?: string;
  readonly scoring?: Readonly<Record<string, unknown>>;
  readonly config?: LabOptions["config"];
}): Promise<CoreLab> {
  const port = await freePort();
  const lab = await startLab({
    ...(options.rules === undefined ? {} : { rules: options.rules }),
    start: false,
    config: {
      workers: 1,
      node: "n1",
      scoring: {
        url: `wss://localhost:${port}`,
        token: { file: "./core.token" },
        tls: { ca: "./ca.pem" },
      },
      ...options.config,
    },
  });
  const tls = makeTlsLab(lab.folder);
  const coreConfig = join(lab.folder, "core.yaml");
  writeFileSync(
    coreConfig,
    JSON.stringify({
      apiVersion: "chaperone/v1",
      kind: "Core",
      stateDir: "./core-state",
      scoring: {
        listen: {
          address: "127.0.0.1",
          port,
          token: "./core.token",
          tls: { cert: "./server.pem", key: "./server.key" },
        },
        ...options.scoring,
      },
    }),
  );
  const core = coreProcess({ config: coreConfig, port, ca: tls.file("ca.pem") });
  await core.start();
  await lab.restart();
  const further: Sidecar[] = [];
  const cli = (...args: readonly string[]): Promise<Finished> =>
    run(process.execPath, [BIN, ...args, "--config", coreConfig]);

  return {
    lab,
    core,
    cli,
    async push(events) {
      const token = readFileSync(join(lab.folder, "core.token"), "utf8").trim();
      const status = await posted(events, { port, token, ca: tls.file("ca.pem") });
      if (status !== 200) throw new Error(`the core answered ${status ?? "nothing"}`);
    },
    async rows(sql, parameters) {
      const store = openSqlite(join(lab.folder, "core-state", "core", "core.db"), true);
      if (!store.ok) throw new Error(store.error.message);
      const rows = await store.value.all(sql, parameters);
      await store.value.close();
      return rows;
    },
    async second() {
      const sshPort = await freePort();
      const stateDir = join(lab.folder, "var2");
      const configFile = join(lab.folder, "second.yaml");
      mkdirSync(stateDir, { mode: 0o700 });
      cpSync(join(lab.stateDir, "profiles.key"), join(stateDir, "profiles.key"));
      const first = JSON.parse(readFileSync(lab.configFile, "utf8")) as Record<string, unknown>; // written by the lab
      const second = {
        ...first,
        node: "n2",
        stateDir: "./var2",
        listen: { ssh: { address: "127.0.0.1", port: sshPort } },
        events: { file: { path: "./var2/events.ndjson" } },
      };
      writeFileSync(configFile, JSON.stringify(second));
      const eventFile = eventFileOf(stateDir);
      const sidecar = await startSidecar({ configFile, eventFile, port: sshPort });
      further.push(sidecar);
      return { sidecar, sshArgs: ["-o", `Port=${sshPort}`] };
    },
    async report(...args) {
      const found = succeeded("report", await cli("report", ...args, "--format", "json"));
      return JSON.parse(found.stdout.toString()) as ReportText; // the report's own shape
    },
    async end() {
      for (const one of further) await one.stop();
      await core.stop();
      await lab.end();
    },
  };
}

/** `chaperone core`, started and ended as often as a test wants. */
export function coreProcess(place: {
  readonly config: string;
  readonly port: number;
  readonly ca: string;
}): CoreProcess {
  let child: ReturnType<typeof start> | null = null;

  async function ended(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const running = child;
    child = null;
    if (running === null || running.exitCode !== null || running.signalCode !== null) return;
    await new Promise<void>((gone) => {
      running.once("exit", () => gone());
      running.kill(signal);
    });
  }

  return {
    port: place.port,
    async start() {
      const started = start(process.execPath, [BIN, "core", "--config", place.config]);
      child = started;
      const said: Buffer[] = [];
      started.stdout?.on("data", (chunk: Buffer) => said.push(chunk));
      started.stderr?.on("data", (chunk: Buffer) => said.push(chunk));
      started.stdin?.end();
      const text = (): string => Buffer.concat(said).toString();
      await eventually(
        "the core to answer",
        async () => {
          if (started.exitCode !== null) throw new Error(`the core ended at once:\n${text()}`);
          return (await healthOf(place.port, place.ca)) !== null;
        },
        { instead: text },
      );
    },
    kill: () => ended("SIGKILL"),
    stop: () => ended("SIGTERM"),
  };
}

function posted(
  events: readonly unknown[],
  { port, token, ca }: { readonly port: number; readonly token: string; readonly ca: string },
): Promise<number | undefined> {
  return new Promise((answered, failed) => {
    const asked = request(
      {
        ...{ host: "localhost", port, path: "/v1/events", method: "POST", agent: false },
        ca: readFileSync(ca),
        headers: { authorization: `Bearer ${token}` },
      },
      (response) => {
        response.resume();
        response.on("end", () => answered(response.statusCode));
      },
    );
    asked.on("error", failed);
    asked.end(JSON.stringify(events));
  });
}

/** Status of `/healthz`; null while nobody answers. */
export function healthOf(port: number, ca: string): Promise<number | null> {
  return new Promise((answered) => {
    const asked = get(
      { host: "localhost", port, path: "/healthz", ca: readFileSync(ca), agent: false },
      (response) => {
        response.resume();
        answered(response.statusCode ?? null);
      },
    );
    asked.on("error", () => answered(null));
  });
}
