import { fault, type Fault, type Result } from "../../kernel/index.js";
import type { HttpAnswer } from "../../net/index.js";
import { lazyHttp, type LazyHttp } from "../http-post.js";
import { faultOf, receiptOf } from "../http-receipt.js";
import { defineSink, revealText, type SecretEntry, type TlsEntry } from "../plugin.js";
import { EVERYTHING_TAKEN, nothingTaken, type Parcel, type Receipt } from "../sink.js";
import { isRecord } from "../told-event.js";
import { waitForAcknowledgement } from "./acknowledgement.js";
import { hecEvent, type HecLabels } from "./hec-event.js";

interface SplunkEntry {
  readonly url: string;
  readonly token: SecretEntry;
  readonly index?: string | undefined;
  readonly sourcetype: string;
  readonly acknowledge: boolean;
  readonly tls?: TlsEntry | undefined;
}

/** Splunk HTTP Event Collector, `/services/collector/event`. */
export const splunkHecSink = defineSink<SplunkEntry>({
  type: "splunk-hec",
  habits: {
    formats: ["cloudevents", "ocsf", "ecs", "cef", "leef", "teleport"],
    eventsMax: 200,
    linger: "0ms",
  },
  shape: ({ url, secret, tls, z }) => ({
    url: url.describe("of the collector, without a path: https://splunk.example:8088"),
    token: secret.describe("token of the collector"),
    index: z.string().min(1).max(80).optional().describe("absent: the token's own"),
    sourcetype: z.string().min(1).max(80).default("chaperone:event"),
    acknowledge: z
      .boolean()
      .default(false)
      .describe(
        "waits until the indexer has the events; the token must have acknowledgement switched on. Without it the collector's word is taken, and a crash of the collector may lose events",
      ),
    tls: tls.optional(),
  }),
  prepare(entry, tools) {
    const token = tools.secret(entry.token);
    const http = lazyHttp(tools.tls(entry.tls));
    const labels: HecLabels = {
      sourcetype: entry.sourcetype,
      ...(entry.index === undefined ? {} : { index: entry.index }),
    };
    return (context) => {
      // Acknowledgements are told per channel; another run must not take ours for its own.
      const channel = context.uuid();
      return {
        ok: true,
        value: {
          async deliver(parcels, signal) {
            const secret = revealText(token);
            if (!secret.ok) return nothingTaken(parcels, secret.error);
            const headers = {
              authorization: `Splunk ${secret.value}`,
              "content-type": "application/json",
              ...(entry.acknowledge ? { "x-splunk-request-channel": channel } : {}),
            };
            const to: Collector = { http, entry, headers, signal };
            const body = parcels.map((parcel) => hecEvent(parcel, labels)).join("");
            return await post(to, parcels, body);
          },
          close() {
            http.close();
            return Promise.resolve();
          },
        },
      };
    };
  },
});

interface Collector {
  readonly http: LazyHttp;
  readonly entry: SplunkEntry;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

async function post(
  { http, entry, headers, signal }: Collector,
  parcels: readonly Parcel[],
  body: string,
): Promise<Receipt> {
  const url = new URL("/services/collector/event", entry.url);
  const answer = await http.send({ method: "POST", url, headers, body, signal });
  if (!answer.ok) return nothingTaken(parcels, answer.error);
  if (isOfTheToken(answer.value)) {
    return nothingTaken(parcels, fault("CHP_SINK_DENIED", faultOf(answer.value).message));
  }
  const receipt = receiptOf(parcels, answer.value);
  if (receipt !== EVERYTHING_TAKEN || !entry.acknowledge) return receipt;
  const ackId = ackIdOf(answer.value.body);
  const acknowledged: Result<void, Fault> =
    ackId === null
      ? { ok: false, error: noAcknowledgement }
      : await waitForAcknowledgement({
          http,
          url: new URL("/services/collector/ack", entry.url),
          headers,
          ackId,
          signal,
        });
  return acknowledged.ok ? EVERYTHING_TAKEN : nothingTaken(parcels, acknowledged.error);
}

/**
 * Codes of the collector that come with 400 and are not about the events: an index that the token may not
 * write, a channel that is missing or not valid, acknowledgement switched off. Somebody mends it, so the
 * events wait.
 */
const CODES_OF_THE_TOKEN: ReadonlySet<unknown> = new Set([7, 10, 11, 14]);

function isOfTheToken({ status, body }: HttpAnswer): boolean {
  return status === 400 && CODES_OF_THE_TOKEN.has(fieldOf(body, "code"));
}

const noAcknowledgement = fault(
  "CHP_SINK_DENIED",
  "the collector names no acknowledgement: switch it on for the token, or `acknowledge: false`",
);

function ackIdOf(body: string): number | null {
  const id = fieldOf(body, "ackId");
  return typeof id === "number" ? id : null;
}

/** Of a JSON object; undefined when it is none. */
function fieldOf(body: string, field: string): unknown {
  try {
    const value: unknown = JSON.parse(body);
    return isRecord(value) ? value[field] : undefined;
  } catch {
    return undefined;
  }
}
