// Events through the spool and the sinks, and how long a receiver waits for one. The event house runs
// in a process of its own (test/sinks/teller.mjs), as the parent of a sidecar does; the receivers are
// in this one.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { compare } from "./keys.mjs";
import { startBenchLab } from "./lab.mjs";

const TELLER = fileURLToPath(new URL("../test/sinks/teller.mjs", import.meta.url));
const RECEIVER = fileURLToPath(new URL("./event-receiver.mjs", import.meta.url));
const RSYSLOGD = "/usr/sbin/rsyslogd";

/** Sustained rate with two sinks, the latency at a modest one with three, and keys beside all that. */
export async function measureSinks({
  sustainedEvents = 100_000,
  latencyEvents = 4_000,
  rounds = 5,
  keysPerRound = 2_000,
} = {}) {
  return {
    keys: await keysBesideEvents({ rounds, keys: keysPerRound }),
    sustained: await sustained(sustainedEvents),
    latency: await latency(latencyEvents),
    memory: await deadSink(sustainedEvents),
  };
}

async function sustained(events) {
  const webhook = await receiver((body) => body.match(/"specversion"/g)?.length ?? 0);
  const hec = await receiver((body) => body.match(/"specversion"/g)?.length ?? 0);
  const lab = await startTeller({
    sinks: [hookSink(webhook.port), hecSink(hec.port)],
    rate: 1_000_000,
    events,
  });
  const began = performance.now();
  await until(() => webhook.count() >= events && hec.count() >= events);
  const seconds = (performance.now() - began) / 1_000;
  const { usage } = await lab.status();
  const figures = {
    events,
    eventsPerSecond: Math.round(events / seconds),
    cpuSecondsOfTheSidecar: (usage.user + usage.system) / 1e6,
    cpuMicrosPerEvent: (usage.user + usage.system) / events,
  };
  await lab.stop();
  webhook.close();
  hec.close();
  return figures;
}

const EVENTS_PER_SECOND = 5_000;

/**
 * Keys to their echo, direct and through a sidecar in turns, while 5,000 events a second go through
 * spool, sealed log and two sinks on the same machine: medians of some rounds.
 */
async function keysBesideEvents({ rounds, keys }) {
  const lab = await startBenchLab();
  try {
    await compare(lab, keys / 4);
    const alone = await compare(lab, keys);
    const all = [];
    for (let round = 0; round < rounds; round += 1) all.push(await keysInRound(lab, keys));
    const median = (pick) => all.map(pick).sort((a, b) => a - b)[Math.floor(rounds / 2)];
    const of = (path) => ({
      p50: median((one) => one[path].p50),
      p99: median((one) => one[path].p99),
    });
    return {
      rounds,
      keysPerRound: keys,
      alone,
      direct: of("direct"),
      sidecar: of("sidecar"),
      toldPerSecond: median((one) => one.toldPerSecond),
      receivedPerSecond: median((one) => one.receivedPerSecond),
    };
  } finally {
    await lab.end();
  }
}

async function keysInRound(lab, keys) {
  const receivers = await startReceivers();
  const [hook, hec] = receivers.ports;
  const teller = await startTeller({
    sinks: [hookSink(hook), hecSink(hec)],
    rate: EVENTS_PER_SECOND,
    sealed: true,
  });
  await sleep(2_000);
  const counts = async () => ({
    told: (await teller.status()).told,
    received: Math.min(...(await receivers.received())),
    at: performance.now(),
  });
  const before = await counts();
  const took = await compare(lab, keys);
  const after = await counts();
  await teller.stop();
  await receivers.stop();
  const seconds = (after.at - before.at) / 1_000;
  return {
    ...took,
    toldPerSecond: Math.round((after.told - before.told) / seconds),
    receivedPerSecond: Math.round((after.received - before.received) / seconds),
  };
}

