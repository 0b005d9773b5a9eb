import { existsSync, readFileSync } from "node:fs";

/** An event as a reader of the file sees it, loosely typed: the tests check the shape. */
export interface ToldEvent {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly sequence: number;
  readonly time: string;
  readonly source: string;
  readonly data: EventFields;
}

export interface EventFields {
  readonly session?: {
    readonly id: string;
    readonly person: string;
    readonly account: string;
    readonly target: string;
    readonly origin: string;
    readonly protocol: string;
  };
  readonly channel?: number;
  readonly kind?: string;
  readonly request?: string;
  readonly operation?: string;
  readonly text?: string;
  readonly typed?: string;
  readonly hidden?: boolean;
  readonly source?: string;
  readonly confidence?: number;
  readonly context?: string;
  readonly decision?: string;
  readonly rules?: readonly string[];
  readonly rule?: { readonly id: string };
  readonly action?: string;
  readonly reason?: string;
  readonly outcome?: string;
  readonly factor?: string;
  readonly trigger?: string;
  readonly exit?: { readonly code?: number; readonly signal?: string };
  readonly bytes?: { readonly toTarget: number; readonly toPerson: number };
  readonly counts?: Readonly<Record<string, number>>;
  readonly change?: string;
  readonly detector?: string;
  readonly score?: number;
  readonly reasons?: readonly string[];
  readonly digest?: string;
  readonly faults?: readonly string[];
  readonly state?: string;
  readonly by?: string;
  readonly judged?: string;
  readonly exitCode?: number;
  readonly cwd?: string;
}

/** Reads the file as it is now. A last line without its newline is being written: left out. */
export function readEvents(file: string): readonly ToldEvent[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, "utf8");
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => parseEvent(line));
}

/** `command.entered` for `io.chaperone.command.entered.v1`. */
export function shortType(event: ToldEvent): string {
  return event.type.replace(/^io\.chaperone\./, "").replace(/\.v1$/, "");
}

/**
 * Gaps and repetitions in the sequences of sessions, as sentences; none is what should be there. The
 * sidecar's own facts start again at 0 with each run.
 */
export function sequenceFaults(events: readonly ToldEvent[]): readonly string[] {
  const next = new Map<string, number>();
  return events.flatMap((event) => {
    const wanted = next.get(event.subject) ?? 0;
    next.set(event.subject, event.sequence + 1);
    const restarted = shortType(event) === "sidecar.started" && event.sequence === 0;
    if (event.sequence === wanted || restarted) return [];
    return [`${event.subject}: ${event.type} has ${event.sequence} where ${wanted} was next`];
  });
}

function parseEvent(line: string): ToldEvent {
  try {
    return JSON.parse(line) as ToldEvent; // a reader of the file trusts the contract; tests check it
  } catch {
    throw new Error(`a torn line in the event file: ${line.slice(0, 200)}`);
  }
}
