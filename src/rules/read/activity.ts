import { isMap } from "yaml";
import { FILE_OPERATIONS, FILE_TYPES, FORWARD_WAYS, TRANSFER_WAYS } from "../../model/index.js";
import { readPatterns } from "./pattern.js";
import { nearest, type Reader, type Value } from "./reader.js";
import { readSize } from "./size.js";
import type { ClipboardSource, ForwardSource, TransferSource } from "./source.js";

const TRANSFER_KEYS = [
  "direction",
  "operation",
  "via",
  "path",
  "size",
  "sha256",
  "type",
  "content",
];
const CLIPBOARD_KEYS = ["direction", "mimetype", "size", "sha256", "content"];
const FORWARD_KEYS = ["kind", "host", "port", "path"];
const DIRECTIONS = ["upload", "download", "any"] as const;
const PORT_MAX = 65_535;

export function readTransfer(reader: Reader, value: Value): TransferSource {
  const out: { -readonly [K in keyof TransferSource]: TransferSource[K] } = {};
  for (const { key, value: inner } of mapping(reader, value, "transfer", TRANSFER_KEYS)) {
    if (key === "direction") {
      const direction = reader.oneOf(inner, "transfer.direction", DIRECTIONS);
      if (direction === "upload" || direction === "download") out.direction = direction;
    } else if (key === "via") out.via = words(reader, inner, "transfer.via", TRANSFER_WAYS);
    else if (key === "path") out.path = readPatterns(reader, inner, "transfer.path");
    else if (key === "operation")
      out.operations = words(reader, inner, "transfer.operation", FILE_OPERATIONS);
    else if (key === "type") out.types = words(reader, inner, "transfer.type", FILE_TYPES);
    else if (key === "content") out.content = readPatterns(reader, inner, "transfer.content");
    else if (key === "sha256") out.sha256 = readPatterns(reader, inner, "transfer.sha256");
    else {
      const size = readSize(reader, inner, "transfer.size");
      if (size !== undefined) out.size = size;
    }
  }
  return out;
}

/** `clipboard: { direction: download, mimetype: image/*, size: "> 10KB", content: { regex: ... } }`. */
export function readClipboard(reader: Reader, value: Value): ClipboardSource {
  const out: { -readonly [K in keyof ClipboardSource]: ClipboardSource[K] } = {};
  for (const { key, value: inner } of mapping(reader, value, "clipboard", CLIPBOARD_KEYS)) {
    if (key === "direction") {
      const direction = reader.oneOf(inner, "clipboard.direction", DIRECTIONS);
      if (direction === "upload" || direction === "download") out.direction = direction;
    } else if (key === "mimetype") out.mimetype = readPatterns(reader, inner, "clipboard.mimetype");
    else if (key === "sha256") out.sha256 = readPatterns(reader, inner, "clipboard.sha256");
    else if (key === "content") out.content = readPatterns(reader, inner, "clipboard.content");
    else {
      const size = readSize(reader, inner, "clipboard.size");
      if (size !== undefined) out.size = size;
    }
  }
  return out;
}

export function readForward(reader: Reader, value: Value): ForwardSource {
  const out: { -readonly [K in keyof ForwardSource]: ForwardSource[K] } = {};
  for (const { key, value: inner } of mapping(reader, value, "forward", FORWARD_KEYS)) {
    if (key === "kind") out.kinds = readWays(reader, inner);
    else if (key === "host") out.host = readPatterns(reader, inner, "forward.host");
    else if (key === "path") out.path = readPatterns(reader, inner, "forward.path");
    else out.ports = readPorts(reader, inner);
  }
  return out;
}

function mapping(
  reader: Reader,
  value: Value,
  what: string,
  keys: readonly string[],
): ReturnType<Reader["mapping"]> {
  if (isMap(value) && value.items.length === 0)
    reader.refuse("CHP_RULES_SHAPE", `${what} is empty`, reader.place(value));
  return reader.mapping(value, what, keys);
}

function readWays(reader: Reader, value: Value): NonNullable<ForwardSource["kinds"]> {
  const texts = reader.texts(value, "forward.kind");
  const dynamic = texts.find((one) => one.text === "dynamic");
  if (dynamic === undefined) return words(reader, value, "forward.kind", FORWARD_WAYS);
  reader.refuse(
    "CHP_RULES_SHAPE",
    "a server can not tell a dynamic forward (ssh -D) from local ones: write local",
    dynamic.at,
  );
  return [];
}

function words<T extends string>(
  reader: Reader,
  value: Value,
  what: string,
  known: readonly T[],
): readonly T[] {
  return reader.texts(value, what).flatMap(({ text, at }) => {
    const word = known.find((one) => one === text);
    if (word !== undefined) return [word];
    const near = nearest(text, known);
    const hint = near === null ? `known: ${known.join(", ")}` : `did you mean "${near}"?`;
    reader.refuse("CHP_RULES_SHAPE", `unknown ${what} "${text}"; ${hint}`, at);
    return [];
  });
}

/** `22`, `8000-8999`, or a list of these. */
function readPorts(reader: Reader, value: Value): NonNullable<ForwardSource["ports"]> {
  return reader.texts(value, "forward.port").flatMap(({ text, at }) => {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
    const from = Number(match?.[1] ?? -1);
    const to = Number(match?.[2] ?? from);
    if (match !== null && from <= to && to <= PORT_MAX) return [{ from, to }];
    reader.refuse("CHP_RULES_SHAPE", `"${text}" is no port like 22 or 8000-8999`, at);
    return [];
  });
}
