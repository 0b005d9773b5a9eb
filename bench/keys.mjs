// From a key to its echo in an interactive bash: direct and through the sidecar, in turns of some keys
// each, alone and while another session moves bulk on the same way.
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";

import { quantileSorted } from "simple-statistics";

import { cpuMs, stop, until } from "./lab.mjs";

const KEYS_PER_TURN = 50;
const WARM_UP_KEYS = 200;
/**
 * What a key runs through is compiled as it is run: after so many keys in each of its processes, some
 * minutes of one person's typing, the sidecar is as it stays.
 */
const WARM_AFTER_KEYS = 4_000;
const CTRL_U = "\x15";

export async function measureKeys(lab, { keys }) {
  const fresh = await compare(lab, keys);
  await warmUp(lab, Math.min(WARM_AFTER_KEYS, 2 * keys));
  const quiet = await compare(lab, keys);
  const load = await startBulk(lab, "sidecar");
  const sameLoad = await compare(lab, keys);
  const sidecarLoaded = await alone(lab, "sidecar", keys);
  await stop(load);
  const directLoad = await startBulk(lab, "direct");
  const directLoaded = await alone(lab, "direct", keys);
  await stop(directLoad);
  return [
    { situation: "alone, soon after the start", ...fresh },
    { situation: "alone", ...quiet },
    { situation: "beside bulk on the same way", direct: directLoaded, sidecar: sidecarLoaded },
    // What of that is the machine's: the same bulk, through the sidecar, beside both.
    { situation: "beside bulk through the sidecar", ...sameLoad },
  ];
}

/** Direct and through the sidecar, in turns of some keys each. */
export async function compare(lab, keys) {
  const paths = {
    direct: await openShell(lab, "direct"),
    sidecar: await openShell(lab, "sidecar"),
  };
  const took = { direct: [], sidecar: [] };
  for (const shell of Object.values(paths)) await typeKeys(shell, WARM_UP_KEYS);
  let cpu = 0;
  while (took.sidecar.length < keys) {
    took.direct.push(...(await typeKeys(paths.direct, KEYS_PER_TURN)));
    const before = cpuMs(lab.sidecarPid);
    took.sidecar.push(...(await typeKeys(paths.sidecar, KEYS_PER_TURN)));
    cpu += cpuMs(lab.sidecarPid) - before;
  }
  for (const shell of Object.values(paths)) await stop(shell.process);
  return {
    direct: summary(took.direct),
    sidecar: summary(took.sidecar),
    // Beside other work of the sidecar it says nothing about the keys.
    cpuMicrosPerKey: (cpu * 1_000) / took.sidecar.length,
  };
}

/** As many sessions at once as there are processes for them: each gets one. */
async function warmUp(lab, keys) {
  const shells = [];
  for (let count = availableParallelism(); count > 0; count -= 1) {
    shells.push(await openShell(lab, "sidecar"));
  }
  for (let typed = 0; typed < keys; typed += KEYS_PER_TURN) {
    for (const shell of shells) await typeKeys(shell, KEYS_PER_TURN);
  }
  for (const shell of shells) await stop(shell.process);
}

async function alone(lab, path, keys) {
  const shell = await openShell(lab, path);
  await typeKeys(shell, WARM_UP_KEYS);
  const took = [];
  while (took.length < keys) took.push(...(await typeKeys(shell, KEYS_PER_TURN)));
  await stop(shell.process);
  return summary(took);
}

async function startBulk(lab, path) {
  const bulk = spawn("ssh", [...lab.args, path, "cat /dev/zero"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let bytes = 0;
  bulk.stdout.on("data", (chunk) => {
    bytes += chunk.length;
  });
  await until("bulk to flow", () => bytes > 50_000_000);
  return bulk;
}

async function openShell(lab, path) {
  const child = spawn("ssh", [...lab.args, "-tt", path], {
    stdio: ["pipe", "pipe", "ignore"],
    env: { ...process.env, TERM: "xterm-256color" },
  });
  const shell = { process: child, heard: "", wake: undefined };
  child.stdout.on("data", (chunk) => {
    shell.heard += chunk.toString("latin1");
    shell.wake?.();
  });
  await until(
    `a prompt on ${path}`,
    () => shell.heard.endsWith("ready$ "),
    () => shell.heard,
  );
  return shell;
}

/** ms from writing each key to reading its echo. */
async function typeKeys(shell, count) {
  const took = [];
  for (let index = 0; index < count; index += 1) {
    const key = String.fromCharCode(97 + (index % 26));
    shell.heard = "";
    const started = process.hrtime.bigint();
    shell.process.stdin.write(key);
    await heard(shell, (text) => text.includes(key));
    took.push(Number(process.hrtime.bigint() - started) / 1e6);
  }
  shell.heard = "";
  shell.process.stdin.write(CTRL_U);
  // bash rubs the line out; what follows is typed at an empty prompt again.
  await heard(shell, (text) => text.length > 0);
  return took;
}

function heard(shell, enough) {
  return new Promise((resolve) => {
    const look = () => {
      if (!enough(shell.heard)) return;
      shell.wake = undefined;
      resolve();
    };
    shell.wake = look;
    look();
  });
}

function summary(took) {
  const sorted = [...took].sort((a, b) => a - b);
  return { p50: quantileSorted(sorted, 0.5), p99: quantileSorted(sorted, 0.99), n: sorted.length };
}
