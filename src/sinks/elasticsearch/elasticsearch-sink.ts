import { ok, type Fault, type Result } from "../../kernel/index.js";
import { lazyHttp } from "../http-post.js";
import { receiptOf } from "../http-receipt.js";
import {
  checkLogin,
  defineSink,
  revealText,
  type SecretEntry,
  type SecretLookup,
  type TlsEntry,
} from "../plugin.js";
import { EVERYTHING_TAKEN, nothingTaken } from "../sink.js";
import { bulkBody, readBulkAnswer } from "./bulk.js";

interface ElasticsearchEntry {
  readonly url: string;
  readonly dataStream: string;
  readonly apiKey?: SecretEntry | undefined;
  readonly username?: string | undefined;
  readonly password?: SecretEntry | undefined;
  readonly tls?: TlsEntry | undefined;
}

/** Elasticsearch (and OpenSearch) `_bulk` into a data stream. */
export const elasticsearchSink = defineSink<ElasticsearchEntry>({
  type: "elasticsearch",
  habits: { formats: ["ecs", "ocsf", "cloudevents"], eventsMax: 500, linger: "0ms" },
  shape: ({ url, secret, tls, z }) => ({
    url: url.describe("of the cluster: https://elastic.example:9200"),
    dataStream: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]{0,99}$/, "must be the name of a data stream, in lower case")
      .default("logs-chaperone.session-default"),
    apiKey: secret.optional().describe("API key in its encoded form, instead of a user"),
    username: z.string().min(1).max(256).optional(),
    password: secret.optional().describe("of `username`"),
    tls: tls.optional(),
  }),
  prepare(entry, tools) {
    checkLogin(entry, tools);
    const authorization = authorizationOf(entry, (secret) => tools.secret(secret));
    const http = lazyHttp(tools.tls(entry.tls));
    const url = new URL(`/${entry.dataStream}/_bulk`, entry.url);
    return () => ({
      ok: true,
      value: {
        async deliver(parcels, signal) {
          const login = authorization();
          if (!login.ok) return nothingTaken(parcels, login.error);
          const answer = await http.send({
            method: "POST",
            url,
            headers: {
              "content-type": "application/x-ndjson",
              ...(login.value === "" ? {} : { authorization: login.value }),
            },
            body: bulkBody(parcels),
            signal,
          });
          if (!answer.ok) return nothingTaken(parcels, answer.error);
          const receipt = receiptOf(parcels, answer.value);
          return receipt === EVERYTHING_TAKEN
            ? readBulkAnswer(parcels, answer.value.body)
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

function authorizationOf(
  { apiKey, username, password }: ElasticsearchEntry,
  lookup: (entry: SecretEntry) => SecretLookup,
): () => Result<string, Fault> {
  if (apiKey !== undefined) {
    const key = lookup(apiKey);
    return () => {
      const text = revealText(key);
      return text.ok ? ok(`ApiKey ${text.value}`) : text;
    };
  }
  if (username === undefined || password === undefined) return () => ok("");
  const secret = lookup(password);
  return () => {
    const text = revealText(secret);
    if (!text.ok) return text;
    return ok(`Basic ${Buffer.from(`${username}:${text.value}`).toString("base64")}`);
  };
}
