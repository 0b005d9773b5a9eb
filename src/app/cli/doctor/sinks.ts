import { randomUUID } from "node:crypto";
import { encodeEvent, wrapEvent } from "../../../events/index.js";
import { describeFault, faultEntry, wallMicros } from "../../../kernel/index.js";
import { readToldEvent, render, storyOf, type Parcel, type Receipt } from "../../../sinks/index.js";
import type { Config, Environment, SinkConfig } from "../../config/index.js";
import { eventSource } from "../../sidecar/worker-settings.js";
import { bad, fine, warn, type Finding } from "./finding.js";

/** A sink that answers later than this is of no use for alerts. */
const ANSWER_MS_MAX = 15_000;

/** Sends one `sink.tested` to every sink, as the sidecar would, whatever the sink's filter says. */
export async function examineSinks(
  config: Config,
  env: Environment,
  version: string,
): Promise<readonly Finding[]> {
  return await Promise.all(
    config.events.sinks.map((sink) => examineSink(sink, { config, env, version })),
  );
}

interface Examination {
  readonly config: Config;
  readonly env: Environment;
  readonly version: string;
}

async function examineSink(sink: SinkConfig, examination: Examination): Promise<Finding> {
  const { config, env, version } = examination;
  const subject = `sink ${sink.name}`;
  const made = sink.maker(env)({
    name: sink.name,
    format: sink.format,
    node: config.node,
    version,
    wallMs: () => Date.now(),
    uuid: () => randomUUID(),
  });
  if (!made.ok) return bad(subject, describeFault(made.error), faultEntry(made.error.code).remedy);
  const began = performance.now();
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), ANSWER_MS_MAX);
  const receipt = await made.value.deliver([testParcel(sink, examination)], stop.signal);
  clearTimeout(timer);
  await made.value.close();
  return findingOf(sink, receipt, Math.round(performance.now() - began));
}

function findingOf(sink: SinkConfig, receipt: Receipt, ms: number): Finding {
  const subject = `sink ${sink.name}`;
  const kind = `${sink.type}, ${sink.format}, ${sink.enforced ? "enforced" : "best effort"}`;
  const { fault, refused } = receipt;
  if (fault === undefined && refused.length === 0) {
    return fine(subject, `took a test event in ${ms} ms (${kind})`);
  }
  const why = fault === undefined ? (refused[0]?.reason ?? "refused") : describeFault(fault);
  const mend = faultEntry(fault?.code ?? "CHP_SINK_REFUSED").remedy;
  // Without an enforced sink nobody new comes in once the outbox is full; the others only miss events.
  return sink.enforced
    ? bad(subject, `${why} (${kind})`, mend)
    : warn(subject, `${why} (${kind})`, mend);
}

function testParcel(sink: SinkConfig, { config, version }: Examination): Parcel {
  const line = encodeEvent(
    wrapEvent(
      { type: "sink.tested", data: { sink: sink.name } },
      {
        source: eventSource(config),
        subject: `doctor-${randomUUID()}`,
        sequence: 0,
        wall: wallMicros(Date.now() * 1_000),
      },
    ),
  );
  const event = readToldEvent(Buffer.from(line));
  if (event === null) throw new Error("an event of our own can not be read");
  const story = storyOf(event);
  const text = render(sink.format, event, story, { version });
  return { id: event.id, event, story, format: sink.format, text };
}
