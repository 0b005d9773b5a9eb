import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { readEvents, shortType, type EventFields, type ToldEvent } from "./events.js";
import { start } from "./program.js";
import { answersWithBanner } from "./ssh-banner.js";
import { stopped } from "./sshd.js";
import { eventually } from "./wait.js";

export const BIN = fileURLToPath(new URL("../../../bin/chaperone.mjs", import.meta.url));

export interface SidecarPlace {
  readonly configFile: string;
  readonly eventFile: string;
  readonly port: number;
}

/** The sidecar as a person starts it, with its files. */
export interface Sidecar {
  readonly pid: number;
  /** Everything it printed: stdout and stderr. */
  printed(): string;
  events(): readonly ToldEvent[];
  /** Waits for an event; a failure lists the events there are. */
  told(type: string, which?: (data: EventFields) => boolean): Promise<ToldEvent>;
  hangUp(): void;
  /** SIGKILL to the parent alone, as the kernel or an operator would. */
  kill(): Promise<void>;
  stop(): Promise<{ readonly code: number | null }>;
  readonly alive: boolean;
}

export async function startSidecar(place: SidecarPlace): Promise<Sidecar> {
  const child = start(process.execPath, [BIN, "run", "--config", place.configFile]);
  child.stdin?.end();
  const printed: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => printed.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => printed.push(chunk));
  const text = (): string => Buffer.concat(printed).toString();
  await eventually(
    `the sidecar on port ${place.port}`,
    async () => {
      if (child.exitCode !== null) throw new Error(`the sidecar ended at once:\n${text()}`);
      return (await answersWithBanner(place.port)) && true;
    },
    { instead: text },
  ).catch((error: unknown) => {
    child.kill("SIGKILL");
    throw error;
  });
  const events = (): readonly ToldEvent[] => readEvents(place.eventFile);
  return {
    pid: child.pid ?? 0,
    printed: text,
    events,
    told: (type, which = () => true) =>
      eventually(
        `the event ${type}`,
        () => events().find((event) => shortType(event) === type && which(event.data)),
        { instead: () => summary(events(), text()) },
      ),
    hangUp: () => child.kill("SIGHUP"),
    kill: () => killed(child),
    async stop() {
      await stopped(child);
      return { code: child.exitCode };
    },
    get alive() {
      return child.exitCode === null && child.signalCode === null;
    },
  };
}

export function eventFileOf(stateDir: string): string {
  return join(stateDir, "events.ndjson");
}

function killed(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
  });
}

function summary(events: readonly ToldEvent[], printed: string): string {
  const lines = events
    .slice(-25)
    .map((event) => `${shortType(event)} ${JSON.stringify({ ...event.data, session: undefined })}`);
  return `${lines.join("\n")}\n--- printed ---\n${printed.slice(-2_000)}`;
}
