import { ok } from "../../kernel/index.js";
import { splitEndpoint } from "../endpoint.js";
import { render, shorten, storyOf } from "../format/index.js";
import { defineSink, type SinkContext, type TlsEntry, type TlsLookup } from "../plugin.js";
import { EVERYTHING_TAKEN, nothingTaken, type Parcel, type Sink } from "../sink.js";
import { openDatagrams } from "./datagrams.js";
import { frame, type Framing } from "./framing.js";
import { FACILITIES, syslogMessage, type Facility, type SyslogHeader } from "./message.js";
import { createSyslogLine } from "./line.js";
import { openSyslogStream } from "./stream.js";

interface SyslogEntry {
  readonly address: string;
  readonly transport: "tls" | "tcp" | "udp";
  readonly framing: Framing;
  readonly facility: Facility;
  readonly messageBytes: number;
  readonly tls?: TlsEntry | undefined;
}

/**
 * RFC 5424 messages over TLS (RFC 5425), TCP (RFC 6587) or UDP (RFC 5426). Syslog has no
 * acknowledgement: what was written in the seconds before a connection was lost is written again.
 */
export const syslogSink = defineSink<SyslogEntry>({
  type: "syslog",
  habits: {
    formats: ["cef", "leef", "ocsf", "ecs", "cloudevents", "teleport"],
    eventsMax: 200,
    linger: "0ms",
  },
  shape: ({ endpoint, count, tls, z }) => ({
    address: endpoint.describe("host:port; 6514 is the port of syslog over TLS, 514 of the others"),
    transport: z.enum(["tls", "tcp", "udp"]).default("tls"),
    framing: z
      .enum(["octet-counting", "newline"])
      .default("octet-counting")
      .describe("of `tcp`; TLS always counts octets"),
    facility: z.enum(Object.keys(FACILITIES) as [Facility, ...Facility[]]).default("authpriv"), // the keys, and there are some
    messageBytes: count(1_048_576)
      .default(8_192)
      .describe(
        "longest message that the receiver takes; texts in longer ones are cut, and marked as cut. UDP: at most 65,000",
      ),
    tls: tls.optional(),
  }),
  prepare(entry, tools) {
    const tls = tools.tls(entry.tls);
    return (context) => ok(createSyslogSink(entry, tls, context));
  },
});

function createSyslogSink(entry: SyslogEntry, tls: TlsLookup, context: SinkContext): Sink {
  const header: SyslogHeader = {
    facility: entry.facility,
    version: context.version,
    processId: process.pid,
  };
  const bytesMax =
    entry.transport === "udp" ? Math.min(entry.messageBytes, 65_000) : entry.messageBytes;
  const messages = (parcels: readonly Parcel[]) =>
    parcels.map((parcel) => fittingMessage(parcel, { header, bytesMax, context }));
  return entry.transport === "udp"
    ? datagramSink(entry, messages)
    : streamSink(entry, tls, messages);
}

type Messages = (parcels: readonly Parcel[]) => readonly string[];

function datagramSink(entry: SyslogEntry, messages: Messages): Sink {
  const { host, port } = splitEndpoint(entry.address);
  const datagrams = openDatagrams(host, port);
  return {
    async deliver(parcels) {
      const sent = await datagrams.send(messages(parcels).map((text) => Buffer.from(text, "utf8")));
      return sent.ok ? EVERYTHING_TAKEN : nothingTaken(parcels, sent.error);
    },
    close() {
      datagrams.close();
      return Promise.resolve();
    },
  };
}

function streamSink(entry: SyslogEntry, tls: TlsLookup, messages: Messages): Sink {
  const framing = entry.transport === "tls" ? "octet-counting" : entry.framing;
  const { host, port } = splitEndpoint(entry.address);
  const line = createSyslogLine(async () => {
    if (entry.transport === "tcp") return await openSyslogStream({ host, port });
    const trust = tls();
    if (!trust.ok) return trust;
    const opened = await openSyslogStream({ host, port, tls: trust.value });
    trust.value.key?.wipe();
    return opened;
  });
  return {
    async deliver(parcels, signal) {
      const bytes = Buffer.concat(messages(parcels).map((text) => frame(text, framing)));
      const written = await line.write(bytes, signal);
      return written.ok ? EVERYTHING_TAKEN : nothingTaken(parcels, written.error);
    },
    close: () => line.close(),
  };
}

interface Fitting {
  readonly header: SyslogHeader;
  readonly bytesMax: number;
  readonly context: SinkContext;
}

/** Shorter and shorter texts, until the message fits; what is cut is marked. */
function fittingMessage(parcel: Parcel, { header, bytesMax, context }: Fitting): string {
  let message = syslogMessage(parcel, header);
  for (let textBytes = bytesMax / 2; Buffer.byteLength(message) > bytesMax; textBytes /= 2) {
    const event = shorten(parcel.event, Math.floor(textBytes));
    const story = storyOf(event);
    const text = render(parcel.format, event, story, context);
    message = syslogMessage({ ...parcel, event, story, text }, header);
    if (textBytes < TEXT_BYTES_LEAST) return message;
  }
  return message;
}

/** Below this only the frame of the event is left; a receiver that takes less is not a receiver. */
const TEXT_BYTES_LEAST = 8;
