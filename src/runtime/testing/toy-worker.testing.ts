import { closeSync, openSync, writeSync } from "node:fs";
import type { Socket } from "node:net";
import { channelId, sessionId, type SessionId } from "../../kernel/index.js";
import type { KillOrderedBy } from "../../model/index.js";
import { createClock, createIds } from "../clock/index.js";
import { createPump, type SessionHandle, type Traffic } from "../pump/index.js";
import type { ConnectionFacts } from "../worker/messages.js";
import { runWorker, type ParentLink, type WorkerWorld } from "../worker/worker.js";
import { createToySession, TOY_DESK, toyFacts } from "./toy-session.testing.js";

/**
 * A worker whose sessions need no network: with `busy`, people type all the time by themselves; every
 * command that is passed on is noted in a file of effects. Without, a connection is a session: what
 * it sends is a command and is echoed; `question` is asked of the parent, `loop` blocks the worker.
 */
const [spoolDir = "", role = "", effectsFile = "", busy = ""] = process.argv.slice(2);
const effects = openSync(effectsFile, "a", 0o600);
const clock = createClock();
const ids = createIds();
const handles = new Map<SessionId, SessionHandle>();

function openSession(id: SessionId, link: ParentLink, traffic: Traffic): SessionHandle {
  const facts = toyFacts(id);
  const handle = createPump(
    {
      session: createToySession(facts),
      clock,
      spool: link.spool,
      recorder: { record: () => undefined, close: () => undefined },
      traffic,
      desk: TOY_DESK,
      show: (to, entry) => link.observed(id, to, entry),
      log: { info: () => undefined, warn: () => undefined, error: (event) => console.error(event) },
    },
    {
      facts,
      source: "/chaperone/lab/toy",
      firstSequence: 0,
      audit: "normal",
      ended: ({ closed }) => {
        handles.delete(id);
        link.sessionEnded(id, closed ? "closed" : "unfinished");
      },
    },
  );
  handles.set(id, handle);
  handle.input({ kind: "opened" });
  return handle;
}

/** People at work: sessions open, type and end, several steps in each turn of the event loop. */
function work(link: ParentLink): void {
  for (let i = 0; i < 1 + Math.random() * 20; i += 1) {
    const open = [...handles.keys()];
    const id = open[Math.floor(Math.random() * open.length)];
    const handle = id === undefined ? undefined : handles.get(id);
    const choice = Math.random();
    if (id === undefined || handle === undefined || (choice < 0.1 && open.length < 8)) {
      startBusySession(link);
    } else if (choice < 0.2) {
      handle.input({ kind: "disconnected", reason: "left" });
    } else {
      const text = "x".repeat(Math.random() * (choice > 0.98 ? 100_000 : 60));
      handle.input({ kind: "client-sent", channel: channelId(0), bytes: Buffer.from(text) });
    }
  }
  setTimeout(() => work(link), Math.random() * 4);
}

function startBusySession(link: ParentLink): void {
  const id = ids.next();
  let commands = 0;
  openSession(id, link, {
    carryOut(effect) {
      if (effect.kind === "send-to-target") writeSync(effects, `${id} ${(commands += 1)}\n`);
    },
  });
}

function serve(link: ParentLink, connection: ConnectionFacts, socket: Socket): void {
  const id = sessionId(`session-${connection.id}`);
  const handle = openSession(id, link, {
    carryOut(effect) {
      if (effect.kind === "send-to-target") socket.write(effect.bytes);
      else if (effect.kind === "close-session") socket.end(`${effect.reason}\n`);
    },
  });
  socket.on("data", (bytes) => {
    const text = bytes.toString("utf8").trim();
    if (text === "pid") socket.write(`${process.pid}\n`);
    else if (text === "loop") for (;;);
    else if (text === "question") {
      void link.ask({ text }, 5_000).then((answer) => socket.write(`${JSON.stringify(answer)}\n`));
    } else handle.input({ kind: "client-sent", channel: channelId(0), bytes });
  });
  socket.on("error", () => undefined);
  socket.on("close", () => handle.input({ kind: "disconnected", reason: "left" }));
  socket.resume();
}

function create(link: ParentLink): WorkerWorld {
  if (busy === "busy") work(link);
  return {
    serve: (connection, socket) => serve(link, connection, socket),
    news: () => undefined,
    kill(session: SessionId | null, reason: string, by: KillOrderedBy) {
      for (const [id, handle] of handles) {
        if (session !== null && session !== id) continue;
        handle.input({ kind: "kill-ordered", reason, by });
      }
    },
    async order(sessions, done, input) {
      const known = sessions.flatMap((id) => {
        const handle = handles.get(id);
        return handle === undefined ? [] : [[id, handle] as const];
      });
      return await Promise.all(
        known.map(async ([id, handle]) => [id, await handle.order(done, input)] as const),
      );
    },
    tell: (id, input) => handles.get(id)?.input(input),
    views: () => [...handles.values()].map((handle) => handle.view()),
    close() {
      closeSync(effects);
      return Promise.resolve();
    },
  };
}

runWorker({ role, spoolDir, create: (_settings, link) => Promise.resolve(create(link)) });
