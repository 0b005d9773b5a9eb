import type { CommandOutcome, LiveSession } from "../../model/index.js";
import { wallMicros, type SessionId } from "../../kernel/index.js";
import type {
  Delivery,
  Registry,
  RunningSession,
  Steering,
  Workforce,
} from "../../runtime/index.js";

/** Steering with what the workforce can do by itself: sessions are seen and can be ended. */
export function steeringOf(deps: {
  readonly registry: Registry<unknown>;
  readonly workforce: Workforce;
  readonly delivery: Delivery;
}): Steering {
  const { registry, workforce, delivery } = deps;
  const refused: CommandOutcome = { type: "refused", reason: "sessions can only be killed" };

  function live(id: SessionId, { facts }: RunningSession): LiveSession {
    const open = delivery.sessions.get(id);
    const { channels, commands, blocked, reauths } = {
      channels: 0,
      commands: 0,
      blocked: 0,
      reauths: 0,
    };
    return {
      id,
      facts,
      since: open?.openedAt ?? wallMicros(0),
      state: "open",
      channels: [],
      counts: { channels, commands, blocked, reauths },
      observers: [],
    };
  }

  const commandSession: Steering["commandSession"] = (id, order) => {
    if (!registry.sessions.has(id)) return Promise.resolve({ type: "no-such-session" });
    if (order.do !== "kill") return Promise.resolve(refused);
    workforce.kill(id, order.reason, "operator");
    return Promise.resolve({ type: "done" });
  };
  return {
    sessions: () => Promise.resolve([...registry.sessions].map(([id, one]) => live(id, one))),
    session(id) {
      const running = registry.sessions.get(id);
      return Promise.resolve(running === undefined ? null : live(id, running));
    },
    commandSession,
    commandSessions: () => Promise.resolve(new Map()),
    commandPerson: () => Promise.resolve(new Map()),
    lockPerson: () => Promise.resolve({ type: "failed", sessions: new Map() }),
    unlockPerson: () => Promise.resolve({ type: "failed", sessions: new Map() }),
    lockedPeople: () => [],
    watch: () => Promise.resolve(null),
    approvals: {
      list: () => [],
      changed: () => () => undefined,
      decide: () => ({ type: "refused", why: "unknown" }),
    },
  };
}
