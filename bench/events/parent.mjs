// The parent of a sidecar with nothing but its event house: event file, sealed log, outbox of the sinks.
// `node parent.mjs CONFIG`; forks worker.mjs, and answers what it has spent.
import { fork } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { loadConfig } from "../../dist/app/config/index.js";
import { openBooks } from "../../dist/app/control/control.js";
import { openEventHouse } from "../../dist/app/sidecar/event-house.js";
import { openStateDir } from "../../dist/runtime/index.js";

const [file = ""] = process.argv.slice(2);
const config = loadConfig({ file });
if (!config.ok) throw new Error(JSON.stringify(config.error));
const state = openStateDir(config.value.stateDir);
if (!state.ok) throw new Error(state.error.message);
const log = {
  info: () => undefined,
  warn: () => undefined,
  error: (event, facts) => console.error(event, JSON.stringify(facts)),
};
const books = openBooks();
let delivered = 0;
const opened = await openEventHouse({
  config: config.value,
  state: state.value,
  log,
  env: process.env,
  version: "0.0.0",
  observed(event) {
    delivered += 1;
    books.observe(event);
  },
});
if (!opened.ok) throw new Error(opened.error.message);
const house = opened.value;
const worker = fork(fileURLToPath(new URL("./worker.mjs", import.meta.url)), [state.value.spool], {
  serialization: "advanced",
  execArgv: process.execArgv,
});
let stream = "";
worker.on("message", (message) => {
  if (message.kind === "hello") {
    stream = message.stream;
    house.streamStarted(stream);
    process.send({ kind: "ready" });
  } else if (message.kind === "noted") {
    if (message.notice.spooled) house.delivery.appended(stream);
  } else process.send(message);
});
process.on("message", (message) => {
  if (message.kind === "spent") {
    process.send({
      kind: "spent",
      delivered,
      fileBytes: existsSync(config.value.events.file) ? statSync(config.value.events.file).size : 0,
      parent: process.cpuUsage(),
      sinks: house.sinks.status(),
    });
  } else if (message.kind === "stop") void stop();
  else worker.send(message);
});

async function stop() {
  worker.send({ kind: "stop" });
  await new Promise((gone) => worker.once("exit", gone));
  house.delivery.streamEnded(stream);
  house.delivery.drain();
  await house.close();
  state.value.release();
  process.exit(0);
}
