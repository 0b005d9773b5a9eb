// What one event costs from the process that tells it to the sealed log and the synced event file: CPU
// microseconds of each process, at full speed, at a steady rate and where events come one by one.
// `npm run build && node bench/events.mjs [OPTIONS OF NODE]`, for instance --cpu-prof --cpu-prof-dir=DIR
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const PARENT = fileURLToPath(new URL("./events/parent.mjs", import.meta.url));

const EVENTS = 20_000;

console.table(await measureEvents(EVENTS, process.argv.slice(2)));

/** One row a way and pace: CPU microseconds an event of the parent and of the worker. */
async function measureEvents(events, execArgv) {
  const paces = [
    { name: "full speed", rate: 1e6, events },
    { name: "5000/s", rate: 5_000, events },
    { name: "20/s", rate: 20, events: 100 },
  ];
  const rows = [];
  for (const sink of [false, true]) {
    const lab = await startLab(sink, execArgv);
    try {
      await lab.run({ rate: 1e6, events }); // warm
      for (const { name, ...pace } of paces) {
        rows.push({ sink, pace: name, ...(await lab.run(pace)) });
      }
    } finally {
      await lab.stop();
    }
  }
  return rows;
}

async function startLab(withSink, execArgv) {
  const dir = mkdtempSync(join(tmpdir(), "chaperone-bench-events-"));
  const config = join(dir, "chaperone.yaml");
  const receiver = await startReceiver();
  const hook = `{ name: hook, type: webhook, url: "http://127.0.0.1:${receiver.port}/", secret: { value: k } }`;
  writeFileSync(
    config,
    `apiVersion: chaperone/v1
kind: Sidecar
stateDir: ./state
targets: [ { name: t, protocol: ssh, address: "127.0.0.1:1", hostKey: { trust: first-use }, accounts: [ { name: root, passthrough: true } ] } ]
${withSink ? `events: { sinks: [ ${hook} ] }` : ""}
`,
  );
  const parent = fork(PARENT, [config], { execArgv, cwd: dir });
  const ended = once(parent, "exit").then(([code]) => {
    throw new Error(`the event house ended with ${String(code)}`);
  });
  ended.catch(() => undefined);
  const heard = async () => (await Promise.race([once(parent, "message"), ended]))[0];
  await heard();
  let told = 0;

  async function spent() {
    parent.send({ kind: "spent" });
    return await heard();
  }

  return {
    async run({ rate, events }) {
      const before = await spent();
      const received = receiver.count();
      parent.send({ kind: "run", rate, events });
      const worker = await heard();
      told += events;
      let after = await spent();
      while (after.delivered < told || (withSink && receiver.count() - received < events)) {
        await sleep(100);
        after = await spent();
      }
      // The last batch is synced, and the cursors are written.
      await sleep(500);
      after = await spent();
      const cpu = (one) => one.parent.user + one.parent.system;
      return {
        parentMicros: round((cpu(after) - cpu(before)) / events),
        workerMicros: round(worker.micros / events),
        bytes: round((after.fileBytes - before.fileBytes) / events),
        seconds: round(worker.ms / 1_000),
      };
    },
    async stop() {
      const gone = once(parent, "exit");
      parent.send({ kind: "stop" });
      await gone;
      receiver.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function startReceiver() {
  let count = 0;
  const server = createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      count +=
        Buffer.concat(chunks)
          .toString()
          .match(/"specversion"/g)?.length ?? 0;
      response.end("{}");
    });
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    port: server.address().port,
    count: () => count,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function round(number) {
  return Math.round(number * 10) / 10;
}
