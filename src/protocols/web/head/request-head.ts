import { err, fault, ok, type Fault, type Result } from "../../../kernel/index.js";
import { HEADERS_MAX, TARGET_CHARS_MAX } from "../limits.js";

/** The head of a request, read strictly: there is one way only to understand it. */
export interface RequestHead {
  /** Upper case as all registered methods are; others as they came. */
  readonly method: string;
  /** As the browser wrote them; `query` without the question mark, null when there is none. */
  readonly path: string;
  readonly query: string | null;
  /** Lower case, with its port when it was given. */
  readonly authority: string;
  readonly headers: readonly HeaderField[];
}

/** Name in lower case. */
export type HeaderField = readonly [name: string, value: string];

/** What the HTTP parser has understood; everything in it is checked again. */
export interface ParsedHead {
  readonly method: string;
  readonly target: string;
  /** Names and values in turn, as they came; of HTTP/2 with its pseudo headers. */
  readonly rawHeaders: readonly string[];
  readonly http2: boolean;
}

/**
 * RFC 9112 and 9113 where they leave no choice, and the strict side where they do: two lengths, two hosts,
 * an unknown transfer coding, a target of another form are refused, never repaired. Total.
 */
export function readRequestHead(parsed: ParsedHead): Result<RequestHead, Fault> {
  if (!TOKEN.test(parsed.method)) return syntax("the method is no token");
  if (parsed.method === "CONNECT" || parsed.method === "TRACE") {
    return syntax(`${parsed.method} is not served`);
  }
  const fields = fieldsOf(parsed.rawHeaders, parsed.http2);
  if (!fields.ok) return fields;
  const headers = parsed.http2
    ? fields.value.filter(([name]) => !name.startsWith(":"))
    : fields.value;
  const framing = checkFraming(headers, parsed.http2);
  if (framing !== null) return err(framing);
  const authority = authorityOf(parsed, fields.value);
  if (!authority.ok) return authority;
  const target = targetOf(parsed.target, authority.value);
  if (!target.ok) return target;
  return ok({ method: parsed.method, authority: authority.value, headers, ...target.value });
}

/** The host of an authority, without its port. */
export function hostOf(authority: string): string {
  return authority.includes(":") ? authority.replace(PORT, "") : authority;
}

const PORT = /:\d+$/;

/** RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/;
const NAME = /^:?[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/;
/** No control characters but the tab; bytes above ASCII are taken as they are (obs-text). */

const VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;
const HOST = /^(?:[a-z0-9](?:[a-z0-9._-]{0,252})|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/;

function syntax(message: string): Result<never, Fault> {
  return err(fault("CHP_WEB_SYNTAX", message));
}

function smuggling(message: string): Fault {
  return fault("CHP_WEB_SMUGGLING", message);
}

function fieldsOf(raw: readonly string[], http2: boolean): Result<readonly HeaderField[], Fault> {
  if (raw.length > HEADERS_MAX * 2) {
    return err(fault("CHP_WEB_TOO_LARGE", `more than ${HEADERS_MAX} header fields`));
  }
  const fields: HeaderField[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? "";
    const value = raw[i + 1] ?? "";
    const known = nameOf(name);
    if (known === null || (!http2 && name.startsWith(":")))
      return syntax("the name of a header field is no token");
    if (!VALUE.test(value)) return syntax("the value of a header field has control characters");
    fields.push([known, value]);
  }
  return ok(fields);
}

/** In lower case; null: it is no token. */
function nameOf(name: string): string | null {
  const before = NAMES.get(name);
  if (before !== undefined) return before;
  if (!NAME.test(name)) return null;
  if (NAMES.size >= KNOWN_NAMES_MAX) NAMES.clear();
  const known = name.toLowerCase();
  NAMES.set(name, known);
  return known;
}

/** Names that were looked at, as they came: browsers send the same ones again and again. Forgotten all at once. */
const KNOWN_NAMES_MAX = 512;
const NAMES = new Map<string, string>();

function valuesOf(headers: readonly HeaderField[], wanted: string): string[] {
  const values: string[] = [];
  for (const [name, value] of headers) if (name === wanted) values.push(value);
  return values;
}

/** RFC 9112 section 6.3: who says two lengths wants two readers to disagree. */
function checkFraming(headers: readonly HeaderField[], http2: boolean): Fault | null {
  const lengths = valuesOf(headers, "content-length");
  const codings = valuesOf(headers, "transfer-encoding");
  if (lengths.length > 1) return smuggling("Content-Length is given twice");
  if (lengths.some((length) => !/^\d{1,15}$/.test(length))) {
    return smuggling("Content-Length is no plain number");
  }
  if (codings.length > 0 && http2) return smuggling("Transfer-Encoding by HTTP/2");
  if (codings.length > 1) return smuggling("Transfer-Encoding is given twice");
  if (codings.some((coding) => coding.trim().toLowerCase() !== "chunked")) {
    return smuggling("a Transfer-Encoding other than chunked");
  }
  if (codings.length > 0 && lengths.length > 0) {
    return smuggling("Content-Length and Transfer-Encoding at once");
  }
  return null;
}

function authorityOf(parsed: ParsedHead, fields: readonly HeaderField[]): Result<string, Fault> {
  const named = valuesOf(fields, "host");
  if (parsed.http2) named.unshift(...valuesOf(fields, ":authority"));
  const host = named[0]?.toLowerCase();
  if (host === undefined) return syntax("no Host");
  const twice =
    named.length > 1 && (!parsed.http2 || named.some((one) => one.toLowerCase() !== host));
  if (twice) return err(smuggling("the host is given twice"));
  return HOST.test(host) ? ok(host) : syntax("the Host is no host name");
}

/** Origin-form; absolute-form is taken where it says the same host again (RFC 9112 section 3.2.2). */
function targetOf(
  target: string,
  authority: string,
): Result<Pick<RequestHead, "path" | "query">, Fault> {
  if (target.length > TARGET_CHARS_MAX) {
    return err(
      fault("CHP_WEB_TOO_LARGE", `an address of more than ${TARGET_CHARS_MAX} characters`),
    );
  }
  let origin = target;
  const absolute = /^https?:\/\/(?<host>[^/?#]*)(?<rest>[/?].*)?$/i.exec(target)?.groups;
  if (absolute !== undefined) {
    if (absolute["host"]?.toLowerCase() !== authority) {
      return err(smuggling("the address names another host than the Host header"));
    }
    origin = absolute["rest"] ?? "/";
    if (origin.startsWith("?")) origin = `/${origin}`;
  }
  if (!origin.startsWith("/")) return syntax("an address that is no path");
  if (origin.includes("#")) return syntax("an address with a fragment");
  const mark = origin.indexOf("?");
  if (mark < 0) return ok({ path: origin, query: null });
  const query = origin.slice(mark + 1);
  return QUERY.test(query)
    ? ok({ path: origin.slice(0, mark), query })
    : syntax("a query with characters that have to be encoded");
}

const QUERY = /^[\u0021-\u007e]*$/;
