import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describeError, err, fault, type Fault, ok, type Result } from "../../kernel/index.js";
import type { SpoolWriter } from "../spool/spool-writer.js";
import type { ConnectionFacts, ConnectionId } from "../worker/messages.js";
import type { ParentLink, WorkerWorld } from "../worker/worker.js";
import { wipeSecrets } from "../worker/wire-secrets.js";
import type { Workforce, WorkforceDeps } from "./workforce.js";

export interface LocalWorkDeps extends WorkforceDeps {
  readonly spool: SpoolWriter;
  readonly create: (settings: unknown, link: ParentLink) => Promise<WorkerWorld>;
}

/** `workers: 0`: sessions run in the parent. For small machines and for debugging. */
export function createLocalWork(deps: LocalWorkDeps, settings: () => unknown): Workforce {
  let world: WorkerWorld | null = null;
  let stopping = false;
  const connections = new Set<ConnectionId>();

  const link: ParentLink = {
    spool: deps.spool,
    ask: (question, deadlineMs) => askInTime(deps, question, deadlineMs),
    sessionEnded: deps.sessionEnded,
    observed: deps.observed,
  };

  return {
    get connections() {
      return connections.size;
    },
    async start(): Promise<Result<void, Fault>> {
      try {
        world = await deps.create(settings(), link);
        return ok(undefined);
      } catch (error) {
        const reason = describeError(error);
        return err(fault("CHP_RUNTIME_WORKER_START", reason));
      }
    },
    assign(connection: ConnectionFacts, socket: Socket) {
      if (world === null || stopping) return false;
      connections.add(connection.id);
      socket.once("close", () => {
        connections.delete(connection.id);
        deps.connectionEnded(connection.id);
      });
      world.serve(connection, socket);
      return true;
    },
    news: (news) => world?.news(news),
    kill: (session, reason, by) => world?.kill(session, reason, by),
    async order({ sessions, done, input }) {
      return new Map((await world?.order(sessions, done, input)) ?? []);
    },
    tell: (session, input) => world?.tell(session, input),
    views: () => Promise.resolve(world?.views() ?? []),
    async stop(reason, drainMs) {
      stopping = true;
      world?.kill(null, reason, "shutdown");
      // What is still on its way keeps the process; the clock alone must not.
      await Promise.race([world?.close(), sleep(drainMs, undefined, { ref: false })]);
    },
  };
}

async function askInTime(
  deps: LocalWorkDeps,
  question: unknown,
  deadlineMs: number,
): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), deadlineMs);
  });
  try {
    return await Promise.race([deps.answer(question, { stream: deps.spool.stream }), late]);
  } finally {
    clearTimeout(timer);
    wipeSecrets(question);
  }
}
