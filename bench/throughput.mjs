// Bulk both ways, direct / through the sidecar / through a second sshd (ssh -J), one interleaved run:
// the three paths of one operation follow each other at once, so that what else the machine does
// weighs on all of them alike. The ratio is taken within a round, the median over the rounds.
import { spawn } from "node:child_process";
import { closeSync, existsSync, ftruncateSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";

import { median } from "simple-statistics";

const MB = 1_000_000;
const PATHS = ["direct", "sidecar", "jump"];
const TARGETS = { "exec down": 0.65, "exec up": 0.65, "sftp get": 0.8, "sftp put": 0.8 };

export async function measureThroughput(lab, { rounds, megabytes }) {
  const bytes = megabytes * MB;
  // Memory, not disk: what is compared is the way, not the store.
  const store = existsSync("/dev/shm") ? "/dev/shm" : lab.folder;
  const files = {
    local: join(store, `chaperone-bench-local-${process.pid}`),
    remote: join(store, `chaperone-bench-remote-${process.pid}`),
    sink: join(store, `chaperone-bench-sink-${process.pid}`),
  };
  for (const file of [files.local, files.remote]) {
    const handle = openSync(file, "w");
    ftruncateSync(handle, bytes);
    closeSync(handle);
  }
  const operations = operationsOf(lab, files, bytes);
  const seconds = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const [operation, runOn] of Object.entries(operations)) {
      // Each path is first as often as it is last.
      for (let step = 0; step < PATHS.length; step += 1) {
        const path = PATHS[(round + step) % PATHS.length];
        const took = await runOn(path);
        ((seconds[operation] ??= {})[path] ??= []).push(took);
      }
    }
  }
  for (const file of Object.values(files)) rmSync(file, { force: true });
  return Object.entries(seconds).map(([operation, took]) => {
    const ratio = (path) => median(took.direct.map((direct, round) => direct / took[path][round]));
    const speed = (path) => Math.round(megabytes / median(took[path]));
    return {
      operation,
      direct: speed("direct"),
      sidecar: speed("sidecar"),
      jump: speed("jump"),
      sidecarRatio: ratio("sidecar"),
      jumpRatio: ratio("jump"),
      target: TARGETS[operation],
    };
  });
}

function operationsOf(lab, files, bytes) {
  return {
    "exec down": (path) => timed("ssh", [...lab.args, path, `head -c ${bytes} /dev/zero`]),
    "exec up": (path) => timed("ssh", [...lab.args, path, "cat > /dev/null"], files.local),
    "sftp get": (path) =>
      timed(
        "sftp",
        ["-q", ...lab.args, "-b", "-", path],
        undefined,
        `get ${files.remote} ${files.sink}\n`,
      ),
    "sftp put": (path) =>
      timed(
        "sftp",
        ["-q", ...lab.args, "-b", "-", path],
        undefined,
        `put ${files.local} ${files.sink}\n`,
      ),
    "scp down": (path) => timed("scp", ["-q", ...lab.args, `${path}:${files.remote}`, files.sink]),
    "scp -O up": (path) =>
      timed("scp", ["-q", "-O", ...lab.args, files.local, `${path}:${files.sink}`]),
  };
}

/** Seconds that a program takes; its output is thrown away by the kernel. */
function timed(program, args, stdinFile, stdinText) {
  const stdin = stdinFile === undefined ? "pipe" : openSync(stdinFile, "r");
  const started = process.hrtime.bigint();
  const child = spawn(program, args, { stdio: [stdin, "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  child.stdin?.end(stdinText ?? "");
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      if (typeof stdin === "number") closeSync(stdin);
      if (code === 0) resolve(Number(process.hrtime.bigint() - started) / 1e9);
      else reject(new Error(`${program} ${args.join(" ")} ended with ${code}: ${said}`));
    });
  });
}
