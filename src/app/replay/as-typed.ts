import type { CastEvent } from "../../recording/index.js";

/** Marks of a terminal channel that are the decision about a command. */
const DECISION =
  /^(?:alerted|warned|blocked|killed|reauthenticated|approved|suspended|aborted|unanswered)\b/;
/** Decisions after which the Enter never went to the target, so that no key of it was recorded. */
const DROPPED = /^(?:blocked|killed|suspended|aborted|unanswered)\b/;
const SUBMIT = /[\r\n]/;

export function isDecision({ code, data }: CastEvent): boolean {
  return code === "m" && DECISION.test(data);
}

/**
 * The entries of a recording in the order in which the session met them. A recording holds an Enter
 * when it was let through, which is when the echo of its line had come; the session had it before that
 * echo, and waited. An Enter that was never let through is only told by the decision about it.
 */
export function asTyped(events: readonly CastEvent[]): readonly CastEvent[] {
  const out: CastEvent[] = [];
  /** Something of the line in hand has been typed. */
  let typing = false;
  const submit = (event: CastEvent): void => {
    const before = out.at(-1);
    if (typing && before?.code === "o") out.splice(-1, 0, { ...event, seconds: before.seconds });
    else out.push(event);
    typing = false;
  };
  for (const event of events) {
    if (event.code === "m") {
      if (DROPPED.test(event.data)) submit({ ...event, code: "i", data: "\r" });
    } else if (event.code === "i" && SUBMIT.test(event.data)) submit(event);
    else {
      if (event.code === "i") typing = true;
      out.push(event);
    }
  }
  return out;
}
