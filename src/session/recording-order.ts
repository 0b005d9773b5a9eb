import type { ChannelId } from "../kernel/index.js";
import type { RecordEntry } from "../model/index.js";
import type { TypedLine, VisibleInput } from "../terminal/index.js";
import type { Outbox } from "./outbox.js";

/**
 * Feeds the recording of one terminal channel. Whether typed bytes may be recorded is known only when
 * their echo was seen, and the recording must keep the order in which things happened: so output
 * waits behind undecided input, bounded, and at most as long as an echo is waited for.
 */
export interface RecordingOrder {
  add(entry: RecordEntry): void;
  /** Keys were forwarded or judged: takes decided input and writes what may be written. */
  settle(): void;
  /** The `echo` timer fired. */
  recheck(): void;
  /** Writes everything; undecided input counts as hidden. */
  finish(): void;
}

/** Output waiting behind undecided input; more than this is written at once, before that input. */
const WAITING_BYTES_MAX = 64 * 1024;
/** How soon undecided input is looked at again. */
const RECHECK_US = 100_000;

export function createRecordingOrder(deps: {
  readonly channel: ChannelId;
  readonly line: TypedLine;
  readonly outbox: Outbox;
  readonly terminal: "asciicast" | "off";
  readonly input: "masked" | "off";
  /** Input whose visibility is decided, in the order in which it was typed. */
  readonly seen: (input: readonly VisibleInput[]) => void;
}): RecordingOrder {
  const { channel, line, outbox } = deps;
  if (deps.terminal === "off") return notRecording(deps);
  let waiting: RecordEntry[] = [];
  let waitingBytes = 0;
  let timerArmed = false;

  function flush(): void {
    for (const entry of waiting) outbox.add({ kind: "record", channel, entry });
    waiting = [];
    waitingBytes = 0;
  }

  function takeInput(): void {
    const seen = line.takeVisibleInput(outbox.at);
    deps.seen(seen);
    if (seen.length === 0 || deps.input === "off") return;
    for (const input of seen) {
      insert(
        input.kind === "shown"
          ? { type: "input", bytes: input.bytes, at: input.at }
          : { type: "hidden", at: input.at },
      );
    }
  }

  /** Keeps `waiting` sorted by time; input is at most a few entries older than the end. */
  function insert(entry: RecordEntry): void {
    let index = waiting.length;
    while (index > 0 && (waiting[index - 1]?.at ?? 0) > entry.at) index -= 1;
    waiting.splice(index, 0, entry);
  }

  function arm(): void {
    if (timerArmed || !line.visibilityPending) return;
    timerArmed = true;
    outbox.setTimer("echo", channel, (outbox.at + RECHECK_US) as typeof outbox.at);
  }

  function settle(): void {
    takeInput();
    if (!line.visibilityPending || waitingBytes > WAITING_BYTES_MAX) flush();
    arm();
  }

  return {
    add(entry) {
      waiting.push(entry);
      if (entry.type === "output") waitingBytes += entry.bytes.length;
      settle();
    },
    settle,
    recheck() {
      timerArmed = false;
      settle();
    },
    finish() {
      takeInput();
      flush();
    },
  };
}

/** What was typed is still taken from the line, so that it is wiped and does not pile up. */
function notRecording(deps: {
  readonly line: TypedLine;
  readonly outbox: Outbox;
  readonly seen: (input: readonly VisibleInput[]) => void;
}): RecordingOrder {
  const drop = (): void => deps.seen(deps.line.takeVisibleInput(deps.outbox.at));
  return { add: () => undefined, settle: drop, recheck: drop, finish: drop };
}
