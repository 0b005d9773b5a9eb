import { isMap } from "yaml";
import {
  FILE_OPERATIONS,
  FILE_TYPES,
  FORWARD_WAYS,
  TRANSFER_WAYS,
  type ClipboardActivity,
  type ForwardActivity,
  type HttpActivity,
  type NamedValue,
  type RuledActivity,
  type TransferActivity,
} from "../../model/index.js";
import { readAnomalyEvent } from "./anomaly.js";
import type { Reader, Value } from "./reader.js";

const EVENT_TYPES = ["transfer", "forward", "http", "clipboard", "anomaly"] as const;
const TRANSFER_EVENT_KEYS = [
  "type",
  "direction",
  "operation",
  "via",
  "path",
  "bytes",
  "sha256",
  "fileType",
  "content",
];
const HTTP_EVENT_KEYS = [
  "type",
  "method",
  "host",
  "path",
  "query",
  "body",
  "operation",
  "upgrade",
  "status",
  "bytes",
  "contentType",
];
const CLIPBOARD_EVENT_KEYS = ["type", "direction", "mimetype", "bytes", "sha256", "content"];
const FORWARD_EVENT_KEYS = ["type", "kind", "host", "port", "path"];
const TRANSFER_DIRECTIONS = ["upload", "download"] as const;
const PORT_RANGE = { min: 0, max: 65_535 } as const;
const STATUS_RANGE = { min: 100, max: 599 } as const;
const BYTES_RANGE = { min: 0, max: Number.MAX_SAFE_INTEGER } as const;

/** The `event` of a test: `{ type: transfer, direction: upload, path: /etc/passwd }`. */
export function readTestActivity(reader: Reader, value: Value): RuledActivity | undefined {
  const type = isMap(value)
    ? reader.oneOf(value.get("type", true), "test.event.type", EVENT_TYPES)
    : undefined;
  if (!isMap(value)) reader.mapping(value, "test.event", []);
  if (type === undefined) return undefined;
  switch (type) {
    case "transfer":
      return readTransferEvent(reader, value);
    case "forward":
      return readForwardEvent(reader, value);
    case "http":
      return readHttpEvent(reader, value);
    case "clipboard":
      return readClipboardEvent(reader, value);
    case "anomaly":
      return readAnomalyEvent(reader, value);
  }
}

function readClipboardEvent(reader: Reader, value: Value): ClipboardActivity {
  const out: { -readonly [K in keyof ClipboardActivity]: ClipboardActivity[K] } = {
    kind: "clipboard",
    direction: "upload",
    mimetype: "text/plain",
  };
  for (const { key, value: inner } of reader.mapping(value, "test.event", CLIPBOARD_EVENT_KEYS)) {
    const where = `test.event.${key}`;
    if (key === "direction")
      out.direction = reader.oneOf(inner, where, TRANSFER_DIRECTIONS) ?? out.direction;
    else if (key === "mimetype") out.mimetype = reader.text(inner, where) ?? out.mimetype;
    else if (key === "bytes") out.bytes = reader.integer(inner, where, BYTES_RANGE) ?? 0;
    else if (key === "sha256") out.sha256 = reader.text(inner, where) ?? "";
    else if (key === "content") out.text = reader.text(inner, where) ?? "";
  }
  return out;
}

function readTransferEvent(reader: Reader, value: Value): TransferActivity {
  const out: { -readonly [K in keyof TransferActivity]: TransferActivity[K] } = {
    kind: "transfer",
    direction: "upload",
    via: "sftp",
    path: "/",
  };
  for (const { key, value: inner } of reader.mapping(value, "test.event", TRANSFER_EVENT_KEYS)) {
    const where = `test.event.${key}`;
    if (key === "direction")
      out.direction = reader.oneOf(inner, where, TRANSFER_DIRECTIONS) ?? out.direction;
    else if (key === "via") out.via = reader.oneOf(inner, where, TRANSFER_WAYS) ?? out.via;
    else if (key === "path") out.path = reader.text(inner, where) ?? out.path;
    else if (key === "bytes") out.bytes = reader.integer(inner, where, BYTES_RANGE) ?? 0;
    else if (key === "sha256") out.sha256 = reader.text(inner, where) ?? "";
    else if (key === "content") out.text = reader.text(inner, where) ?? "";
    else if (key === "operation") {
      const operation = reader.oneOf(inner, where, FILE_OPERATIONS);
      if (operation !== undefined) out.operation = operation;
    } else if (key === "fileType") {
      const type = reader.oneOf(inner, where, FILE_TYPES);
      if (type !== undefined) out.type = type;
    }
  }
  return out;
}

function readForwardEvent(reader: Reader, value: Value): ForwardActivity {
  const out: { -readonly [K in keyof ForwardActivity]: ForwardActivity[K] } = {
    kind: "forward",
    forward: "local",
  };
  for (const { key, value: inner } of reader.mapping(value, "test.event", FORWARD_EVENT_KEYS)) {
    const where = `test.event.${key}`;
    if (key === "kind") out.forward = reader.oneOf(inner, where, FORWARD_WAYS) ?? out.forward;
    else if (key === "host") out.host = reader.text(inner, where) ?? "";
    else if (key === "port") out.port = reader.integer(inner, where, PORT_RANGE) ?? 0;
    else if (key === "path") out.path = reader.text(inner, where) ?? "";
  }
  return out;
}

function readHttpEvent(reader: Reader, value: Value): HttpActivity {
  const out: { -readonly [K in keyof HttpActivity]: HttpActivity[K] } = {
    kind: "http",
    method: "GET",
    host: "target.example",
    path: "/",
    query: [],
  };
  for (const { key, value: inner } of reader.mapping(value, "test.event", HTTP_EVENT_KEYS)) {
    const where = `test.event.${key}`;
    if (key === "method") out.method = reader.text(inner, where)?.toUpperCase() ?? out.method;
    else if (isTextKey(key)) out[key] = reader.text(inner, where) ?? "";
    else if (key === "query" || key === "body") out[key] = readFields(reader, inner, where);
    else if (key === "status") out.status = reader.integer(inner, where, STATUS_RANGE) ?? 0;
    else if (key === "bytes") out.responseBytes = reader.integer(inner, where, BYTES_RANGE) ?? 0;
  }
  return out;
}

const TEXT_KEYS = ["host", "path", "operation", "upgrade", "contentType"] as const;

function isTextKey(key: string): key is (typeof TEXT_KEYS)[number] {
  return TEXT_KEYS.some((one) => one === key);
}

function readFields(reader: Reader, value: Value, what: string): readonly NamedValue[] {
  return reader.entries(value, what).map(({ key, value: inner }) => ({
    name: key,
    value: reader.text(inner, `${what}.${key}`) ?? "",
  }));
}
