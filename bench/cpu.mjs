// CPU seconds per gigabyte moved, of every thread of every process between the two ends: unlike a
// throughput it says nearly the same on a loaded machine. In one interleaved run: the least that a proxy
// on the same SSH library can do, our adapter alone, the whole sidecar in one process and with workers.
import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { median } from "simple-statistics";

import { processesOf, startBenchLab, stop } from "./lab.mjs";

const MB = 1_000_000;
/** The kernel counts CPU time in ticks of 10 ms. */
const TICKS_A_SECOND = 100;

/** One row for each operation: CPU seconds per GB by way, all threads, and those that are helpers. */
export async function measureCpu({ rounds, megabytes }) {
  const bytes = megabytes * MB;
  const store = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
  const files = {
    source: join(store, `chaperone-cpu-source-${process.pid}`),
    sink: join(store, `chaperone-cpu-sink-${process.pid}`),
  };
  const handle = openSync(files.source, "w");
  ftruncateSync(handle, bytes);
  closeSync(handle);
  const inOne = await startBenchLab({ workers: 0 });
  const withWorkers = await startBenchLab();
  const ways = {
    bare: await startProxy(inOne, "./bare-proxy.mjs"),
    adapter: await startProxy(inOne, "./adapter-proxy.mjs"),
    oneProcess: { pid: inOne.sidecarPid, args: inOne.args, host: "sidecar" },
    workers: { pid: withWorkers.sidecarPid, args: withWorkers.args, host: "sidecar" },
  };
  try {
    return await compare(ways, operationsOf(files, bytes), { rounds, gigabytes: bytes / 1e9 });
  } finally {
    for (const file of Object.values(files)) rmSync(file, { force: true });
    for (const { child } of Object.values(ways)) if (child !== undefined) await stop(child);
    await inOne.end();
    await withWorkers.end();
  }
}

async function compare(ways, operations, { rounds, gigabytes }) {
  const rows = [];
  for (const [operation, start] of Object.entries(operations)) {
    const spent = {};
    for (let round = -1; round < rounds; round += 1) {
      for (const [name, way] of Object.entries(ways)) {
        const before = ticksOf(way.pid);
        await start(way);
        const after = ticksOf(way.pid);
        if (round < 0) continue; // the first one warms up
        const perGB = (what) => (after[what] - before[what]) / TICKS_A_SECOND / gigabytes;
        (spent[name] ??= []).push({ all: perGB("all"), helpers: perGB("helpers") });
      }
    }
    const medians = Object.entries(spent).map(([name, rounds]) => [
      name,
      {
        all: median(rounds.map(({ all }) => all)),
        helpers: median(rounds.map(({ helpers }) => helpers)),
      },
    ]);
    rows.push({ operation, ...Object.fromEntries(medians) });
  }
  return rows;
}

function operationsOf({ source, sink }, bytes) {
  return {
    "exec down": ({ args, host }) => run("ssh", [...args, host, `head -c ${bytes} /dev/zero`]),
    "exec up": ({ args, host }) => run("ssh", [...args, host, "cat > /dev/null"], { file: source }),
    "sftp get": ({ args, host }) =>
      run("sftp", ["-q", ...args, "-b", "-", host], { text: `get ${source} ${sink}\n` }),
    "sftp put": ({ args, host }) =>
      run("sftp", ["-q", ...args, "-b", "-", host], { text: `put ${source} ${sink}\n` }),
  };
}

async function startProxy(lab, script) {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const hostKey = join(lab.folder, "target-host");
  const child = spawn(
    process.execPath,
    [file, hostKey, lab.accountKey, userInfo().username, String(lab.targetPort)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const port = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`${script} ended before it listened`)));
    child.stdout.once("data", (text) => resolve(Number(text)));
  });
  return { pid: child.pid, child, host: "direct", args: [...lab.args, "-o", `Port=${port}`] };
}

/** CPU time of all threads of a process and its children; `helpers` without the main threads. */
function ticksOf(pid) {
  const ticks = { all: 0, helpers: 0 };
  for (const one of processesOf(pid)) {
    for (const task of readdirSync(`/proc/${one}/task`)) {
      const stat = readFileSync(`/proc/${one}/task/${task}/stat`, "utf8");
      const fields = (stat.split(") ").at(-1) ?? "").split(" ");
      const spent = Number(fields[11]) + Number(fields[12]);
      ticks.all += spent;
      if (task !== String(one)) ticks.helpers += spent;
    }
  }
  return ticks;
}

/** Runs a client to its end; its output is thrown away by the kernel. */
function run(program, args, { file, text = "" } = {}) {
  const stdin = file === undefined ? "pipe" : openSync(file, "r");
  const child = spawn(program, args, { stdio: [stdin, "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  child.stdin?.end(text);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      if (typeof stdin === "number") closeSync(stdin);
      if (code === 0) resolve();
      else reject(new Error(`${program} ${args.join(" ")} ended with ${code}: ${said}`));
    });
  });
}
