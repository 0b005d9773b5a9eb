import { createHmac } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { elasticsearchSink } from "./elasticsearch/index.js";
import { otlpSink } from "./otlp/index.js";
import type { SinkPlugin } from "./plugin.js";
import type { Sink } from "./sink.js";
import {
  httpDouble,
  makeSink,
  never,
  parcel,
  parcels,
  type HttpDouble,
  type SeenRequest,
} from "./sink-lab.testing.js";
import { splunkHecSink } from "./splunk-hec/index.js";
import { isRecord } from "./told-event.js";
import { webhookSink } from "./webhook/index.js";

interface HttpKind {
  readonly plugin: SinkPlugin;
  readonly entry: (url: string) => object;
  /** What a sound receiver answers. */
  readonly usual: (request: SeenRequest) => { readonly status: number; readonly body?: string };
  /** The ids of the events in a request. */
  readonly ids: (request: SeenRequest) => readonly string[];
}

const KINDS: Readonly<Record<string, HttpKind>> = {
  webhook: {
    plugin: webhookSink,
    entry: (url) => ({ url: `${url}/hook`, secret: { value: "shared" } }),
    usual: () => ({ status: 204 }),
    ids: ({ body }) => idsOf(JSON.parse(body)),
  },
  "splunk-hec": {
    plugin: splunkHecSink,
    entry: (url) => ({ url, token: { value: "t0ken" } }),
    usual: () => ({ status: 200, body: '{"text":"Success","code":0}' }),
    ids: ({ body }) =>
      idsOf(
        body
          .split(/(?<=\})(?=\{"time")/)
          .map((one) => (JSON.parse(one) as { event: unknown }).event),
      ), // as HEC has it
  },
  elasticsearch: {
    plugin: elasticsearchSink,
    entry: (url) => ({ url, apiKey: { value: "k" } }),
    usual: (request) => ({ status: 200, body: bulkAnswer(bulkIds(request).map(() => 201)) }),
    ids: bulkIds,
  },
  otlp: {
    plugin: otlpSink,
    entry: (url) => ({ url: `${url}/v1/logs`, token: { value: "b" } }),
    usual: () => ({ status: 200, body: "{}" }),
    ids: ({ body }) =>
      [...body.matchAll(/"event\.id","value":\{"stringValue":"([^"]+)"/g)].map((m) => m[1] ?? ""),
  },
};

function idsOf(events: unknown): readonly string[] {
  return Array.isArray(events) ? events.map((one) => (isRecord(one) ? String(one["id"]) : "")) : [];
}

function bulkIds({ body }: SeenRequest): readonly string[] {
  return [...body.matchAll(/^\{"create":\{"_id":"([^"]+)"\}\}$/gm)].map((match) => match[1] ?? "");
}

function bulkAnswer(statuses: readonly number[]): string {
  const items = statuses.map((status) => ({
    create: { status, ...(status >= 400 ? { error: { type: "no", reason: "because" } } : {}) },
  }));
  return JSON.stringify({ errors: statuses.some((one) => one >= 400), items });
}

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function lab(kind: HttpKind, more: object = {}): Promise<{ double: HttpDouble; sink: Sink }> {
  const double = await httpDouble(kind.usual);
  const sink = makeSink(kind.plugin, { ...kind.entry(double.url), ...more });
  opened.push(sink, double);
  return { double, sink };
}

const format = (kind: HttpKind) => kind.plugin.habits.formats[0];

describe.each(Object.entries(KINDS))("the sink %s", (_, kind) => {
  it("carries a batch in one request, in order", async () => {
    const { double, sink } = await lab(kind);
    const batch = parcels(1, 50, format(kind));
    expect(await sink.deliver(batch, never)).toEqual({ retry: [], refused: [] });
    expect(double.seen).toHaveLength(1);
    expect(double.seen[0] && kind.ids(double.seen[0])).toHaveLength(50);
  });

  it.each(["drop", "take-and-drop", "half-close"] as const)(
    "asks for another attempt when the receiver does %s",
    async (behaviour) => {
      const { double, sink } = await lab(kind);
      double.next.push({ kind: behaviour });
      const batch = parcels(1, 3, format(kind));
      const receipt = await sink.deliver(batch, never);
      expect(receipt).toMatchObject({ retry: batch, fault: { code: "CHP_NET_UNREACHABLE" } });
      expect(await sink.deliver(batch, never)).toEqual({ retry: [], refused: [] });
    },
  );

  it.each([
    [429, "CHP_SINK_UNAVAILABLE"],
    [503, "CHP_SINK_UNAVAILABLE"],
    [401, "CHP_SINK_DENIED"],
    [404, "CHP_SINK_DENIED"],
    [302, "CHP_SINK_DENIED"],
  ] as const)("keeps the events when the answer is %i", async (status, code) => {
    const { double, sink } = await lab(kind);
    double.next.push({ kind: "answer", status, headers: { "retry-after": "7" } });
    const batch = parcels(1, 3, format(kind));
    const receipt = await sink.deliver(batch, never);
    expect(receipt).toMatchObject({ retry: batch, fault: { code }, retryAfterMs: 7_000 });
    expect(receipt.splitUp).toBeUndefined();
  });

  it.each([400, 413])("splits a batch that is refused with %i", async (status) => {
    const { double, sink } = await lab(kind);
    double.next.push({ kind: "answer", status });
    expect(await sink.deliver(parcels(1, 3, format(kind)), never)).toMatchObject({ splitUp: true });
  });

  it("breaks off when it is told to, and takes nothing for delivered", async () => {
    const { double, sink } = await lab(kind);
    double.next.push({ kind: "delay", ms: 60_000 });
    const stop = new AbortController();
    const batch = parcels(1, 3, format(kind));
    const delivering = sink.deliver(batch, stop.signal);
    stop.abort();
    expect(await delivering).toMatchObject({ retry: batch });
  });

  it("says that nobody is there", async () => {
    const { double, sink } = await lab(kind);
    await double.close();
    const batch = parcels(1, 1, format(kind));
    expect(await sink.deliver(batch, never)).toMatchObject({
      retry: batch,
      fault: { code: "CHP_NET_UNREACHABLE" },
    });
  });
});

describe("the webhook", () => {
  it("signs what it sends, so that neither a changed nor an old request is taken", async () => {
    const { double, sink } = await lab(KINDS["webhook"] ?? fail());
    await sink.deliver(parcels(1, 2, "cloudevents"), never);
    const [request] = double.seen;
    const headers = request?.headers ?? {};
    const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${request?.body ?? ""}`;
    const mac = createHmac("sha256", "shared").update(signed).digest("base64");
    expect(headers["webhook-signature"]).toBe(`v1,${mac}`);
    expect(Math.abs(Date.now() / 1_000 - Number(headers["webhook-timestamp"]))).toBeLessThan(60);
    expect(headers["content-type"]).toBe("application/cloudevents-batch+json");
  });

  it("gives a repeated batch the same id, another one another", async () => {
    const { double, sink } = await lab(KINDS["webhook"] ?? fail());
    await sink.deliver(parcels(1, 2, "cloudevents"), never);
    await sink.deliver(parcels(1, 2, "cloudevents"), never);
    await sink.deliver(parcels(1, 3, "cloudevents"), never);
    const ids = double.seen.map(({ headers }) => headers["webhook-id"]);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).not.toBe(ids[1]);
  });
});

describe("Splunk's collector", () => {
  it("gets the token, and fields by the names of its information model", async () => {
    const { double, sink } = await lab(KINDS["splunk-hec"] ?? fail(), { index: "pam" });
    await sink.deliver([parcel(1, "cef")], never);
    expect(double.seen[0]?.headers.authorization).toBe("Splunk t0ken");
    const event = JSON.parse(double.seen[0]?.body ?? "") as Record<string, unknown>; // as sent
    expect(event).toMatchObject({
      index: "pam",
      sourcetype: "chaperone:event",
      time: 1_795_201_043.123,
      fields: { user: "alice", dest: "db-1", src: "192.0.2.7", action: "blocked" },
    });
    expect(event["event"]).toMatch(/^CEF:0\|/);
  });

  it("is believed only when the indexer acknowledges, where that is asked for", async () => {
    let asked = 0;
    const double = await httpDouble(({ path, headers }) => {
      expect(headers["x-splunk-request-channel"]).toMatch(/^[0-9a-f-]{36}$/);
      if (path.endsWith("/event")) return { status: 200, body: '{"text":"Success","ackId":4}' };
      asked += 1;
      return { status: 200, body: `{"acks":{"4":${asked > 2}}}` };
    });
    const entry = { url: double.url, token: { value: "t" }, acknowledge: true };
    const sink = makeSink(splunkHecSink, entry);
    opened.push(sink, double);
    expect(await sink.deliver(parcels(1, 2, "cloudevents"), never)).toEqual({
      retry: [],
      refused: [],
    });
    expect(asked).toBe(3);
  });

  it.each([
    ["Incorrect index", 7],
    ["Data channel is missing", 10],
    ["ACK is disabled", 14],
  ])("keeps the events when the token is to be mended (%s)", async (text, code) => {
    const { double, sink } = await lab(KINDS["splunk-hec"] ?? fail());
    double.next.push({ kind: "answer", status: 400, body: JSON.stringify({ text, code }) });
    const batch = parcels(1, 2, "cloudevents");
    const receipt = await sink.deliver(batch, never);
    expect(receipt).toMatchObject({ retry: batch, fault: { code: "CHP_SINK_DENIED" } });
    expect(receipt.splitUp).toBe(undefined);
  });

  it("is not believed without an acknowledgement", async () => {
    const entry = (url: string) => ({ url, token: { value: "t" }, acknowledge: true });
    const double = await httpDouble(() => ({ status: 200, body: '{"text":"Success"}' }));
    const sink = makeSink(splunkHecSink, entry(double.url));
    opened.push(sink, double);
    const batch = parcels(1, 2, "cloudevents");
    expect(await sink.deliver(batch, never)).toMatchObject({
      retry: batch,
      fault: { code: "CHP_SINK_DENIED" },
    });
  });
});

describe("Elasticsearch", () => {
  it("is asked again for the items that it had no room for, and for no others", async () => {
    const { double, sink } = await lab(KINDS["elasticsearch"] ?? fail());
    const body = bulkAnswer([201, 409, 429, 400, 503]);
    double.next.push({ kind: "answer", status: 200, body });
    const batch = parcels(1, 5, "ecs");
    const receipt = await sink.deliver(batch, never);
    expect(receipt.retry).toEqual([batch[2], batch[4]]);
    expect(receipt.refused).toEqual([
      { parcel: batch[3], reason: '400: {"type":"no","reason":"because"}' },
    ]);
    expect(double.seen).toHaveLength(0);
  });

  it.each([401, 403, 404])(
    "keeps what it answers %i to: the stream is to be mended",
    async (status) => {
      const { double, sink } = await lab(KINDS["elasticsearch"] ?? fail());
      double.next.push({ kind: "answer", status: 200, body: bulkAnswer([201, status]) });
      const batch = parcels(1, 2, "ecs");
      expect(await sink.deliver(batch, never)).toMatchObject({
        retry: [batch[1]],
        refused: [],
        fault: { code: "CHP_SINK_DENIED" },
      });
    },
  );

  it.each(["", "[]", "{}", '{"items":[]}', '{"items":[{"create":{}}]}'])(
    "is not believed when it answers %j",
    async (body) => {
      const { double, sink } = await lab(KINDS["elasticsearch"] ?? fail());
      double.next.push({ kind: "answer", status: 200, body });
      const batch = parcels(1, 1, "ecs");
      expect((await sink.deliver(batch, never)).retry).toEqual(batch);
    },
  );

  it("writes into the data stream, in lines that are JSON", async () => {
    const { double, sink } = await lab(KINDS["elasticsearch"] ?? fail());
    await sink.deliver(parcels(1, 4, "ecs"), never);
    expect(double.seen[0]?.path).toBe("/logs-chaperone.session-default/_bulk");
    expect(double.seen[0]?.headers.authorization).toBe("ApiKey k");
    const lines = (double.seen[0]?.body ?? "").trimEnd().split("\n");
    expect(lines).toHaveLength(8);
    for (const line of lines) expect(() => void JSON.parse(line)).not.toThrow();
  });
});

describe("an OTLP receiver", () => {
  it("that rejects some records is told in smaller parts, until it is known which", async () => {
    const { double, sink } = await lab(KINDS["otlp"] ?? fail());
    const partial = (rejected: number) =>
      JSON.stringify({
        partialSuccess: { rejectedLogRecords: String(rejected), errorMessage: "x" },
      });
    double.next.push({ kind: "answer", status: 200, body: partial(1) });
    expect(await sink.deliver(parcels(1, 2, "cloudevents"), never)).toMatchObject({
      splitUp: true,
    });
    double.next.push({ kind: "answer", status: 200, body: partial(1) });
    const one = parcels(1, 1, "cloudevents");
    expect(await sink.deliver(one, never)).toEqual({
      retry: [],
      refused: [{ parcel: one[0], reason: "1 rejected: x" }],
    });
  });

  it("gets events, with their microseconds and their structure", async () => {
    const { double, sink } = await lab(KINDS["otlp"] ?? fail());
    await sink.deliver([parcel(1, "cloudevents")], never);
    const body = double.seen[0]?.body ?? "";
    expect(body).toContain('"timeUnixNano":"1795201043123456000"');
    expect(body).toContain('"eventName":"io.chaperone.command.entered"');
    expect(body).toContain('{"key":"hidden","value":{"boolValue":false}}');
  });
});

function fail(): never {
  throw new Error("there is no such kind");
}
