import { isJson, SEVERITY } from "../format/index.js";
import type { Parcel } from "../sink.js";
import { sessionOf } from "../told-event.js";

export interface OtlpResource {
  readonly version: string;
  readonly node: string;
}

/**
 * ExportLogsServiceRequest in its JSON form (OTLP 1.x over HTTP). `eventName` marks a record as an
 * event; the body is the event in the sink's format, as a structure where that is JSON.
 */
export function logRecords(parcels: readonly Parcel[], resource: OtlpResource): string {
  return JSON.stringify({
    resourceLogs: [
      {
        resource: {
          attributes: [
            attribute("service.name", "chaperone"),
            attribute("service.version", resource.version),
            attribute("service.instance.id", resource.node),
          ],
        },
        scopeLogs: [{ scope: { name: "chaperone" }, logRecords: parcels.map(recordOf) }],
      },
    ],
  });
}

function recordOf({ id, event, story, format, text }: Parcel): unknown {
  const session = sessionOf(event);
  const nanos = `${BigInt(event.timeMs) * 1_000_000n + BigInt(microsOf(event.time)) * 1_000n}`;
  const attributes: Readonly<Record<string, string | number | undefined>> = {
    "event.id": id,
    "event.sequence": event.sequence,
    "session.id": session?.id ?? event.subject,
    "user.name": session?.person ?? story.person,
    "client.address": session?.origin ?? story.origin,
    "server.address": session?.target,
    "chaperone.action": story.action,
    "chaperone.outcome": story.outcome,
    "chaperone.rule.id": story.rule?.id,
  };
  return {
    timeUnixNano: nanos,
    observedTimeUnixNano: nanos,
    severityNumber: SEVERITY[story.severity].otlp,
    severityText: story.severity,
    eventName: `io.chaperone.${event.type}`,
    body: isJson(format) ? anyValue(JSON.parse(text)) : { stringValue: text },
    attributes: Object.entries(attributes).flatMap(([key, value]) =>
      value === undefined || value === "" ? [] : [attribute(key, value)],
    ),
  };
}

/** The last three digits of `2026-11-20T18:57:23.123456Z`. */
function microsOf(time: string): number {
  const digits = Number(time.slice(23, 26));
  return Number.isNaN(digits) ? 0 : digits;
}

function attribute(key: string, value: string | number): unknown {
  return { key, value: anyValue(value) };
}

/** AnyValue of opentelemetry.proto.common.v1; whole numbers travel as text, as proto3 JSON has it. */
function anyValue(value: unknown): unknown {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number") {
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  if (typeof value !== "object" || value === null) return {};
  const values = Object.entries(value).map(([key, one]) => ({ key, value: anyValue(one) }));
  return { kvlistValue: { values } };
}
