import type { InspectionFrame, InspectionsPort } from "../../admin/index.js";
import type { SessionTokens } from "../../identity/index.js";
import { err, fault, ok, sessionId, type Fault, type Result } from "../../kernel/index.js";
import type { PtyFacts, SessionFacts } from "../../model/index.js";
import {
  createInspectedSession,
  createLocalWork,
  createObservedSession,
  type Frame,
  type InspectedSession,
  type SpoolWriter,
  type Workforce,
  type WorkforceDeps,
} from "../../runtime/index.js";
import type { Log } from "../log.js";
import type { WorkerSettings } from "./worker-settings.js";
import type { SessionWorld } from "./world.js";

/**
 * Sessions whose connections a gateway has itself. They run in the parent, in a world like that of a
 * worker, made when the first one is opened: there is no socket that could be handed over.
 */
export interface Inspections {
  readonly port: InspectionsPort;
  /** The same workforce, which knows these sessions too. */
  readonly workforce: Workforce;
}

export interface InspectionsDeps extends Omit<WorkforceDeps, "workerDied"> {
  readonly spool: SpoolWriter;
  readonly settings: () => WorkerSettings;
  readonly tokens: SessionTokens;
  readonly newId: () => string;
  readonly log: Log;
}

/** They share the parent's processor with everything that the parent does. */
const SESSIONS_MAX = 200;
/** Without a stream and without a call for so long, the gateway has forgotten it. */
const SILENT_MS = 5 * 60_000;
/** Only this very call spends the token, at once. */
const TOKEN_MS = 10_000;

interface Kept {
  readonly session: InspectedSession;
  readonly owner: string;
  readonly deadlineMs: number;
  streamed: boolean;
  silent: NodeJS.Timeout;
}

export function createInspections(deps: InspectionsDeps, work: Workforce): Inspections {
  const kept = new Map<string, Kept>();
  let world: SessionWorld | null = null;
  const local = createLocalWork(
    {
      ...deps,
      workerDied: () => undefined,
      sessionEnded(session, story) {
        drop(session);
        deps.sessionEnded(session, story);
      },
      create: async (settings, link) => {
        const { createWorld } = await import("./world.js");
        world = createWorld({ settings: settings as WorkerSettings, link, log: deps.log }); // from the line below
        return world;
      },
    },
    deps.settings,
  );
  let starting: Promise<Result<void, Fault>> | null = null;

  async function worldOf(): Promise<SessionWorld | null> {
    starting ??= local.start();
    await starting;
    return world;
  }

  function drop(id: string): void {
    clearTimeout(kept.get(id)?.silent);
    kept.delete(id);
  }

  /** Another gateway's sessions are not there for this one. */
  function find(id: string, owner: string): Result<Kept, Fault> {
    const one = kept.get(id);
    if (one?.owner !== owner || one.session.over) return err(NONE);
    clearTimeout(one.silent);
    if (!one.streamed) one.silent = silence(one.session);
    return ok(one);
  }

  function silence(session: InspectedSession): NodeJS.Timeout {
    return setTimeout(() => session.end("gateway-silent"), SILENT_MS).unref();
  }

  const port: InspectionsPort = {
    async open(order) {
      if (kept.size >= SESSIONS_MAX) return err(FULL);
      const here = await worldOf();
      if (here === null) return err(fault("CHP_ADMIN_BUSY", "sessions can not be opened now"));
      const facts = await admit(deps, here, order);
      if (!facts.ok) return facts;
      const { id } = facts.value;
      const { deadlineMs, failMode, by, mode } = order;
      const session =
        mode === "observe"
          ? observed(here, facts.value)
          : createInspectedSession(id, (carryOut) => here.open(facts.value, { carryOut }));
      if (session.over) return err(fault("CHP_ADMIN_BUSY", "the session did not start"));
      const silent = silence(session);
      kept.set(id, { session, owner: by.name, deadlineMs, streamed: false, silent });
      return ok({ id, failMode, mode, deadlineMs, stream: `/v1/sessions/${id}/stream` });
    },
    async inspect({ session, unit, by }) {
      const found = find(session, by.name);
      if (!found.ok) return found;
      const { seq, ...what } = unit;
      const verdict = await found.value.session.inspect(seq, what, found.value.deadlineMs);
      const { rules, ...rest } = verdict;
      return ok(rules === undefined ? rest : { ...rest, rules: [...rules] });
    },
    end(session, by) {
      const found = find(session, by.name);
      if (!found.ok) return found;
      found.value.session.end("ended by the gateway");
      return ok(null);
    },
    stream(id, by, out) {
      const found = find(id, by.name);
      if (!found.ok) return found;
      const one = found.value;
      if (one.streamed) return err(fault("CHP_ADMIN_CONFLICT", "the session has its stream"));
      one.streamed = true;
      clearTimeout(one.silent);
      one.session.listen(out);
      return ok({
        frame: (frame) => one.session.frame(frameOf(frame)),
        gone: () => one.session.end("gateway-gone"),
      });
    },
  };
  return { port, workforce: both(work, local) };
}

