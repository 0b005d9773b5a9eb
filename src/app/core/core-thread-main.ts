import { parentPort, workerData } from "node:worker_threads";
import type { SidecarMessage } from "../../core/index.js";
import { createLog } from "../log.js";
import type { CoreThreadData, FromCoreThread, ToCoreThread } from "./core-thread.js";
import { runCore } from "./run-core.js";

/**
 * The thread of the embedded core: the same core behind the same messages as over the network. A store
 * that is slow, or a report of a year, holds up nothing but the core.
 */
const { config, settings, log: options } = workerData as CoreThreadData; // our own parent's
const port = parentPort;
if (port === null) throw new Error("core-thread-main runs in a thread");
const log = createLog({ ...options, role: "core" });
const tell = (message: FromCoreThread): void => port.postMessage(message);

const opened = await runCore(config, { settings, env: process.env, log });
if (!opened.ok) {
  tell({ type: "failed", fault: opened.error });
  port.close();
} else {
  const { core, served } = opened.value;
  const peer = core.connect(tell);
  port.on("message", (message: ToCoreThread) => {
    if (message.type === "stop") void stop();
    else take(message);
  });
  const take = (message: SidecarMessage): void => {
    const taken = peer.take(message);
    if (!taken.ok) tell({ type: "failed", fault: taken.error });
  };
  const stop = async (): Promise<void> => {
    peer.gone();
    await opened.value.close();
    port.close();
  };
  tell({
    type: "ready",
    listens: served === null ? null : { address: served.address, port: served.port },
  });
}
