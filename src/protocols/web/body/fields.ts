import type { NamedValue } from "../../../model/index.js";
import { FIELD_CHARS_MAX, FIELDS_MAX } from "../limits.js";
import { readMultipart } from "./multipart.js";

/** What rules and events may know of a body. */
export interface BodyFacts {
  readonly fields: readonly NamedValue[];
  /** Operation of GraphQL, method of JSON-RPC; several of one batch are joined by a comma. */
  readonly operation?: string;
}

/** Kinds of bodies that are read. */
export type BodyKind = "urlencoded" | "multipart" | "json" | "graphql";

/** Null: a body of this type is not read. */
export function bodyKind(contentType: string | undefined): BodyKind | null {
  const type = (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (type === "application/x-www-form-urlencoded") return "urlencoded";
  if (type === "multipart/form-data") return "multipart";
  if (type === "application/graphql") return "graphql";
  return type === "application/json" || type.endsWith("+json") ? "json" : null;
}

/**
 * Its characters are those that are read here: whoever writes `role=admin` in EBCDIC or UTF-7 is understood by
 * some servers, and would be by no rule.
 */
export function isReadable(contentType: string): boolean {
  const said = [...contentType.matchAll(CHARSET)].map(([, name = ""]) => name.toLowerCase());
  return said.every((name) => ASCII_LIKE.has(name));
}

const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]*)/gi;
/** What is ASCII in all of these is what rules speak of. */
const ASCII_LIKE: ReadonlySet<string> = new Set([
  "utf-8",
  "utf8",
  "us-ascii",
  "iso-8859-1",
  "iso-8859-15",
  "windows-1252",
]);

/** Null when it is not what its type says, or has more fields than anybody sends. Total. */
export function readBody(kind: BodyKind, contentType: string, bytes: Uint8Array): BodyFacts | null {
  if (kind === "multipart") {
    const fields = readMultipart(contentType, bytes);
    return fields === null || fields.length > FIELDS_MAX ? null : { fields: fields.map(shown) };
  }
  const text = decode(bytes);
  if (text === null) return null;
  switch (kind) {
    case "urlencoded":
      return formFacts(text);
    case "json":
      return jsonFacts(text);
    case "graphql":
      return { fields: [], ...named("operation", graphqlOperation(text, undefined)) };
  }
}

/** Parameters of a query, or null when there are more than anybody sends. */
export function readQuery(query: string | null): readonly NamedValue[] | null {
  if (query === null || query === "") return [];
  return formFacts(query)?.fields ?? null;
}

/** Names of fields that hold secrets, wherever: their values are looked at by nobody. */
const SECRET_NAME =
  /pass(?:word|wd|phrase|code)?$|^pass|pwd|secret|token|credential|api[-_]?key|private[-_]?key|^otp$|totp|^pin$|csrf|xsrf|auth/i;

export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

function shown({ name, value }: { readonly name: string; readonly value?: string }): NamedValue {
  return value === undefined || value.length > FIELD_CHARS_MAX || isSecretName(name)
    ? { name }
    : { name, value };
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function formFacts(text: string): BodyFacts | null {
  const fields: NamedValue[] = [];
  for (const [name, value] of new URLSearchParams(text)) {
    if (fields.length >= FIELDS_MAX) return null;
    fields.push(shown({ name, value }));
  }
  // Some servers split at semicolons too (HTML 4 wanted them to): what either reading finds is there.
  if (text.includes(";") && fields.length > 0) {
    for (const [name, value] of new URLSearchParams(text.replaceAll(";", "&"))) {
      if (fields.some((one) => one.name === name && one.value === value)) continue;
      if (fields.length >= FIELDS_MAX) return null;
      fields.push(shown({ name, value }));
    }
  }
  return { fields };
}

/** The top level of an object; of a batch (an array) that of each of its objects. */
function jsonFacts(text: string): BodyFacts | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (namesIn(text) !== namesOf(value)) return null;
  const objects = (Array.isArray(value) ? value : [value]).filter(isRecord);
  const fields = objects.flatMap((object) =>
    Object.entries(object).map(([name, inner]) => shown(jsonField(name, inner))),
  );
  if (fields.length > FIELDS_MAX) return null;
  const operations = objects.flatMap((object) => operationOf(object) ?? []);
  return { fields, ...named("operation", operations.length === 0 ? undefined : operations.join()) };
}

/** How often a text of JSON names a member. */
function namesIn(text: string): number {
  let names = 0;
  for (const [, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"\s*(:)?/g))
    if (colon !== undefined) names += 1;
  return names;
}

/**
 * How many members are left of them. JSON lets a name be given twice, and parsers differ in which counts:
 * `JSON.parse` takes the last, and what another server would take is known to nobody here.
 */
function namesOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let names = Array.isArray(value) ? 0 : Object.keys(value).length;
  for (const inner of Object.values(value)) names += namesOf(inner);
  return names;
}

function jsonField(name: string, value: unknown): { name: string; value?: string } {
  if (typeof value === "string") return { name, value };
  if (typeof value === "number" || typeof value === "boolean")
    return { name, value: String(value) };
  return { name };
}

/** JSON-RPC: `{ jsonrpc, method }`; GraphQL over HTTP: `{ query, operationName }`. */
function operationOf(object: Readonly<Record<string, unknown>>): string | undefined {
  const { jsonrpc, method, query, operationName } = object;
  if (jsonrpc !== undefined && typeof method === "string") return method.slice(0, 200);
  if (typeof query !== "string") return undefined;
  return graphqlOperation(query, typeof operationName === "string" ? operationName : undefined);
}

/**
 * `mutation deleteUser`, or the fields that an operation without a name asks for. Not a parser of the
 * language: comments and strings are taken out, then words are looked at. A document with several
 * operations tells all of them, because which runs is the server's affair.
 */
function graphqlOperation(document: string, asked: string | undefined): string | undefined {
  const text = document.replace(/"""[^]*?"""|"(?:[^"\\\n]|\\.)*"|#[^\n]*/g, " ").slice(0, 16_384);
  const found = [
    ...text.matchAll(
      /\b(query|mutation|subscription)\b\s*([_A-Za-z]\w*)?[^{]*\{\s*([_A-Za-z]\w*)?/g,
    ),
  ];
  const operations = found.map(([, kind = "", name, field]) =>
    `${kind} ${name ?? field ?? ""}`.trim(),
  );
  if (operations.length > 0) return [...new Set(operations)].slice(0, 16).join();
  const field = /^\s*\{\s*([_A-Za-z]\w*)/.exec(text)?.[1];
  return field === undefined ? asked : `query ${field}`;
}

function named(key: "operation", value: string | undefined): { readonly operation?: string } {
  return value === undefined || value === "" ? {} : { [key]: value };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