async function startReceivers() {
  const child = spawn(process.execPath, [RECEIVER], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const [{ ports }] = await once(child, "message");
  return {
    ports,
    async received() {
      child.send("received");
      const [answer] = await once(child, "message");
      return answer.received;
    },
    async stop() {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}

async function latency(events) {
  const webhook = await receiver(() => 0);
  const hec = await receiver(() => 0);
  const rsyslog = await startRsyslog();
  const sinks = [hookSink(webhook.port), hecSink(hec.port)];
  if (rsyslog !== null) {
    sinks.push(
      `{ name: syslog, type: syslog, enforced: true, address: "127.0.0.1:${rsyslog.port}", tls: { ca: "${rsyslog.dir}/cert.pem" } }`,
    );
  }
  const lab = await startTeller({ sinks, rate: 400, events });
  await lab.told();
  await sleep(2_000);
  const figures = {
    events,
    perSecond: 400,
    webhook: percentiles(webhook.latencies()),
    splunkHec: percentiles(hec.latencies()),
    ...(rsyslog === null ? {} : { rsyslogTls: percentiles(rsyslog.latencies()) }),
  };
  await lab.stop();
  webhook.close();
  hec.close();
  rsyslog?.stop();
  return figures;
}

/** What a sink that takes nothing costs: memory before and after many events wait for it. */
async function deadSink(events) {
  const lab = await startTeller({ sinks: [hookSink(1)], rate: 5_000, events });
  await sleep(1_000);
  const before = (await lab.status()).memory.rss;
  await lab.told();
  const after = await lab.status();
  await lab.stop();
  return {
    events,
    waitingMegabytes: Math.round((after.status[0]?.backlogBytes ?? 0) / 2 ** 20),
    rssBeforeMegabytes: Math.round(before / 2 ** 20),
    rssAfterMegabytes: Math.round(after.memory.rss / 2 ** 20),
  };
}

const hookSink = (port) =>
  `{ name: hook, type: webhook, enforced: true, url: "http://127.0.0.1:${port}/", secret: { value: k } }`;
const hecSink = (port) =>
  `{ name: hec, type: splunk-hec, enforced: true, url: "http://127.0.0.1:${port}", token: { value: t } }`;

async function startTeller({ sinks, rate, events = Infinity, sealed = false }) {
  const dir = mkdtempSync(join(tmpdir(), "chaperone-bench-sinks-"));
  const config = join(dir, "chaperone.yaml");
  writeFileSync(
    config,
    `apiVersion: chaperone/v1
kind: Sidecar
stateDir: ./state
targets: [ { name: t, protocol: ssh, address: "127.0.0.1:1", hostKey: { trust: first-use }, accounts: [ { name: root, passthrough: true } ] } ]
events:
  sealed: ${sealed}
  sinks:
${sinks.map((sink) => `    - ${sink}\n`).join("")}`,
  );
  const child = spawn(process.execPath, [TELLER, config, String(rate), String(events)], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  let text = "";
  child.stdout.on("data", (chunk) => (text += chunk));
  await until(() => text.includes("ready"));
  return {
    told: () => until(() => text.includes("told ")),
    async status() {
      child.send("status");
      const [answer] = await once(child, "message");
      return answer;
    },
    async stop() {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function receiver(count) {
  let received = 0;
  const latencies = [];
  const server = createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      const now = Date.now();
      received += count(body);
      if (latencies.length < 50_000) {
        for (const [, time] of body.matchAll(/"subject":"[^"]*","time":"([^"]+)"/g)) {
          latencies.push(now - Date.parse(time));
        }
      }
      response.end('{"text":"Success","code":0}');
    });
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    port: server.address().port,
    count: () => received,
    latencies: () => latencies,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Over TLS; it writes when it received each message, next to when the event happened. */
async function startRsyslog() {
  if (!existsSync(RSYSLOGD)) return null;
  const dir = mkdtempSync(join(tmpdir(), "chaperone-bench-rsyslog-"));
  const names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      "key.pem",
      "-out",
      "cert.pem",
      "-days",
      "2",
      ...names,
    ],
    { cwd: dir, stdio: "ignore" },
  );
  writeFileSync(
    join(dir, "rsyslog.conf"),
    `global(workDirectory="${dir}" maxMessageSize="64k" defaultNetstreamDriverCAFile="${dir}/cert.pem"
  defaultNetstreamDriverCertFile="${dir}/cert.pem" defaultNetstreamDriverKeyFile="${dir}/key.pem")
module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")
template(name="times" type="string" string="%timereported:::date-rfc3339% %timegenerated:::date-rfc3339%\\n")
input(type="imtcp" address="127.0.0.1" port="0" listenPortFileName="${dir}/port")
action(type="omfile" file="${dir}/out.log" template="times")
`,
  );
  const daemon = spawn(RSYSLOGD, ["-n", "-f", join(dir, "rsyslog.conf"), "-i", join(dir, "pid")], {
    stdio: "ignore",
  });
  const port = () =>
    existsSync(join(dir, "port")) ? readFileSync(join(dir, "port"), "utf8").trim() : "";
  await until(() => port() !== "");
  return {
    dir,
    port: port(),
    latencies: () =>
      readFileSync(join(dir, "out.log"), "utf8")
        .trim()
        .split("\n")
        .map((line) => {
          const [reported = "", generated = ""] = line.split(" ");
          return Date.parse(generated) - Date.parse(reported);
        }),
    stop() {
      daemon.kill("SIGKILL");
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function percentiles(latencies) {
  const sorted = [...latencies].sort((a, b) => a - b);
  const at = (part) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? null;
  return { events: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), mostMs: at(1) };
}

async function until(condition) {
  for (const deadline = performance.now() + 300_000; !condition(); await sleep(10)) {
    if (performance.now() > deadline) throw new Error("it takes too long");
  }
}
