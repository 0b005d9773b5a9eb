import { runWorker } from "../runtime/index.js";
import { compileSooner } from "./compile-sooner.js";
import { createLog } from "./log.js";
import { createWorld } from "./sidecar/world.js";
import type { WorkerSettings } from "./sidecar/worker-settings.js";

/** The module that a session process runs: `worker-main.js <role> <spool folder>`. */
const [role = "", spoolDir = ""] = process.argv.slice(2);

runWorker({
  role,
  spoolDir,
  create: (raw, link) => {
    const settings = raw as WorkerSettings; // our own parent sends nothing else
    const log = createLog({ ...settings.log, role });
    const world = createWorld({ settings, link, log });
    // Not before: what only the start needs is not worth compiling.
    compileSooner();
    return Promise.resolve(world);
  },
});
