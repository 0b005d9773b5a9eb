import { fork, type ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import { err, fault, ok, type Fault, type Result, type SessionId } from "../../kernel/index.js";
import type { CommandOutcome, InputBody, KillOrderedBy, SessionView } from "../../model/index.js";
import type { Delivery } from "../spool/delivery.js";
import type { RuntimeLog } from "../spool/ports.js";
import type {
  ConnectionFacts,
  ConnectionId,
  Notice,
  ParentMessage,
  WorkerMessage,
} from "../worker/messages.js";
import { packMessage, unpackMessage, wipeSecrets } from "../worker/wire-secrets.js";
import { createWorkerLoad, type WorkerLoad } from "./worker-load.js";
import type { Workforce, WorkforceDeps, WorkOrder } from "./workforce.js";

export interface WorkerPoolDeps extends WorkforceDeps {
  readonly delivery: Pick<Delivery, "streamStarted" | "streamEnded" | "appended">;
  readonly log: RuntimeLog;
}

export interface WorkerPoolOptions {
  readonly count: number;
  /** The module that a worker process runs; it calls `runWorker`. */
  readonly module: URL;
  /** Arguments of the worker in this slot. */
  readonly args: (slot: number) => readonly string[];
  /** MiB of each half of the young generation of the worker in this slot; absent: small. */
  readonly youngGenerationMiB?: (slot: number) => number | undefined;
  /** What a worker is told first; asked anew for every start, so that it holds the newest rules. */
  readonly settings: () => unknown;
}

/**
 * MiB of each half of a worker's young generation. V8 lets it grow to 16, which many quiet sessions fill
 * with the garbage of their opening and never give back; with 2 the CPU time of bulk is the same.
 */
const YOUNG_GENERATION_MIB = 2;
/** A worker that reads its configuration and compiles its rules takes well under a second. */
const START_TIMEOUT_MS = 20_000;
const RESTART_DELAY_MS_MIN = 100;
const RESTART_DELAY_MS_MAX = 10_000;
/** A worker that lived this long did not die of its start: the next one starts at once. */
const HEALTHY_AFTER_MS = 30_000;
/** After the drain time a worker gets this long for its last words. */
const EXIT_GRACE_MS = 1_000;

interface Worker {
  readonly slot: number;
  readonly process: ChildProcess;
  readonly startedMs: number;
  readonly connections: Set<ConnectionId>;
  stream: string | null;
  ready: boolean;
  readonly load: WorkerLoad;
}

/** Worker processes, each with its sessions. One that dies takes only these, and is replaced. */
export function createWorkerPool(deps: WorkerPoolDeps, options: WorkerPoolOptions): Workforce {
  return new WorkerPool(deps, options);
}

class WorkerPool implements Workforce {
  readonly #deps: WorkerPoolDeps;
  readonly #options: WorkerPoolOptions;
  readonly #workers = new Map<number, Worker>();
  readonly #restarts = new Map<number, NodeJS.Timeout>();
  readonly #delays = new Map<number, number>();
  readonly #asked = new Map<
    number,
    { readonly slot: number; readonly settle: (answer: WorkerAnswer | null) => void }
  >();
  #nextAsked = 0;
  #changed: (() => void)[] = [];
  #stopping = false;

  constructor(deps: WorkerPoolDeps, options: WorkerPoolOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  get connections(): number {
    let sum = 0;
    for (const worker of this.#workers.values()) sum += worker.connections.size;
    return sum;
  }

  async start(): Promise<Result<void, Fault>> {
    for (let slot = 0; slot < this.#options.count; slot += 1) this.#fork(slot);
    const all = (): boolean =>
      [...this.#workers.values()].filter((w) => w.ready).length === this.#options.count;
    const failed = (): boolean => this.#restarts.size > 0;
    await this.#until(() => all() || failed(), START_TIMEOUT_MS);
    if (all()) return ok(undefined);
    await this.stop("start-failed", 0);
    return err(fault("CHP_RUNTIME_WORKER_START", "a worker process ended before it was ready"));
  }

  assign(connection: ConnectionFacts, socket: Socket): boolean {
    const worker = connection.door === "web" ? this.#first() : this.#leastLoaded();
    if (worker === null) return false;
    worker.connections.add(connection.id);
    worker.load.arrived();
    const message: ParentMessage = { kind: "connection", connection };
    worker.process.send(message, socket, { keepOpen: false }, (error) => {
      if (error === null) return;
      socket.destroy();
      this.#ended(worker, connection.id);
    });
    return true;
  }

  /** A web session has many connections: they all have to come to the process that knows it. */
  #first(): Worker | null {
    const ready = [...this.#workers.values()].filter((worker) => worker.ready);
    return ready.reduce<Worker | null>(
      (first, one) => (first === null || one.slot < first.slot ? one : first),
      null,
    );
  }

  news(news: unknown): void {
    for (const worker of this.#workers.values()) this.#send(worker, { kind: "news", news });
  }

  kill(session: SessionId, reason: string, by: KillOrderedBy): void {
    // Whoever has it acts; the others do not know it.
    for (const worker of this.#workers.values()) {
      this.#send(worker, { kind: "kill", session, reason, by });
    }
  }

  async order(
    { sessions, done, input }: WorkOrder,
    deadlineMs: number,
  ): Promise<ReadonlyMap<SessionId, CommandOutcome>> {
    const answers = await this.#askAll(
      (id) => ({ kind: "order", id, sessions, done, input }),
      deadlineMs,
    );
    const outcomes = new Map<SessionId, CommandOutcome>();
    for (const answer of answers) {
      if (answer.kind !== "ordered") continue;
      for (const [session, outcome] of answer.outcomes) outcomes.set(session, outcome);
    }
    return outcomes;
  }

  tell(session: SessionId, input: InputBody): void {
    for (const worker of this.#workers.values())
      this.#send(worker, { kind: "tell", session, input });
  }

  async views(deadlineMs: number): Promise<readonly SessionView[]> {
    const answers = await this.#askAll((id) => ({ kind: "view", id }), deadlineMs);
    return answers.flatMap((answer) => (answer.kind === "viewed" ? answer.views : []));
  }

  /** Every ready worker, at once; who does not answer in time, or dies, is left out. */
  async #askAll(
    question: (id: number) => ParentMessage,
    deadlineMs: number,
  ): Promise<readonly WorkerAnswer[]> {
    const asked = [...this.#workers.values()].filter((worker) => worker.ready);
    const answers = await Promise.all(
      asked.map(
        (worker) =>
          new Promise<WorkerAnswer | null>((resolve) => {
            const id = this.#nextAsked++;
            const timer = setTimeout(() => settle(null), deadlineMs);
            const settle = (answer: WorkerAnswer | null): void => {
              clearTimeout(timer);
              this.#asked.delete(id);
              resolve(answer);
            };
            this.#asked.set(id, { slot: worker.slot, settle });
            this.#send(worker, question(id));
          }),
      ),
    );
    return answers.filter((answer) => answer !== null);
  }

  async stop(reason: string, drainMs: number): Promise<void> {
    this.#stopping = true;
    for (const timer of this.#restarts.values()) clearTimeout(timer);
    this.#restarts.clear();
    for (const worker of this.#workers.values()) {
      this.#send(worker, { kind: "shutdown", reason, drainMs });
    }
    await this.#until(() => this.#workers.size === 0, drainMs + EXIT_GRACE_MS);
    for (const worker of this.#workers.values()) worker.process.kill("SIGKILL");
    await this.#until(() => this.#workers.size === 0, EXIT_GRACE_MS);
  }

  #leastLoaded(): Worker | null {
    let best: Worker | null = null;
    for (const worker of this.#workers.values()) {
      if (!worker.ready || this.#stopping) continue;
      if (best === null || loadOf(worker) < loadOf(best)) best = worker;
    }
    return best;
  }

  #fork(slot: number): void {
    const young = this.#options.youngGenerationMiB?.(slot) ?? YOUNG_GENERATION_MIB;
    const child = fork(this.#options.module, this.#options.args(slot), {
      // JSON would turn keys and passwords into lists of numbers, and can not carry bytes.
      serialization: "advanced",
      // What this process was given comes last: it may say otherwise.
      execArgv: [`--max-semi-space-size=${young}`, ...process.execArgv],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const worker: Worker = {
      slot,
      process: child,
      startedMs: Date.now(),
      connections: new Set(),
      stream: null,
      ready: false,
      load: createWorkerLoad(Date.now),
    };
    this.#workers.set(slot, worker);
    child.on("message", (message) => this.#heard(worker, message as WorkerMessage)); // our own module at the other end
    child.on("error", (error) => {
      this.#deps.log.error("worker-failed", { slot, reason: error.message });
      if (child.pid === undefined) this.#died(worker, null, null);
    });
    child.on("exit", (code, signal) => this.#died(worker, code, signal));
  }

  #heard(worker: Worker, message: WorkerMessage): void {
    switch (message.kind) {
      case "hello":
        worker.stream = message.stream;
        this.#deps.delivery.streamStarted(message.stream);
        this.#send(worker, { kind: "start", settings: this.#options.settings() });
        return;
      case "ready":
        worker.ready = true;
        this.#deps.log.info("worker-ready", { slot: worker.slot, process: worker.process.pid });
        this.#notify();
        return;
      case "ask":
        void this.#answer(worker, message);
        if (message.spooled) this.#spooled(worker);
        return;
      case "noted":
        this.#noted(worker, message.notice);
        return;
      case "load":
        worker.load.told(message.busy);
        return;
      case "ordered":
      case "viewed":
        this.#asked.get(message.id)?.settle(message);
        return;
      case "observed":
        this.#deps.observed(message.session, message.to, message.entry);
        return;
    }
  }

  #noted(worker: Worker, { spooled, connections, sessions }: Notice): void {
    if (spooled) this.#spooled(worker);
    for (const connection of connections) this.#ended(worker, connection);
    for (const [session, story] of sessions) this.#deps.sessionEnded(session, story);
  }

  #spooled(worker: Worker): void {
    if (worker.stream !== null) this.#deps.delivery.appended(worker.stream);
  }

  async #answer(worker: Worker, message: Extract<WorkerMessage, { kind: "ask" }>): Promise<void> {
    const question = unpackMessage(message.question);
    const from = { stream: worker.stream ?? "" };
    let answer: unknown = null;
    try {
      answer = await this.#deps.answer(question, from);
    } catch (error) {
      // A bug: whoever asked is refused, and everybody else goes on.
      const place = error instanceof Error ? (error.stack?.split("\n")[1]?.trim() ?? "") : "";
      this.#deps.log.error("registry-failed", { place });
    }
    wipeSecrets(question);
    this.#send(worker, { kind: "answer", id: message.id, answer });
  }

  #send(worker: Worker, message: ParentMessage): void {
    if (!worker.process.connected) return;
    const packed = packMessage(message);
    // Not before: while a socket is on its way, the channel keeps messages back, unserialised. That
    // the worker is gone is told by "exit".
    worker.process.send(packed.message as ParentMessage, () => packed.wipe());
  }

  #ended(worker: Worker, connection: ConnectionId): void {
    if (worker.connections.delete(connection)) this.#deps.connectionEnded(connection);
  }

  #died(worker: Worker, code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#workers.get(worker.slot) !== worker) return;
    this.#workers.delete(worker.slot);
    const facts = { slot: worker.slot, process: worker.process.pid, code, signal };
    if (this.#stopping) this.#deps.log.info("worker-ended", facts);
    else this.#deps.log.error("worker-died", { ...facts, connections: worker.connections.size });
    if (worker.stream !== null) this.#deps.delivery.streamEnded(worker.stream);
    for (const connection of [...worker.connections]) this.#ended(worker, connection);
    if (worker.stream !== null) this.#deps.workerDied(worker.stream);
    for (const one of [...this.#asked.values()]) if (one.slot === worker.slot) one.settle(null);
    if (!this.#stopping) this.#restartLater(worker);
    this.#notify();
  }

  #restartLater(worker: Worker): void {
    const healthy = worker.ready && Date.now() - worker.startedMs >= HEALTHY_AFTER_MS;
    const delay = healthy ? 0 : (this.#delays.get(worker.slot) ?? 0);
    const next = Math.min(RESTART_DELAY_MS_MAX, Math.max(RESTART_DELAY_MS_MIN, delay * 2));
    this.#delays.set(worker.slot, next);
    const timer = setTimeout(() => {
      this.#restarts.delete(worker.slot);
      this.#fork(worker.slot);
    }, delay);
    this.#restarts.set(worker.slot, timer);
  }

  #notify(): void {
    const waiting = this.#changed;
    this.#changed = [];
    for (const wake of waiting) wake();
  }

  /** Waits until the workers are as wanted, or for the time. */
  async #until(wanted: () => boolean, timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!wanted()) {
      const left = deadline - Date.now();
      if (left <= 0) return;
      await new Promise<void>((wake) => {
        const timer = setTimeout(wake, left);
        this.#changed.push(() => {
          clearTimeout(timer);
          wake();
        });
      });
    }
  }
}

type WorkerAnswer = Extract<WorkerMessage, { readonly kind: "ordered" | "viewed" }>;

function loadOf({ load, connections }: Worker): number {
  return load.of(connections.size);
}
