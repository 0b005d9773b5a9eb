// Desktops: what a hundred of them cost, and what the way through the sidecar adds to an instruction,
// beside a relay that only passes bytes on, in the same run.
import { spawn } from "node:child_process";
/* global fetch */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { median } from "simple-statistics";

import { createInstructionParser } from "../dist/protocols/guacamole/codec/index.js";
import { processesOf, ruleFile, stop } from "./lab.mjs";

const RULES = 1_000;
const TICKS_A_SECOND = 100;
/** A busy session: both directions together. */
const INSTRUCTIONS_A_SECOND = 100;
const TICK_MS = 50;
const PICTURE = "A".repeat(2_048);
const NAMES = ["VERSION_1_5_0", "hostname", "port", "username", "password", "read-only"];

const say = (opcode, ...args) =>
  `${[opcode, ...args].map((one) => `${String(one).length}.${one}`).join(",")};`;

/** `sessions` of them at once for `seconds`; `turns` instructions there and back on each way. */
export async function measureDesktop({ sessions, seconds, turns, rounds }) {
  const folder = mkdtempSync(join(tmpdir(), "chaperone-bench-desktop-"));
  const guacd = await startGuacd();
  const sidecar = await startSidecar(folder, guacd.port);
  const relay = await startRelay(guacd.port);
  try {
    const delay = await compareDelays({ sidecar, relay, turns, rounds });
    const load = await measureLoad({ sidecar, guacd, sessions, seconds });
    return { delay, load };
  } finally {
    await stop(relay.child);
    await stop(sidecar.child);
    guacd.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

// --- both ends -----------------------------------------------------------------------------------

/** Shakes hands; answers each key with a frame, so that a client can time the way there and back. */
async function startGuacd() {
  const screens = new Set();
  const server = createServer({ noDelay: true }, (socket) => {
    let frame = 1_000;
    const parser = createInstructionParser();
    socket.on("error", () => undefined);
    socket.on("close", () => screens.delete(socket));
    socket.on("data", (bytes) =>
      parser.feed(bytes, ({ opcode, args }) => {
        if (opcode === "select") socket.write(say("args", ...NAMES));
        else if (opcode === "connect") {
          socket.write(
            say("ready", "$of-the-bench") + say("size", 0, 1024, 768) + say("sync", frame),
          );
          screens.add(socket);
        } else if (opcode === "key" && args[0] === "97" && args[1] === "1") {
          frame += 1;
          socket.write(say("sync", frame));
        }
        return true;
      }),
    );
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    port: server.address().port,
    screens,
    close() {
      for (const socket of screens) socket.destroy();
      server.close();
    },
  };
}

/** A web application's connection; `heard` is told of every instruction once the desktop is there. */
async function enter(port, token) {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  const parser = createInstructionParser();
  const client = { socket, heard: () => undefined };
  await new Promise((ready, failed) => {
    socket.on("error", failed);
    socket.on("close", () => failed(new Error("the connection was closed")));
    socket.on("data", (bytes) =>
      parser.feed(bytes, (one) => {
        if (one.opcode === "args") {
          socket.write(
            say("size", 1024, 768, 96) + say("audio") + say("video") + say("image", "image/png"),
          );
          const values = one.args.map((name) => (name === "chaperone-token" ? token : ""));
          socket.write(say("connect", ...values));
        } else if (one.opcode === "sync" && client.there !== true) {
          client.there = true;
          ready();
        } else client.heard(one);
        return true;
      }),
    );
    socket.write(say("select", "rdp"));
  });
  return client;
}

// --- the ways ------------------------------------------------------------------------------------

async function startSidecar(folder, guacdPort) {
  writeFileSync(join(folder, "rules.yaml"), ruleFile(RULES));
  writeFileSync(join(folder, "password"), "of the bench");
  const file = join(folder, "chaperone.yaml");
  const [ssh, guacd, admin] = await Promise.all([freePort(), freePort(), freePort()]);
  writeFileSync(
    file,
    `apiVersion: chaperone/v1
kind: Sidecar
site: bench
workers: 1
stateDir: ./var
limits: { unauthenticated: 1000, unauthenticatedPerAddress: 1000, sessionsPerPerson: 1000 }
listen:
  ssh: { address: 127.0.0.1, port: ${ssh} }
  guacd: { address: 127.0.0.1, port: ${guacd}, target: "127.0.0.1:${guacdPort}" }
  admin: { port: ${admin}, tokens: [ { name: ops, role: admin, file: ./admin.token } ] }
people: [ { name: alice, password: { file: ./password } } ]
targets:
  - { name: win-1, protocol: rdp, address: "192.0.2.7", accounts: [ { name: me, password: { file: ./password } } ] }
rules: [ ./rules.yaml ]
events: { file: { path: ./events.ndjson } }
`,
  );
  const bin = fileURLToPath(new URL("../bin/chaperone.mjs", import.meta.url));
  const child = spawn(process.execPath, [bin, "run", "--config", file], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const call = async (path, body) => {
    const token = readFileSync(join(folder, "admin.token"), "utf8").trim();
    const answer = await fetch(`http://127.0.0.1:${admin}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: await answer.json() };
  };
  for (let tries = 0; ; tries += 1) {
    const up = await call("/v1/sessions").catch(() => null);
    if (up?.status === 200) break;
    if (tries > 300 || child.exitCode !== null) throw new Error("the sidecar does not start");
    await sleep(100);
  }
  return {
    child,
    pid: child.pid,
    async enter() {
      const { status, body } = await call("/v1/session-tokens", {
        person: "alice",
        target: "win-1",
      });
      if (status !== 201) throw new Error(JSON.stringify(body));
      return await enter(guacd, body.token);
    },
  };
}

async function startRelay(guacdPort) {
  const file = fileURLToPath(new URL("./bare-relay.mjs", import.meta.url));
  const child = spawn(process.execPath, [file, String(guacdPort)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const port = await new Promise((resolve) =>
    child.stdout.once("data", (text) => resolve(Number(text))),
  );
  return { child, pid: child.pid, enter: () => enter(port, "") };
}

async function freePort() {
  const server = createServer();
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

// --- what is measured ----------------------------------------------------------------------------

/** In turns: a key there, a frame back. The ratio is the median of those of the rounds. */
async function compareDelays({ sidecar, relay, turns, rounds }) {
  const ways = { relay: await relay.enter(), sidecar: await sidecar.enter() };
  const spent = { relay: [], sidecar: [] };
  const ratios = [];
  for (let round = -1; round < rounds; round += 1) {
    const medians = {};
    for (const [name, client] of Object.entries(ways)) {
      const times = await timeKeys(client, turns);
      medians[name] = median(times);
      if (round >= 0) spent[name].push(...times); // the first one warms up
    }
    if (round >= 0) ratios.push(medians.sidecar / medians.relay);
  }
  for (const { socket } of Object.values(ways)) socket.destroy();
  return {
    relay: percentiles(spent.relay),
    sidecar: percentiles(spent.sidecar),
    ratio: median(ratios),
    turns: turns * rounds,
  };
}

async function timeKeys(client, turns) {
  const times = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const answered = new Promise((resolve) => {
      client.heard = ({ opcode }) => opcode === "sync" && resolve();
    });
    const start = process.hrtime.bigint();
    client.socket.write(say("key", 97, 1));
    await answered;
    times.push(Number(process.hrtime.bigint() - start) / 1e3);
    client.socket.write(say("key", 97, 0));
    // One line is no longer than people type: Backspace keeps it short.
    client.socket.write(say("key", 65288, 1) + say("key", 65288, 0));
    await sleep(0);
  }
  client.heard = () => undefined;
  return times;
}

/** Every session draws and is used at once; CPU time of all processes of the sidecar. */
async function measureLoad({ sidecar, guacd, sessions, seconds }) {
  const clients = [];
  for (let one = 0; one < sessions; one += 1) clients.push(await sidecar.enter());
  const screens = [...guacd.screens];
  const perTick = (INSTRUCTIONS_A_SECOND * TICK_MS) / 1_000;
  let passed = 0;
  for (const client of clients) client.heard = () => (passed += 1);
  const before = ticksOf(sidecar.pid);
  const start = process.hrtime.bigint();
  let frame = 10_000;
  let ticks = 0;
  while (Number(process.hrtime.bigint() - start) < seconds * 1e9) {
    frame += TICK_MS;
    // Of five instructions: a picture (three), its frame, and one of the person.
    const drawn =
      say("img", 1, 14, 0, "image/png", 0, 0) +
      say("blob", 1, PICTURE) +
      say("end", 1) +
      say("sync", frame);
    for (const socket of screens) if (!socket.writableNeedDrain) socket.write(drawn);
    const moved = say("mouse", 10 + (ticks % 900), 20, 0);
    for (const { socket } of clients) socket.write(moved);
    ticks += 1;
    await sleep(TICK_MS);
  }
  const elapsed = Number(process.hrtime.bigint() - start) / 1e9;
  const cpu = (ticksOf(sidecar.pid) - before) / TICKS_A_SECOND;
  for (const { socket } of clients) socket.destroy();
  const instructions = ticks * sessions * perTick;
  return {
    sessions,
    seconds: elapsed,
    instructionsASecond: Math.round(instructions / elapsed),
    cpuShare: cpu / elapsed,
    cpuMicros: (cpu * 1e6) / instructions,
    /** Of what was drawn: the rest was still on its way. */
    passedShare: passed / (ticks * sessions * (perTick - 1)),
  };
}

function ticksOf(pid) {
  let ticks = 0;
  for (const one of processesOf(pid)) {
    for (const task of readdirSync(`/proc/${one}/task`)) {
      const stat = readFileSync(`/proc/${one}/task/${task}/stat`, "utf8");
      const fields = (stat.split(") ").at(-1) ?? "").split(" ");
      ticks += Number(fields[11]) + Number(fields[12]);
    }
  }
  return ticks;
}

function percentiles(times) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { p50: at(0.5), p99: at(0.99) };
}
