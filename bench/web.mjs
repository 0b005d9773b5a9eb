// Requests through the sidecar, beside a bare proxy in Node and nginx, in interleaved rounds of one run.
import { fork, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { median } from "simple-statistics";

import { cpuMs, ruleFile, stop, until } from "./lab.mjs";

const MB = 1_000_000;
const NGINX = "/usr/sbin/nginx";
const BIN = fileURLToPath(new URL("../bin/chaperone.mjs", import.meta.url));
const at = (file) => fileURLToPath(new URL(`./web/${file}`, import.meta.url));

/** One row for each kind of request: requests a second, latencies and CPU time of each way. */
export async function measureWeb({ rounds, requests, nodeOptions = [] }) {
  const folder = mkdtempSync(join(tmpdir(), "chaperone-bench-web-"));
  const app = await startNode(at("app.mjs"));
  const bare = await startNode(at("bare.mjs"), String(app.port));
  const ways = {
    direct: { port: app.port },
    bare: { port: bare.port, pid: bare.child.pid },
    ...(existsSync(NGINX) ? { nginx: await startNginx(folder, app.port) } : {}),
    sidecar: await startSidecar(folder, { app: app.port, nodeOptions }),
  };
  try {
    return await compare(ways, kindsOf(requests), rounds);
  } finally {
    for (const { child } of Object.values(ways)) if (child !== undefined) await stop(child);
    await stop(bare.child);
    await stop(app.child);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function kindsOf(requests) {
  const one = (name, more) => ({
    name,
    warmUp: 1,
    connections: 1,
    upload: 0,
    path: "/bytes/1",
    ...more,
  });
  return [
    one("JSON of 2 KB, 32 connections", {
      path: "/json",
      connections: 32,
      requests,
      warmUp: Math.ceil(requests / 5),
    }),
    one("JSON of 2 KB, one connection", {
      path: "/json",
      requests: Math.ceil(requests / 10),
      warmUp: 100,
    }),
    one("download of 1 MB, 8 connections", {
      connections: 8,
      requests: Math.ceil(requests / 100),
      warmUp: 8,
    }),
    one("download of 64 MB", { path: "/bytes/64", requests: 4 }),
    one("upload of 16 MB", { path: "/upload", upload: 16 * MB, requests: 8 }),
  ];
}

async function compare(ways, kinds, rounds) {
  const rows = [];
  for (const kind of kinds) {
    const taken = {};
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, way] of Object.entries(ways)) {
        (taken[name] ??= []).push(await once(way, kind));
      }
    }
    const middle = (name, what) => median(taken[name].map((one) => one[what]));
    const row = { kind: kind.name };
    for (const name of Object.keys(ways)) {
      row[name] = {
        perSecond: (kind.requests / middle(name, "ms")) * 1_000,
        p50: middle(name, "p50"),
        p99: middle(name, "p99"),
        cpuMs: ways[name].pid === undefined ? null : middle(name, "cpu") / kind.requests,
      };
    }
    // Within one round: what others do to the machine meanwhile, they do to both.
    row.ratio = median(taken.bare.map((bare, index) => bare.ms / taken.sidecar[index].ms));
    rows.push(row);
  }
  return rows;
}

function once({ port, pid, headers = {} }, kind) {
  return new Promise((resolve, reject) => {
    const client = fork(at("client.mjs"), [JSON.stringify({ ...kind, port, headers })], {
      stdio: ["ignore", "pipe", "inherit", "ipc"],
    });
    let said = "";
    let before = 0;
    client.once("message", () => (before = pid === undefined ? 0 : cpuMs(pid)));
    client.stdout.on("data", (chunk) => (said += chunk));
    client.once("close", (code) => {
      if (code === 0)
        resolve({ ...JSON.parse(said), cpu: pid === undefined ? 0 : cpuMs(pid) - before });
      else reject(new Error(`${kind.name} at port ${port} failed`));
    });
  });
}

function startNode(file, ...args) {
  const child = spawn(process.execPath, [file, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve) => {
    child.stdout.once("data", (chunk) => resolve({ child, port: Number(chunk.toString()) }));
  });
}

/** One worker, access log on: what the sidecar tells as events, it tells as lines. */
async function startNginx(folder, app) {
  const port = await freePort();
  const base = join(folder, "nginx");
  mkdirSync(base);
  const config = join(base, "nginx.conf");
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (one) => `${one}_temp_path ${base}/${one};`,
  );
  writeFileSync(
    config,
    `daemon off; worker_processes 1; ${userInfo().uid === 0 ? "user root;" : ""} pid ${base}/pid; error_log ${base}/error.log;
events { worker_connections 512; }
http {
  access_log ${base}/access.log; client_max_body_size 1g; ${temporary.join(" ")}
  upstream app { server 127.0.0.1:${app}; keepalive 32; }
  server {
    listen 127.0.0.1:${port}; keepalive_requests 1000000;
    location / { proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_request_buffering off; }
  }
}
`,
  );
  const child = spawn(NGINX, ["-c", config, "-p", base], { stdio: "ignore" });
  await until("nginx", () => listens(port));
  return { child, pid: child.pid, port };
}

async function startSidecar(folder, { app, nodeOptions }) {
  const [ssh, port] = [await freePort(), await freePort()];
  mkdirSync(join(folder, "rules"));
  writeFileSync(join(folder, "rules", "commands.yaml"), ruleFile(1_000));
  writeFileSync(join(folder, "rules", "web.yaml"), webRules(100));
  writeFileSync(join(folder, "password"), "bench");
  const config = join(folder, "chaperone.yaml");
  const listen = {
    ssh: { address: "127.0.0.1", port: ssh },
    web: {
      address: "127.0.0.1",
      port,
      identity: { header: { name: "x-person", from: ["127.0.0.1/32"] } },
    },
  };
  const target = {
    name: "app",
    protocol: "web",
    address: `127.0.0.1:${app}`,
    accounts: [{ name: "root", password: { file: "./password" } }],
  };
  writeFileSync(
    config,
    JSON.stringify({
      apiVersion: "chaperone/v1",
      kind: "Sidecar",
      site: "bench",
      workers: 1,
      stateDir: "./var",
      listen,
      people: [{ name: "alice", password: { file: "./password" } }],
      targets: [target],
      rules: ["./rules/*.yaml"],
      events: { file: { path: "./events.ndjson" } },
    }),
  );
  const child = spawn(process.execPath, [...nodeOptions, BIN, "run", "--config", config], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk) => (said = (said + chunk).slice(-4_000)));
  await until(
    "the sidecar",
    () => listens(port),
    () => said,
  );
  return { child, pid: child.pid, port, headers: { "x-person": "alice" } };
}

/** Rules about requests of every kind; none matches what the benchmark asks for. */
function webRules(count) {
  const kinds = [
    (n) => `http: { method: DELETE, path: /api/things-${n}/** }`,
    (n) => `http: { path: /admin-${n}/**, query: { mode: [full, raw] } }`,
    (n) => `http: { method: [POST, PUT], path: /users-${n}, body: { role: admin } }`,
    (n) => `http: { path: /export-${n}, responseSize: "> 100MB" }`,
  ];
  const rules = Array.from(
    { length: count },
    (_, n) =>
      `  - { id: web-${n}, name: Rule ${n}, match: { ${kinds[n % kinds.length](n)} }, action: ${n % 2 === 0 ? "block" : "alert"} }`,
  );
  return `apiVersion: chaperone/v1\nkind: RulePack\nmetadata: { name: bench-web, version: 1.0.0 }\nrules:\n${rules.join("\n")}\n`;
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
