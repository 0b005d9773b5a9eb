// Tells events as a session process does: enveloped, encoded, each appended to the spool by itself, and the
// parent told by notices. `node worker.mjs SPOOL`
import { performance } from "node:perf_hooks";
import process from "node:process";
import { clearInterval, setInterval } from "node:timers";

import { createEventEncoder } from "../../dist/events/index.js";
import {
  createClock,
  createSpoolWriter,
  markOfThisProcess,
  streamKey,
} from "../../dist/runtime/index.js";
import { createNotes } from "../../dist/runtime/worker/notes.js";

const [dir = ""] = process.argv.slice(2);
const TICK_MS = 5;
const SESSIONS = 32;
const stream = streamKey({ role: "w0", process: markOfThisProcess(), startedMs: Date.now() });
const notes = createNotes((notice) => process.send({ kind: "noted", notice }));
const spool = createSpoolWriter({ dir, stream, appended: () => notes.spooled() });
const clock = createClock();
const sessions = Array.from({ length: SESSIONS }, (_, n) => newSession(n));

function newSession(n) {
  const id = `019391${String(n).padStart(2, "0")}-7f3a-7c11-9a55-${String(process.pid).padStart(12, "0")}`;
  const encoder = createEventEncoder({ source: "/chaperone/bench/node-1", subject: id });
  const ref = {
    id,
    protocol: "web",
    person: "alice",
    account: "root",
    target: "app",
    origin: "192.0.2.17",
  };
  return { ref, encoder, sequence: 0 };
}

function tell(session) {
  const { ref, encoder, sequence } = session;
  const draft = sequence === 0 ? openedEvent(ref) : requestedEvent(ref, sequence);
  const appended = spool.append(encoder.encode(draft, sequence, clock.wall()));
  if (!appended.ok) throw new Error(appended.error.message);
  session.sequence += 1;
}

function openedEvent(session) {
  const rest = { clientVersion: "Mozilla/5.0", authMethods: ["header"], targetLabels: {} };
  return {
    type: "session.opened",
    data: { session, groups: ["dba"], ...rest, rulesDigest: DIGEST },
  };
}

const DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

function requestedEvent(session, request) {
  return {
    type: "web.requested",
    data: {
      session,
      request,
      method: "GET",
      url: `http://app.example/console/orders/${request}/lines?page&size&sort`,
      status: 200,
      bytes: { toTarget: 412, toPerson: 2_231 },
      contentType: "application/json",
      durationMs: 3,
      decision: "allowed",
      rules: [],
      rulesDigest: DIGEST,
    },
  };
}

function run({ events, rate }) {
  let told = 0;
  const before = process.cpuUsage();
  const begun = performance.now();
  const tick = setInterval(
    () => {
      const due = Math.min(events, Math.ceil(((performance.now() - begun) / 1_000) * rate));
      // Never so many at a time that nothing else is heard.
      for (const end = Math.min(due, told + 2_000); told < end; told += 1) {
        tell(sessions[told % SESSIONS]);
      }
      if (told < events) return;
      clearInterval(tick);
      const cpu = process.cpuUsage(before);
      process.send({ kind: "told", micros: cpu.user + cpu.system, ms: performance.now() - begun });
    },
    Math.max(TICK_MS, 1_000 / rate),
  );
}

process.on("message", (message) => {
  if (message.kind === "run") run(message);
  else {
    spool.close();
    process.exit(0);
  }
});
process.send({ kind: "hello", stream });
