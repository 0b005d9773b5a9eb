import { fault } from "../../kernel/index.js";
import { lazyHttp } from "../http-post.js";
import { receiptOf } from "../http-receipt.js";
import { defineSink, revealText, type SecretEntry, type TlsEntry } from "../plugin.js";
import { EVERYTHING_TAKEN, nothingTaken, type Parcel, type Receipt } from "../sink.js";
import { isRecord } from "../told-event.js";
import { logRecords } from "./log-records.js";

interface OtlpEntry {
  readonly url: string;
  readonly token?: SecretEntry | undefined;
  readonly tls?: TlsEntry | undefined;
}

/** OpenTelemetry logs over HTTP, in JSON. */
export const otlpSink = defineSink<OtlpEntry>({
  type: "otlp",
  habits: {
    formats: ["cloudevents", "ecs", "ocsf", "cef", "leef", "teleport"],
    eventsMax: 200,
    linger: "0ms",
  },
  shape: ({ url, secret, tls }) => ({
    url: url.describe("of the receiver, with its path: http://127.0.0.1:4318/v1/logs"),
    token: secret.optional().describe("sent as `Authorization: Bearer`"),
    tls: tls.optional(),
  }),
  prepare(entry, tools) {
    const url = new URL(entry.url);
    const token = entry.token === undefined ? null : tools.secret(entry.token);
    const http = lazyHttp(tools.tls(entry.tls));
    return (context) => ({
      ok: true,
      value: {
        async deliver(parcels, signal) {
          const bearer = token === null ? null : revealText(token);
          if (bearer?.ok === false) return nothingTaken(parcels, bearer.error);
          const answer = await http.send({
            method: "POST",
            url,
            headers: {
              "content-type": "application/json",
              ...(bearer === null ? {} : { authorization: `Bearer ${bearer.value}` }),
            },
            body: logRecords(parcels, context),
            signal,
          });
          if (!answer.ok) return nothingTaken(parcels, answer.error);
          const receipt = receiptOf(parcels, answer.value);
          return receipt === EVERYTHING_TAKEN
            ? partialSuccess(parcels, answer.value.body)
            : receipt;
        },
        close() {
          http.close();
          return Promise.resolve();
        },
      },
    });
  },
});

/**
 * `partialSuccess` counts rejected records without naming them, and asks not to send them again: the
 * batch is split until those that are rejected stand alone. Records taken meanwhile arrive twice, and
 * are told apart by `event.id`.
 */
function partialSuccess(parcels: readonly Parcel[], body: string): Receipt {
  const { rejected, message } = readPartialSuccess(body);
  if (rejected === 0) return EVERYTHING_TAKEN;
  const why = fault("CHP_SINK_REFUSED", `${rejected} rejected: ${message}`);
  if (rejected < parcels.length) return { ...nothingTaken(parcels, why), splitUp: true };
  return { retry: [], refused: parcels.map((parcel) => ({ parcel, reason: why.message })) };
}

function readPartialSuccess(body: string): { rejected: number; message: string } {
  try {
    const value: unknown = JSON.parse(body);
    const partial = isRecord(value) ? value["partialSuccess"] : undefined;
    if (!isRecord(partial)) return { rejected: 0, message: "" };
    const rejected = Number(partial["rejectedLogRecords"] ?? 0);
    const message = partial["errorMessage"];
    return {
      rejected: Number.isSafeInteger(rejected) ? rejected : 0,
      message: typeof message === "string" ? message : "",
    };
  } catch {
    return { rejected: 0, message: "" };
  }
}
