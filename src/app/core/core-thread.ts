import { Worker } from "node:worker_threads";
import type {
  CoreMessage,
  CoreSettings,
  CoreWire,
  SidecarMessage,
  WireEars,
} from "../../core/index.js";
import { err, fault, ok, type Fault, type Result } from "../../kernel/index.js";
import type { CoreConfig } from "../config/index.js";
import type { LogOptions } from "../log.js";

export interface CoreThreadData {
  readonly config: CoreConfig;
  readonly settings: CoreSettings;
  readonly log: Pick<LogOptions, "level" | "file">;
}

export type ToCoreThread = SidecarMessage | { readonly type: "stop" };
export type FromCoreThread =
  | CoreMessage
  | {
      readonly type: "ready";
      readonly listens: { readonly address: string; readonly port: number } | null;
    }
  | { readonly type: "failed"; readonly fault: Fault };

/** The embedded core in its thread. */
export interface CoreThread {
  /** A wire to it; started anew when it has died. */
  open(ears: WireEars): Promise<Result<CoreWire, Fault>>;
  /** Where it listens; null: nowhere, or not yet. */
  readonly listens: { readonly address: string; readonly port: number } | null;
  stop(): Promise<void>;
}

/** A clean stop writes at most one batch; longer is a store that hangs. */
const STOP_MS = 5_000;

export function createCoreThread(data: CoreThreadData, module: URL): CoreThread {
  let worker: Worker | null = null;
  let listens: CoreThread["listens"] = null;

  function open(ears: WireEars): Promise<Result<CoreWire, Fault>> {
    const started = new Worker(module, { workerData: data, name: "chaperone-core" });
    worker = started;
    return new Promise((settled) => {
      let ready = false;
      const failed = (why: Fault): void => {
        worker = null;
        listens = null;
        void started.terminate();
        if (ready) ears.broken(why);
        else settled(err(why));
      };
      started.on("message", (message: FromCoreThread) => {
        if (message.type === "failed") {
          failed(message.fault);
        } else if (message.type === "ready") {
          ready = true;
          listens = message.listens;
          settled(
            ok({
              send: (one) => started.postMessage(one),
              // The next wire gets a thread of its own, which learns from the store.
              close: () => {
                if (worker === started) void stopOf(started);
              },
            }),
          );
        } else {
          ears.heard(message);
        }
      });
      started.on("error", (error) => failed(fault("CHP_CORE_LINK", error.message)));
      started.on("exit", (code) => {
        if (worker === started) failed(fault("CHP_CORE_LINK", `the core ended with ${code}`));
      });
    });
  }

  async function stopOf(running: Worker): Promise<void> {
    if (worker === running) worker = null;
    const gone = new Promise<void>((done) => running.once("exit", () => done()));
    const stop: ToCoreThread = { type: "stop" };
    running.postMessage(stop);
    const timer = setTimeout(() => void running.terminate(), STOP_MS);
    await gone;
    clearTimeout(timer);
  }

  return {
    open,
    get listens() {
      return listens;
    },
    async stop() {
      if (worker !== null) await stopOf(worker);
    },
  };
}