/** Rules hit while the session is opened at the earliest: then it is there. */
function observed(world: SessionWorld, facts: SessionFacts): InspectedSession {
  const session = createObservedSession(facts.id, (carryOut) =>
    world.observe(facts, { carryOut }, (hits) => session.hit(hits)),
  );
  return session;
}

type Order = Parameters<InspectionsPort["open"]>[0];

/** By the same door as everybody: the registry knows the person, locks, limits and the way. */
async function admit(
  { tokens, newId }: InspectionsDeps,
  { authority }: SessionWorld,
  order: Order,
): Promise<Result<SessionFacts, Fault>> {
  const { person, target, account, groups, labels, context, origin, client } = order;
  const { failMode, mode, by } = order;
  const issued = tokens.issue({
    person,
    target,
    groups,
    labels,
    context: { ...context, failMode, mode, gateway: by.name },
    origin,
    ttlMs: TOKEN_MS,
    issuedBy: by.name,
    ...(account === undefined ? {} : { account }),
  });
  if (!issued.ok) return issued;
  const { token } = issued.value;
  const login = {
    session: sessionId(newId()),
    origin,
    clientVersion: client,
    userName: token,
    passed: [],
  };
  const admitted = await authority.authenticate({ ...login, proof: { method: "none" } });
  if (admitted.type !== "accepted") {
    return err(fault("CHP_ADMIN_CONFLICT", "this person may not come in now"));
  }
  const opened = await authority.openSession({ ...login, person: admitted.person });
  return opened.ok
    ? ok({
        ...opened.value.facts,
        answeredByGateway: true,
        ...(mode === "observe" ? { onlyTold: true } : {}),
      })
    : err(fault("CHP_ADMIN_CONFLICT", opened.error.message));
}

function frameOf(frame: InspectionFrame): Frame {
  if (frame.type === "open") {
    const { pty, command, ...place } = frame;
    return {
      ...place,
      ...(command === undefined ? {} : { command }),
      ...(pty === undefined ? {} : { pty: { ...pty, ...PTY } }),
    };
  }
  if (frame.type !== "exited") return frame;
  const { code, ...place } = frame;
  return { ...place, ...(code === undefined ? {} : { code }) };
}
/** As a client of OpenSSH asks for it; the gateway's own terminal has the last word. */
const PTY: Pick<PtyFacts, "widthPixels" | "heightPixels" | "modes"> = {
  widthPixels: 0,
  heightPixels: 0,
  modes: { VINTR: 3, ISIG: 1, ICANON: 1, ECHO: 1, ICRNL: 1 },
};

const NONE = fault("CHP_ADMIN_NOT_FOUND", "there is no such session of yours");
const FULL = fault("CHP_ADMIN_BUSY", `${SESSIONS_MAX} sessions are inspected, which is the limit`);

/** Who does not know a session does nothing with it. */
function both(work: Workforce, local: Workforce): Workforce {
  return {
    get connections() {
      return work.connections;
    },
    start: () => work.start(),
    assign: (connection, socket) => work.assign(connection, socket),
    news(news) {
      work.news(news);
      local.news(news);
    },
    kill(session, reason, by) {
      work.kill(session, reason, by);
      local.kill(session, reason, by);
    },
    async order(order, deadlineMs) {
      const [there, here] = await Promise.all([
        work.order(order, deadlineMs),
        local.order(order, deadlineMs),
      ]);
      return new Map([...there, ...here]);
    },
    tell(session, input) {
      work.tell(session, input);
      local.tell(session, input);
    },
    async views(deadlineMs) {
      const views = await Promise.all([work.views(deadlineMs), local.views(deadlineMs)]);
      return views.flat();
    },
    async stop(reason, drainMs) {
      await Promise.all([work.stop(reason, drainMs), local.stop(reason, drainMs)]);
    },
  };
}
