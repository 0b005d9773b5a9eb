// The machines of the benchmark, all real, all on loopback: a target (OpenSSH sshd), a second sshd to
// jump through, and the sidecar from dist with recording on and 1,000 rules.
import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer } from "node:net";
import { clearTimeout, setTimeout } from "node:timers";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SSHD = "/usr/sbin/sshd";
const SFTP_SERVER = "/usr/lib/openssh/sftp-server";
const BIN = fileURLToPath(new URL("../bin/chaperone.mjs", import.meta.url));
const START_MS_MAX = 30_000;

/** Starts everything. `workers` and `nodeOptions` are for the profile. */
export async function startBenchLab({ workers = "auto", nodeOptions = [], rules = 1_000 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "chaperone-bench-"));
  chmodSync(folder, 0o755);
  const target = await startSshd(folder, "target");
  const jump = await startSshd(folder, "jump");
  makeKey(join(folder, "person"));
  const port = await freePort();
  mkdirSync(join(folder, "rules"));
  writeFileSync(join(folder, "rules", "bench.yaml"), ruleFile(rules));
  const config = join(folder, "chaperone.yaml");
  writeFileSync(config, JSON.stringify(sidecarConfig({ folder, port, target, workers })));
  const sshConfig = join(folder, "ssh_config");
  writeFileSync(sshConfig, clientConfig({ folder, port, target, jump }));
  const sidecar = spawn(process.execPath, [...nodeOptions, BIN, "run", "--config", config], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  sidecar.stderr.on("data", (chunk) => {
    said = (said + chunk).slice(-4_000);
  });
  await until(
    "the sidecar",
    () => greets(port),
    () => said,
  );
  return {
    folder,
    sshConfig,
    sidecarPid: sidecar.pid,
    targetHome: target.home,
    targetPort: target.port,
    accountKey: target.accountKey,
    /** Arguments for ssh and its kin: one of direct, sidecar, jump. */
    args: ["-F", sshConfig],
    async end() {
      await stop(sidecar);
      await stop(target.process);
      await stop(jump.process);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
    stopSidecar: () => stop(sidecar),
  };
}

/** The sidecar's processes: the parent and its workers. */
export function processesOf(pid) {
  const children = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => statFields(name)[1] === String(pid));
  return [pid, ...children.map(Number)];
}

/** Resident bytes of the sidecar, all processes. */
export function residentBytes(pid) {
  return sum(
    processesOf(pid).map((one) => {
      const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readOr(`/proc/${one}/status`))?.[1];
      return Number(kilobytes ?? 0) * 1024;
    }),
  );
}

/**
 * CPU time used so far by all threads of all processes of the sidecar, ms. From the scheduler, which
 * counts nanoseconds; the ticks of 10 ms in `stat` are longer than what one connection takes.
 */
export function cpuMs(pid) {
  return sum(
    processesOf(pid).flatMap((one) =>
      threadsOf(one).map(
        (thread) => Number(readOr(`/proc/${one}/task/${thread}/schedstat`).split(" ")[0]) / 1e6,
      ),
    ),
  );
}

function threadsOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // it has ended
  }
}

export async function until(what, look, instead = () => "") {
  const end = Date.now() + START_MS_MAX;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}\n${instead()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const force = setTimeout(() => child.kill("SIGKILL"), 20_000);
    child.once("exit", () => {
      clearTimeout(force);
      resolve();
    });
    child.kill("SIGTERM");
  });
}

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

function statFields(pid) {
  return (readOr(`/proc/${pid}/stat`).split(") ").at(-1) ?? "").split(" ");
}

