// What a session costs: setting it up (time at the client, CPU in the sidecar) and keeping it (memory
// of all processes of the sidecar for each idle, recorded bash session).
import { spawn } from "node:child_process";

import { mean, median } from "simple-statistics";

import { cpuMs, residentBytes, stop, until } from "./lab.mjs";

/** The first connections load what is loaded once, at both ends. */
const WARM_UP = 20;
/**
 * What a connection runs through is compiled as it is run: after so many the sidecar is as a gateway is
 * after its first hour. Both are measured.
 */
const WARM_AFTER = 400;
/** What follows a connection: its end is told, sealed, and on the disk. */
const AFTERWARDS_MS = 150;
const OPEN_AT_ONCE = 10;

/** `ssh host true` by public key, in turns: soon after the start, and when all is warm. */
export async function measureSetUp(lab, { connections }) {
  for (let index = 0; index < WARM_UP; index += 1) {
    await connectOnce(lab, "direct");
    await connectOnce(lab, "sidecar");
  }
  const cold = await compareSetUp(lab, connections);
  for (let index = WARM_UP + connections; index < WARM_AFTER; index += 1) {
    await connectOnce(lab, "sidecar");
  }
  const warm = await compareSetUp(lab, connections);
  return [
    { after: WARM_UP, ...cold },
    { after: WARM_AFTER, ...warm },
  ];
}

async function compareSetUp(lab, connections) {
  const took = { direct: [], sidecar: [] };
  const cpu = { setUp: [], whole: [] };
  for (let index = 0; index < connections; index += 1) {
    took.direct.push(await connectOnce(lab, "direct"));
    took.sidecar.push(await connectOnce(lab, "sidecar"));
    await new Promise((resolve) => setTimeout(resolve, AFTERWARDS_MS));
    const { setUp, whole } = await cpuOfOne(lab);
    cpu.setUp.push(setUp);
    cpu.whole.push(whole);
  }
  const ratios = took.direct.map((direct, index) => took.sidecar[index] / direct);
  return {
    directMs: median(took.direct),
    sidecarMs: median(took.sidecar),
    ratio: median(ratios),
    cpuSetUpMs: { median: median(cpu.setUp), mean: mean(cpu.setUp) },
    cpuWholeMs: { median: median(cpu.whole), mean: mean(cpu.whole) },
    connections,
  };
}

/** CPU of a connection: until the first output of its command is there, and until all of it is over and told. */
async function cpuOfOne(lab) {
  const before = cpuMs(lab.sidecarPid);
  const child = spawn("ssh", [...lab.args, "sidecar", "echo ready; cat"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  await new Promise((resolve, reject) => {
    child.stdout.once("data", resolve);
    child.once("close", (code) => reject(new Error(`ssh ended with ${code} and said nothing`)));
  });
  const setUp = cpuMs(lab.sidecarPid) - before;
  child.removeAllListeners("close");
  const over = new Promise((resolve) => child.once("close", resolve));
  child.stdin.end();
  await over;
  await new Promise((resolve) => setTimeout(resolve, AFTERWARDS_MS));
  return { setUp, whole: cpuMs(lab.sidecarPid) - before };
}

export async function measureMemory(lab, { sessions }) {
  // The first sessions pay for code that is loaded once.
  const warm = await openSessions(lab, 20);
  await settles(lab);
  const before = residentBytes(lab.sidecarPid);
  const open = await openSessions(lab, sessions);
  await settles(lab);
  const after = residentBytes(lab.sidecarPid);
  await Promise.all([...warm, ...open].map((session) => stop(session)));
  return { sessions, perSessionKB: (after - before) / sessions / 1_000, totalMB: after / 1e6 };
}

async function openSessions(lab, count) {
  const open = [];
  while (open.length < count) {
    const batch = Math.min(OPEN_AT_ONCE, count - open.length);
    open.push(...(await Promise.all(Array.from({ length: batch }, () => openSession(lab)))));
  }
  return open;
}

/** An interactive bash in which a few commands were run. */
async function openSession(lab) {
  const child = spawn("ssh", [...lab.args, "-tt", "sidecar"], {
    stdio: ["pipe", "pipe", "ignore"],
    env: { ...process.env, TERM: "xterm-256color" },
  });
  let heard = "";
  child.stdout.on("data", (chunk) => {
    heard = (heard + chunk.toString("latin1")).slice(-4_000);
  });
  const prompts = () => heard.split("ready$ ").length - 1;
  await until(
    "a prompt",
    () => prompts() >= 1,
    () => heard,
  );
  for (const [index, line] of ["ls /", "echo hello", "id"].entries()) {
    child.stdin.write(`${line}\r`);
    await until(
      "the next prompt",
      () => prompts() >= index + 2,
      () => heard,
    );
  }
  return child;
}

/** Memory is read when it has stopped moving: no two readings a second apart differ by a MB. */
async function settles(lab) {
  let before = 0;
  for (let round = 0; round < 20; round += 1) {
    const now = residentBytes(lab.sidecarPid);
    if (Math.abs(now - before) < 1_000_000) return;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

function connectOnce(lab, path) {
  const started = process.hrtime.bigint();
  const child = spawn("ssh", [...lab.args, path, "true"], { stdio: "ignore" });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(Number(process.hrtime.bigint() - started) / 1e6);
      else reject(new Error(`ssh ${path} true ended with ${code}`));
    });
  });
}
