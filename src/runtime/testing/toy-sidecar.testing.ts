import { join } from "node:path";
import { openEventFile } from "../../sinks/file/event-file.js";
import { createClock } from "../clock/index.js";
import { createDelivery } from "../spool/delivery.js";
import { waitForOldWriters } from "../spool/old-writers.js";
import type { RuntimeLog } from "../spool/ports.js";
import { markOfThisProcess } from "../spool/process-mark.js";
import { streamKey } from "../spool/segment-name.js";
import { createSpoolWriter } from "../spool/spool-writer.js";
import { openStateDir } from "../spool/state-dir.js";
import { createTeller } from "../spool/teller.js";
import { createWorkerPool } from "../supervisor/worker-pool.js";

/** A sidecar with toy workers: everything of the spool and of the processes is the real thing. */
const [stateDir = "", eventPath = "", workers = "2", busy = "busy"] = process.argv.slice(2);
const log: RuntimeLog = {
  info: () => undefined,
  warn: () => undefined,
  error: (event, facts) => console.error(event, JSON.stringify(facts)),
};

const state = openStateDir(stateDir);
if (!state.ok) throw new Error(state.error.message);
await waitForOldWriters(state.value.spool, log);
const file = openEventFile(eventPath);
if (!file.ok) throw new Error(file.error.message);
const startedMs = Date.now();
const boot = `${process.pid}-${startedMs}`;
const stream = streamKey({ role: "parent", process: markOfThisProcess(), startedMs });
const delivery = createDelivery({
  dir: state.value.spool,
  file: file.value,
  log,
  drained(live) {
    for (const [id, session] of delivery.sessions) {
      if (live.has(session.stream)) continue;
      const reason = session.stream.startsWith("w") && ours.has(session.stream);
      teller.closeSession(id, reason ? "worker-died" : "sidecar-died");
    }
    delivery.appended(stream);
  },
});
const ours = new Set<string>();
const spool = createSpoolWriter({
  dir: state.value.spool,
  stream,
  appended: () => delivery.appended(stream),
});
delivery.streamStarted(stream);
const teller = createTeller(
  { clock: createClock(), spool, delivery, log },
  { source: "/chaperone/lab/toy", subject: `sidecar-${boot}` },
);
delivery.drain();
teller.tell({
  type: "sidecar.started",
  data: { version: "0", site: "lab", node: "toy", workers: 2, pid: process.pid },
});
const pool = createWorkerPool(
  {
    delivery: {
      streamStarted(name) {
        ours.add(name);
        delivery.streamStarted(name);
      },
      streamEnded: (name) => delivery.streamEnded(name),
      appended: (name) => delivery.appended(name),
    },
    log,
    answer: (question) => Promise.resolve({ asked: question }),
    connectionEnded: () => undefined,
    sessionEnded: () => undefined,
    workerDied: () => undefined,
    observed: () => undefined,
  },
  {
    count: Number(workers),
    module: new URL("./toy-worker.testing.js", import.meta.url),
    args: (slot) => [state.value.spool, `w${slot}`, join(stateDir, "effects"), busy],
    settings: () => null,
  },
);
const started = await pool.start();
if (!started.ok) throw new Error(started.error.message);
process.on("SIGTERM", () => {
  void (async () => {
    await pool.stop("shutdown", 1_000);
    delivery.drain();
    teller.tell({ type: "sidecar.stopped", data: { reason: "SIGTERM", openSessions: 0 } });
    await delivery.stop();
    state.value.release();
    process.exit(0);
  })();
});
process.stdout.write("ready\n");
