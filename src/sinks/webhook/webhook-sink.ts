import { lazyHttp } from "../http-post.js";
import { receiptOf } from "../http-receipt.js";
import { defineSink, type SecretEntry, type TlsEntry } from "../plugin.js";
import { isJson } from "../format/index.js";
import { nothingTaken, type Parcel } from "../sink.js";
import { signWebhook } from "./signature.js";

interface WebhookEntry {
  readonly url: string;
  readonly secret: SecretEntry;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls?: TlsEntry | undefined;
}

/**
 * HTTP POST of one JSON array a batch (`application/cloudevents-batch+json` for CloudEvents; one
 * event a line for CEF and LEEF), signed. `webhook-id` is the same when a batch is sent again.
 */
export const webhookSink = defineSink<WebhookEntry>({
  type: "webhook",
  habits: {
    formats: ["cloudevents", "ocsf", "ecs", "teleport", "cef", "leef"],
    eventsMax: 100,
    linger: "0ms",
  },
  shape: ({ url, secret, tls, z }) => ({
    url,
    secret: secret.describe("the key of the signature, shared with the receiver"),
    headers: z
      .record(z.string().regex(/^[A-Za-z0-9-]+$/), z.string().max(4_096))
      .default({})
      .describe("sent with every request; not for secrets"),
    tls: tls.optional(),
  }),
  prepare(entry, tools) {
    const url = new URL(entry.url);
    const key = tools.secret(entry.secret);
    const http = lazyHttp(tools.tls(entry.tls));
    return (context) => ({
      ok: true,
      value: {
        async deliver(parcels, signal) {
          const secret = key();
          if (!secret.ok) return nothingTaken(parcels, secret.error);
          const body = bodyOf(parcels);
          const id = batchId(parcels);
          const timestamp = Math.floor(context.wallMs() / 1_000);
          const signature = secret.value.reveal((bytes) =>
            signWebhook(bytes, { id, timestamp, body }),
          );
          secret.value.wipe();
          const answer = await http.send({
            method: "POST",
            url,
            headers: {
              ...entry.headers,
              "content-type": contentType(parcels),
              "webhook-id": id,
              "webhook-timestamp": String(timestamp),
              "webhook-signature": signature,
            },
            body,
            signal,
          });
          return answer.ok ? receiptOf(parcels, answer.value) : nothingTaken(parcels, answer.error);
        },
        close() {
          http.close();
          return Promise.resolve();
        },
      },
    });
  },
});

/** The batch that is tried again is the same batch; other events are another one. */
function batchId(parcels: readonly Parcel[]): string {
  const first = parcels[0]?.id ?? "";
  const last = parcels.at(-1)?.id ?? "";
  return parcels.length === 1 ? first : `${first}_${last}_${parcels.length}`;
}

function bodyOf(parcels: readonly Parcel[]): string {
  const texts = parcels.map(({ text }) => text);
  return isJson(parcels[0]?.format ?? "cloudevents")
    ? `[${texts.join(",")}]`
    : `${texts.join("\n")}\n`;
}

function contentType([first]: readonly Parcel[]): string {
  if (first?.format === "cloudevents") return "application/cloudevents-batch+json";
  return isJson(first?.format ?? "cloudevents") ? "application/json" : "text/plain; charset=utf-8";
}
