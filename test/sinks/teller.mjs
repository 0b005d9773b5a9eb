// A sidecar's event house alone, with the compiled program: tells events of several sessions as fast as
// it is told to, until it is killed. `node teller.mjs CONFIG EVENTS_PER_SECOND [EVENTS]`
import { clearInterval, setInterval } from "node:timers";
import { performance } from "node:perf_hooks";

import { loadConfig } from "../../dist/app/config/index.js";
import { openEventHouse } from "../../dist/app/sidecar/event-house.js";
import { encodeEvent, wrapEvent } from "../../dist/events/index.js";
import {
  createClock,
  createSpoolWriter,
  markOfThisProcess,
  openStateDir,
  streamKey,
} from "../../dist/runtime/index.js";

const [file = "", rate = "1000", most = "Infinity"] = process.argv.slice(2);
const TICK_MS = 5;
const SESSIONS = 8;

const config = loadConfig({ file });
if (!config.ok) throw new Error(JSON.stringify(config.error));
const state = openStateDir(config.value.stateDir);
if (!state.ok) throw new Error(state.error.message);
const log = {
  info: () => undefined,
  warn: () => undefined,
  error: (event, facts) => console.error(event, JSON.stringify(facts)),
};
const opened = await openEventHouse({
  config: config.value,
  state: state.value,
  log,
  env: process.env,
  version: "0.0.0",
});
if (!opened.ok) throw new Error(opened.error.message);
const house = opened.value;
const clock = createClock();

const startedMs = Date.now();
const stream = streamKey({ role: "w0", process: markOfThisProcess(), startedMs });
house.streamStarted(stream);
const spool = createSpoolWriter({
  dir: state.value.spool,
  stream,
  appended: () => house.delivery.appended(stream),
});

const sessions = Array.from({ length: SESSIONS }, (_, n) => ({
  id: `s${n}-${process.pid}-${startedMs}`,
  sequence: 0,
}));

function tellOne(session) {
  const { id } = session;
  const ref = {
    id,
    protocol: "ssh",
    person: "alice",
    account: "root",
    target: "db-1",
    origin: "192.0.2.7",
  };
  const event =
    session.sequence === 0
      ? {
          type: "session.opened",
          data: {
            session: ref,
            groups: [],
            clientVersion: "x",
            authMethods: [],
            targetLabels: {},
            rulesDigest: "d",
          },
        }
      : {
          type: "command.entered",
          data: {
            session: ref,
            channel: 0,
            text: `sudo systemctl restart unit-${session.sequence}.service`,
            hidden: false,
            source: "both",
            confidence: 1,
            context: "shell",
            decision: "allowed",
            rules: [],
            invocations: [
              { argv: ["systemctl", "restart", `unit-${session.sequence}`], via: ["sudo"] },
            ],
            rulesDigest: "d",
          },
        };
  const facts = {
    source: "/chaperone/lab/teller",
    subject: id,
    sequence: session.sequence,
    wall: clock.wall(),
  };
  const appended = spool.append(encodeEvent(wrapEvent(event, facts)));
  if (appended.ok) session.sequence += 1;
  return appended.ok;
}

let told = 0;
let due = 0;
const begun = performance.now();
const tick = setInterval(() => {
  due = Math.min(Number(most), ((performance.now() - begun) / 1_000) * Number(rate));
  while (told < due) {
    if (!house.roomForEvents() || !tellOne(sessions[told % SESSIONS])) break;
    told += 1;
  }
  if (told >= Number(most)) {
    clearInterval(tick);
    console.log(`told ${told}`);
  }
}, TICK_MS);

process.on("message", (message) => {
  if (message === "status")
    process.send?.({
      told,
      status: house.sinks.status(),
      usage: process.cpuUsage(),
      memory: process.memoryUsage(),
    });
});
process.on("SIGTERM", () => {
  void (async () => {
    clearInterval(tick);
    house.delivery.streamEnded(stream);
    house.delivery.drain();
    await house.close();
    state.value.release();
    process.exit(0);
  })();
});
console.log("ready");
