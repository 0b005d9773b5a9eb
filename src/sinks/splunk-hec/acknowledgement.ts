import { err, fault, ok, type Fault, type Result } from "../../kernel/index.js";
import { faultOf } from "../http-receipt.js";
import type { LazyHttp } from "../http-post.js";

/** The indexer is asked for an acknowledgement so often, and for so long. */
const ASK_FIRST_MS = 100;
const ASK_MOST_MS = 2_000;
const PATIENCE_MS = 45_000;

export interface AckQuestion {
  readonly http: LazyHttp;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly ackId: number;
  readonly signal: AbortSignal;
}

/** Waits until the events of a request are indexed; a fault when it is not known in time. */
export async function waitForAcknowledgement(question: AckQuestion): Promise<Result<void, Fault>> {
  const { http, url, headers, ackId, signal } = question;
  const deadline = performance.now() + PATIENCE_MS;
  for (let pause = ASK_FIRST_MS; ; pause = Math.min(pause * 2, ASK_MOST_MS)) {
    const body = JSON.stringify({ acks: [ackId] });
    const answer = await http.send({ method: "POST", url, headers, body, signal });
    if (!answer.ok) return answer;
    if (answer.value.status !== 200) return err(faultOf(answer.value));
    if (isAcknowledged(answer.value.body, ackId)) return ok(undefined);
    if (signal.aborted || performance.now() >= deadline) {
      return err(fault("CHP_SINK_UNAVAILABLE", `the indexer did not acknowledge ${ackId} in time`));
    }
    await sleep(pause, signal);
  }
}

function isAcknowledged(body: string, ackId: number): boolean {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== "object" || value === null || !("acks" in value)) return false;
    const { acks } = value;
    return (
      typeof acks === "object" &&
      acks !== null &&
      Object.entries(acks).some(([id, known]) => id === String(ackId) && known === true)
    );
  } catch {
    return false;
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((settled) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      settled();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end, { once: true });
  });
}
