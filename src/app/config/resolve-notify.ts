import { smtpSink } from "../../sinks/smtp/index.js";
import type { NotifyEntry } from "./notify-schema.js";
import type { ResolveDeps } from "./resolve-deps.js";
import { filterOf, resolveSinkAt, type SinkConfig } from "./resolve-sink.js";

/** Each group is a sink of its own: with its place in the outbox, its retries and its dead letters. */
export function resolveNotify(
  entry: NotifyEntry | undefined,
  deps: ResolveDeps,
): readonly SinkConfig[] {
  return Object.entries(entry?.groups ?? {}).flatMap(([name, group]) => {
    const { to, digest, urgent, perRule, also } = group;
    const sink = {
      ...entry?.mail,
      to,
      name: `notify-${name}`,
      type: smtpSink.type,
      enforced: false,
      format: smtpSink.habits.formats[0],
      filter: {},
      group: perRule,
      batch: { events: smtpSink.habits.eventsMax, linger: digest, urgent },
    };
    return resolveSinkAt(["notify", "groups", name], sink, deps).map((one) => ({
      ...one,
      filter: { notify: [name], ...(also === undefined ? {} : { or: filterOf(also) }) },
    }));
  });
}
