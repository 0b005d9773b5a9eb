import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import {
  describeFault,
  err,
  fault,
  ok,
  type Fault,
  type Result,
  type Secret,
} from "../../kernel/index.js";
import type { HttpClient } from "../../net/index.js";

/**
 * A question to a gateway, signed both ways. The request is signed as https://www.standardwebhooks.com
 * has it: `webhook-signature: v1,` and base64 of HMAC-SHA256 over `<id>.<timestamp>.<body>`. The answer
 * carries `webhook-signature` over `<id of the request>.<body>` with the same key: an answer that is
 * forged, changed, or given to another question is none.
 */
export interface SignedCaller {
  /** The JSON of a good answer; a fault for everything else, and never later than the deadline. */
  ask(question: unknown): Promise<Result<unknown, Fault>>;
}

export interface SignedCallOptions {
  readonly url: URL;
  readonly key: Secret;
  readonly http: Pick<HttpClient, "send">;
  readonly timeoutMs: number;
  readonly wallMs: () => number;
}

const MS_PER_SECOND = 1_000;
/** Questions under way; a gateway that answers none of them must not take the sidecar's memory. */
const UNDER_WAY_MAX = 1_024;
const VERSION = "v1,";

export function createSignedCaller(options: SignedCallOptions): SignedCaller {
  const { url, key, http, timeoutMs } = options;
  let underWay = 0;

  async function send(question: unknown): Promise<Result<unknown, Fault>> {
    const id = randomUUID();
    const body = JSON.stringify(question);
    const timestamp = Math.floor(options.wallMs() / MS_PER_SECOND);
    const answer = await http.send({
      method: "POST",
      url,
      headers: {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": String(timestamp),
        "webhook-signature": VERSION + sign(key, `${id}.${timestamp}.${body}`),
      },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!answer.ok) return failed(describeFault(answer.error));
    const { status, headers, body: text } = answer.value;
    if (status !== 200) return failed(`the gateway answered with status ${status}`);
    if (!isSigned(key, headers["webhook-signature"] ?? "", `${id}.${text}`)) {
      return failed("the answer is not signed with the key that both sides share");
    }
    try {
      return ok(JSON.parse(text) as unknown);
    } catch {
      return failed("the answer is not JSON");
    }
  }

  return {
    async ask(question) {
      if (underWay >= UNDER_WAY_MAX) return failed("too many questions wait for the gateway");
      underWay += 1;
      try {
        return await send(question);
      } finally {
        underWay -= 1;
      }
    },
  };
}

function sign(key: Secret, text: string): string {
  return key.reveal((bytes) => createHmac("sha256", bytes).update(text).digest("base64"));
}

/** Several signatures may stand there, separated by blanks, while keys are changed. */
function isSigned(key: Secret, header: string, text: string): boolean {
  const expected = Buffer.from(VERSION + sign(key, text));
  return header.split(" ").some((one) => {
    const given = Buffer.from(one);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

function failed(why: string): Result<never, Fault> {
  return err(fault("CHP_IDENTITY_WEBHOOK", why));
}
