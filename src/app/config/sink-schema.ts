import { z } from "zod";
import { parseHttpUrl } from "../../net/index.js";
import {
  CRITICALITIES,
  type SecretEntry,
  type SinkPlugin,
  type SinkWords,
} from "../../sinks/index.js";
import { SINK_PLUGINS } from "../plugins.js";
import { DURATION } from "./duration.js";
import { SIZE } from "./size.js";

/** What every entry of `events.sinks` has, whatever its `type`. */
export interface SinkEntry {
  readonly name: string;
  readonly type: string;
  readonly enforced: boolean;
  readonly format: string;
  readonly filter: FilterEntry;
  readonly group?: string | undefined;
  readonly batch: {
    readonly events: number;
    readonly linger: string;
    readonly urgent?: FilterEntry | undefined;
  };
  readonly textBytes?: number | undefined;
}

export interface FilterEntry {
  readonly types?: string[] | undefined;
  readonly criticality?: (typeof CRITICALITIES)[number] | undefined;
  readonly rules?: string[] | undefined;
}

export const time = z.string().regex(DURATION, "must be a duration such as 500ms, 30s, 5m or 1h");
const size = z.string().regex(SIZE, "must be a size such as 512KiB, 100MiB or 2GiB");
const path = z.string().min(1).max(4_096);
const pattern = z.string().min(1).max(200);

export const filter = z.strictObject({
  types: z
    .array(pattern)
    .min(1)
    .max(100)
    .optional()
    .describe("event types, `*` for any text: `session.*`; absent: all"),
  criticality: z.enum(CRITICALITIES).optional().describe("at least this critical; absent: all"),
  rules: z
    .array(pattern)
    .min(1)
    .max(1_000)
    .optional()
    .describe("ids of rules, `*` for any text: only events in which one of them had a part"),
});

/** `events:`: where what happens is told. */
export function eventsSchema(secret: z.ZodType<SecretEntry>) {
  return z
    .strictObject({
      file: z.strictObject({ path }).optional(),
      sealed: z
        .boolean()
        .default(true)
        .describe(
          "every event also in audit/ in stateDir: chained, signed, personal fields encrypted",
        ),
      rotateKey: time
        .optional()
        .describe(
          "age at which the key that signs the sealed log is changed; absent: only by `chaperone audit rotate-key`",
        ),
      outbox: size
        .default("1GiB")
        .describe(
          "what may wait for the sinks, on the disk; at the limit enforced sinks stop new sessions, others lose their oldest events",
        ),
      sinks: z.array(sinkSchema(secret)).max(32).default([]),
    })
    .prefault({});
}

/** The words of which schemas of sinks are made. */
export function sinkWords(secret: z.ZodType<SecretEntry>): SinkWords {
  return {
    z,
    path,
    secret,
    tls: z.strictObject({
      ca: path
        .optional()
        .describe("PEM file: only these authorities are trusted; absent: the system's"),
      pins: z
        .array(z.string().regex(/^[A-Za-z0-9+/]{43}=$/, "must be a SHA-256 in base64"))
        .min(1)
        .max(16)
        .optional()
        .describe("SHA-256 (base64) of public keys of which the server must have one"),
      serverName: z.string().min(1).max(253).optional().describe("absent: the host of the address"),
      cert: path.optional().describe("PEM file: our own certificate (mTLS)"),
      key: secret.optional().describe("of `cert`, PEM"),
    }),
    time,
    size,
    count: (most) => z.int().min(1).max(most),
    endpoint: z
      .string()
      .max(261)
      .regex(/^(?:\[[0-9a-fA-F:.]+\]|[^\s:[\]/@]+):\d{1,5}$/, "must be host:port or [ipv6]:port"),
    url: z
      .string()
      .max(2_048)
      .refine(
        (text) => parseHttpUrl(text).ok,
        "must be an http or https URL, without a user in it",
      ),
  };
}

/** One schema for `events.sinks[]`: the kinds that there are, each with its own keys. */
function sinkSchema(secret: z.ZodType<SecretEntry>): z.ZodType<SinkEntry> {
  const words = sinkWords(secret);
  const [first, ...others] = SINK_PLUGINS;
  const kinds = z.discriminatedUnion("type", [
    kind(first, words),
    ...others.map((one) => kind(one, words)),
  ]);
  return kinds; // every kind has the keys of SinkEntry
}

function kind({ type, habits, shape }: SinkPlugin, words: SinkWords) {
  return z.strictObject({
    name: z
      .string()
      .regex(
        /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/,
        "must be 1 to 64 of letters, digits, `.`, `_`, `-`",
      )
      .describe("names its cursor: a sink with another name starts anew"),
    type: z.literal(type),
    enforced: z
      .boolean()
      .default(false)
      .describe(
        "true: when it takes nothing and the outbox is full, no new session is taken; false: the oldest events are dropped for it, and counted",
      ),
    format: z
      .enum(habits.formats)
      .default(habits.formats[0])
      .describe("not every kind takes every format; the default is that of the kind"),
    filter: filter.prefault({}).describe("which events it is told; every part must agree"),
    group: time
      .optional()
      .describe("alerts of one rule within this time are told as one, with a count"),
    batch: z
      .strictObject({
        events: z
          .int()
          .min(1)
          .max(5_000)
          .default(habits.eventsMax)
          .describe("at most, in one request; the default is that of the kind"),
        linger: time
          .default(habits.linger)
          .describe("waits so long for more before it tells; 5m for mail"),
        urgent: filter.optional().describe("events that do not wait"),
      })
      .prefault({}),
    textBytes: z
      .int()
      .min(64)
      .max(1_048_576)
      .optional()
      .describe("longer texts (commands, above all) are cut, and marked as cut; absent: never"),
    ...shape(words),
  });
}
