import type { FactsPort } from "../../admin/index.js";
import type { RunningSession } from "../../runtime/index.js";
import type { Config } from "../config/index.js";

export interface ReadinessDeps {
  readonly config: Pick<Config, "limits">;
  readonly roomForEvents: () => boolean;
  readonly sessions: () => ReadonlyMap<string, RunningSession>;
}

/** Whether somebody who comes now gets a session. */
export function createReadiness(deps: ReadinessDeps): FactsPort["readiness"] {
  return () => {
    const open = deps.sessions().size;
    const { sessionsMax } = deps.config.limits;
    const checks = [
      check("events", deps.roomForEvents(), "too many events wait for the event file"),
      check("sessions", open < sessionsMax, `${open} sessions are open, which is the limit`),
    ];
    return { ready: checks.every((one) => one.ok), checks };
  };
}

function check(name: string, ok: boolean, detail: string) {
  return ok ? { name, ok } : { name, ok, detail };
}