function readOr(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

async function startSshd(folder, name) {
  const home = join(folder, `${name}-home`);
  mkdirSync(home);
  const rc = `cd ${home}\nexport LC_ALL=C.UTF-8\nPS1='ready$ '\nHISTFILE=\n`;
  writeFileSync(join(home, ".bashrc"), rc);
  writeFileSync(join(home, ".bash_profile"), rc);
  const hostKey = join(folder, `${name}-host`);
  const accountKey = join(folder, `${name}-account`);
  makeKey(hostKey);
  makeKey(accountKey);
  const port = await freePort();
  const config = join(folder, `${name}.conf`);
  writeFileSync(
    config,
    [
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${accountKey}.pub`,
      `PidFile ${config}.pid`,
      "StrictModes no",
      "UsePAM no",
      "PasswordAuthentication no",
      "PermitRootLogin yes",
      "PrintMotd no",
      "PrintLastLog no",
      "MaxStartups 500:30:1000",
      `SetEnv HOME=${home}`,
      `Subsystem sftp ${SFTP_SERVER} -d ${home}`,
      "",
    ].join("\n"),
  );
  if (userInfo().uid === 0) mkdirSync("/run/sshd", { recursive: true });
  const child = spawn(SSHD, ["-D", "-e", "-f", config], { stdio: ["ignore", "ignore", "ignore"] });
  await until(`sshd ${name}`, () => greets(port));
  const listed = execFileSync("ssh-keygen", ["-l", "-f", `${hostKey}.pub`], { encoding: "utf8" });
  return { process: child, port, home, accountKey, fingerprint: /SHA256:(\S+)/.exec(listed)[1] };
}

function makeKey(file) {
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "bench", "-f", file]);
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

function greets(port) {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    const done = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("error", () => done(false));
    socket.on("close", () => done(false));
    socket.on("data", (chunk) => done(chunk.toString("latin1").includes("SSH-2.0-")));
  });
}

/** Rules of every kind that a real set has; none of them matches what the benchmark does. */
export function ruleFile(count) {
  const kinds = [
    (n) => `command: { exec: tool-${n}, flags: { all: [recursive, force] } }`,
    (n) => `command: { exec: [cp, mv, ln], args: { any: { path: "/srv/area-${n}/**" } } }`,
    (n) => `command: { exec: curl, args: { any: { regex: "^https?://host-${n}\\\\." } } }`,
    (n) => `command: { raw: { regex: "secret-${n}[0-9]{4}" } }`,
    (n) => `command: { exec: sh-${n}, pipeFrom: { exec: [curl, wget] } }`,
  ];
  const rules = Array.from({ length: count }, (_, n) =>
    [
      `  - id: bench-${String(n).padStart(4, "0")}`,
      `    name: Rule ${n}`,
      `    match: { ${kinds[n % kinds.length](n)} }`,
      `    action: ${n % 3 === 0 ? "block" : "alert"}`,
    ].join("\n"),
  );
  const head =
    "apiVersion: chaperone/v1\nkind: RulePack\nmetadata: { name: bench, version: 1.0.0 }\n";
  return `${head}rules:\n${rules.join("\n")}\n`;
}

function sidecarConfig({ folder, port, target, workers }) {
  return {
    apiVersion: "chaperone/v1",
    kind: "Sidecar",
    site: "bench",
    workers,
    stateDir: "./var",
    listen: { ssh: { address: "127.0.0.1", port } },
    login: { failuresPerAddress: 10_000 },
    limits: { sessionsPerPerson: 1_000, unauthenticatedPerAddress: 300, unauthenticated: 300 },
    people: [{ name: "alice", keys: [readFileSync(join(folder, "person.pub"), "utf8").trim()] }],
    targets: [
      {
        name: "target",
        protocol: "ssh",
        address: `127.0.0.1:${target.port}`,
        hostKey: { sha256: target.fingerprint },
        accounts: [{ name: userInfo().username, key: { file: target.accountKey } }],
      },
    ],
    rules: ["./rules/*.yaml"],
  };
}

function clientConfig({ folder, port, target, jump }) {
  const user = userInfo().username;
  return [
    "Host direct jump",
    `  User ${user}`,
    `  Port ${target.port}`,
    `  IdentityFile ${target.accountKey}`,
    "Host jump",
    "  ProxyJump bastion",
    "Host bastion",
    `  User ${user}`,
    `  Port ${jump.port}`,
    `  IdentityFile ${jump.accountKey}`,
    "Host sidecar",
    `  User alice+${user}@target`,
    `  Port ${port}`,
    `  IdentityFile ${join(folder, "person")}`,
    "Host *",
    "  HostName 127.0.0.1",
    "  IdentitiesOnly yes",
    "  IdentityAgent none",
    "  BatchMode yes",
    "  Ciphers aes128-gcm@openssh.com",
    "  StrictHostKeyChecking accept-new",
    `  UserKnownHostsFile ${join(folder, "known_hosts")}`,
    "  GlobalKnownHostsFile /dev/null",
    "  LogLevel ERROR",
    "",
  ].join("\n");
}
