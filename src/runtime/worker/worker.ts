import { performance } from "node:perf_hooks";
import { Socket } from "node:net";
import { describeError } from "../../kernel/index.js";
import type { SessionId } from "../../kernel/index.js";
import type {
  CommandOutcome,
  InputBody,
  KillOrderedBy,
  ObservedEntry,
  SessionView,
} from "../../model/index.js";
import { markOfThisProcess } from "../spool/process-mark.js";
import { streamKey } from "../spool/segment-name.js";
import { createSpoolWriter, type SpoolWriter } from "../spool/spool-writer.js";
import type {
  ConnectionFacts,
  ConnectionId,
  ParentMessage,
  Story,
  WorkerMessage,
} from "./messages.js";
import { createNotes } from "./notes.js";
import { createQuestions } from "./questions.js";
import { packMessage, unpackMessage, wipeSecrets } from "./wire-secrets.js";

/** What a worker process does with what it is given; app/ builds it from the settings. */
export interface WorkerWorld {
  /** Serves a connection until it ends; the socket is paused and nothing of it has been read. */
  serve(connection: ConnectionFacts, socket: Socket): void;
  /** Something that holds for all sessions has changed. */
  news(news: unknown): void;
  /** Ends one session, or all of them (null), each with its events. */
  kill(session: SessionId | null, reason: string, by: KillOrderedBy): void;
  /** For each of the sessions that runs here: what became of the order. */
  order(
    sessions: readonly SessionId[],
    done: string,
    input: InputBody,
  ): Promise<readonly (readonly [SessionId, CommandOutcome])[]>;
  tell(session: SessionId, input: InputBody): void;
  views(): readonly SessionView[];
  /** Takes nobody any more; resolves when the last connection and the last recording are closed. */
  close(): Promise<void>;
}

/** What a worker's world is built on. */
export interface ParentLink {
  readonly spool: SpoolWriter;
  /** The registry's answer, or null when there is none in time. Secrets of the question are wiped. */
  ask(question: unknown, deadlineMs: number): Promise<unknown>;
  sessionEnded(session: SessionId, story: Story): void;
  /** Shows something of a session to those who look on (`to`: to one of them). */
  observed(session: SessionId, to: string | null, entry: ObservedEntry): void;
}

export interface WorkerOptions {
  readonly role: string;
  readonly spoolDir: string;
  readonly create: (settings: unknown, link: ParentLink) => Promise<WorkerWorld>;
}

/** Without a drain time: for last words to people, after the last event is in the spool. */
const LAST_WORDS_MS = 100;
const LOAD_INTERVAL_MS = 500;
const LOAD_CHANGE_MIN = 0.05;

/**
 * Makes this process a worker of the parent that forked it. When the parent dies, every session is
 * ended with its events, and then the process: nobody would answer its questions any more.
 */
export function runWorker(options: WorkerOptions): void {
  const stream = streamKey({
    role: options.role,
    process: markOfThisProcess(),
    startedMs: Date.now(),
  });
  const send = (message: WorkerMessage): void => {
    if (process.connected) process.send?.(message, undefined, undefined, ignoreGone);
  };
  const notes = createNotes((notice) => send({ kind: "noted", notice }));
  const spool = createSpoolWriter({
    dir: options.spoolDir,
    stream,
    appended: () => notes.spooled(),
  });
  const questions = createQuestions((id, question) => {
    // Each message wakes two processes: what is told anyway goes with what is asked.
    const message: WorkerMessage = { kind: "ask", id, question, spooled: notes.takeSpooled() };
    const packed = packMessage(message);
    if (process.connected)
      process.send?.(packed.message, undefined, undefined, () => packed.wipe());
    else packed.wipe();
  });
  const link: ParentLink = {
    spool,
    ask: async (question, deadlineMs) => {
      const answer = await questions.ask(question, deadlineMs);
      wipeSecrets(question);
      return answer;
    },
    sessionEnded: (session, story) => notes.sessionEnded(session, story),
    observed: (session, to, entry) => send({ kind: "observed", session, to, entry }),
  };
  const sockets = new Set<ConnectionId>();
  let world: WorkerWorld | null = null;

  process.on("message", (raw, handle) => {
    // The other end is our own parent, which sends nothing else.
    const message = raw as ParentMessage;
    switch (message.kind) {
      case "start":
        options.create(unpackMessage(message.settings), link).then((created) => {
          world = created;
          send({ kind: "ready" });
        }, giveUp);
        return;
      case "connection":
        serve(message.connection, handle);
        return;
      case "answer":
        questions.answered(message.id, unpackMessage(message.answer));
        return;
      case "news":
        world?.news(message.news);
        return;
      case "kill":
        world?.kill(message.session, message.reason, message.by);
        return;
      case "order":
        void order(message);
        return;
      case "tell":
        world?.tell(message.session, message.input);
        return;
      case "view":
        send({ kind: "viewed", id: message.id, views: world?.views() ?? [] });
        return;
      case "shutdown":
        void end(message.reason, "shutdown", message.drainMs);
        return;
    }
  });
  process.once("disconnect", () => void end("sidecar-died", "sidecar", 0));
  // Signals of a terminal go to the whole group: the parent decides what they mean.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => undefined);
  process.on("SIGHUP", () => undefined);
  send({ kind: "hello", stream });
  reportLoad((busy) => send({ kind: "load", busy }));

  function serve(connection: ConnectionFacts, handle: unknown): void {
    const over = (): void => {
      if (sockets.delete(connection.id)) notes.connectionEnded(connection.id);
    };
    sockets.add(connection.id);
    // No socket: the person was gone before it arrived here.
    if (!(handle instanceof Socket) || handle.destroyed || world === null) {
      if (handle instanceof Socket) handle.destroy();
      over();
      return;
    }
    handle.once("close", over);
    world.serve(connection, handle);
  }

  async function order(message: ParentMessage & { readonly kind: "order" }): Promise<void> {
    const { id, sessions, done, input } = message;
    const outcomes = (await world?.order(sessions, done, input)) ?? [];
    send({ kind: "ordered", id, outcomes });
  }

  async function end(reason: string, by: KillOrderedBy, drainMs: number): Promise<void> {
    questions.abandon();
    world?.kill(null, reason, by);
    const bound = Math.max(drainMs, LAST_WORDS_MS);
    await Promise.race([world?.close(), new Promise((due) => setTimeout(due, bound))]);
    spool.close();
    process.exit(0);
  }
}

function giveUp(error: unknown): never {
  process.stderr.write(
    `${JSON.stringify({ event: "worker-start-failed", reason: describeError(error) })}\n`,
  );
  process.exit(1);
}

/** The parent may go at any moment; "disconnect" tells, an error here would tell it twice. */
function ignoreGone(): void {
  // Deliberately empty: see above.
}

/** Tells how busy this process is, when that has changed enough to matter for who gets the next one. */
function reportLoad(tell: (busy: number) => void): void {
  let before = performance.eventLoopUtilization();
  let told = 0;
  setInterval(() => {
    const now = performance.eventLoopUtilization();
    const busy = performance.eventLoopUtilization(now, before).utilization;
    before = now;
    if (Math.abs(busy - told) < LOAD_CHANGE_MIN) return;
    told = busy;
    tell(busy);
  }, LOAD_INTERVAL_MS).unref();
}
