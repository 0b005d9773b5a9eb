import type { Readable } from "node:stream";
import type { HttpActivity, NamedValue } from "../../../model/index.js";
import { bodyKind, isReadable, readBody, readQuery } from "../body/fields.js";
import { takeBeginning, type Taken } from "../body/taken.js";
import { headerOf } from "../head/header-fields.js";
import type { NormalPath } from "../head/normal-path.js";
import { hostOf, type RequestHead } from "../head/request-head.js";
import { FIELDS_BYTES_MAX } from "../limits.js";
import { maskedNames } from "../log/masked-name.js";
import { maskedPath } from "../log/masked-path.js";
import { MASK } from "../log/masked-text.js";

/** A request of somebody who is known, before it is judged. */
export interface Incoming {
  readonly head: RequestHead;
  /** Below the route's prefix. */
  readonly path: NormalPath;
  readonly source: Readable;
  readonly http2: boolean;
  /** A browser loads a page with it, so that a page is an answer. */
  readonly navigates: boolean;
}

export interface Understood {
  readonly activity: HttpActivity;
  readonly url: string;
  /** Names of fields of its body, for events; absent: none was read. */
  readonly fields?: readonly string[];
  /** Null: no body. */
  readonly body: Taken | null;
}

/** Fetch Metadata where the browser sends it; else whoever takes HTML. */
export function navigates(head: RequestHead): boolean {
  const mode = headerOf(head.headers, "sec-fetch-mode");
  if (mode !== undefined) return mode === "navigate";
  return (headerOf(head.headers, "accept") ?? "").includes("text/html");
}

export function hasBody(head: RequestHead): boolean {
  const length = headerOf(head.headers, "content-length");
  if (length !== undefined) return length !== "0";
  return headerOf(head.headers, "transfer-encoding") !== undefined;
}

/** What rules need to know of a request without a body. */
export function understandHead({ head, path }: Incoming, scheme: string): Understood {
  const query = head.query === null ? NO_FIELDS : readQuery(head.query);
  const { plain } = path;
  const shownPath = maskedPath(plain);
  const url = `${scheme}://${head.authority}${shownPath}${query === null ? "" : namesOf(query)}`;
  const host = hostOf(head.authority);
  // Servers differ in whether `delete` is `DELETE`; by HTTP/2 both come.
  const method = head.method.toUpperCase();
  const kind = "http";
  // More parameters than anybody looks at: what is not read is a doubt.
  const activity: HttpActivity =
    query === null
      ? { kind, method, host, path: plain, query: NO_FIELDS, bodyUnread: true }
      : { kind, method, host, path: plain, query };
  // One shape for nearly all requests: few paths hold a secret.
  return { activity: shownPath === plain ? activity : { ...activity, shownPath }, url, body: null };
}

const NO_FIELDS: readonly NamedValue[] = [];

/** `?page=&token=`: of a query everybody may know the names. */
export function namesOf(query: readonly NamedValue[]): string {
  if (query.length === 0) return "";
  const names = maskedNames(query).map((name) => (name === MASK ? MASK : encodeURIComponent(name)));
  return `?${names.map((name) => `${name}=`).join("&")}`;
}

/**
 * The same of one with a body. Forms and API calls are read up to a limit before anything of them goes on;
 * other bodies stay where they are. Null: the sender has broken off.
 */
export async function understandBody(
  incoming: Incoming,
  scheme: string,
): Promise<Understood | null> {
  const { head, source } = incoming;
  const { activity: plain, url } = understandHead(incoming, scheme);
  const contentType = headerOf(head.headers, "content-type") ?? "";
  const coded = headerOf(head.headers, "content-encoding");
  const plainly = (coded === undefined || coded === "identity") && isReadable(contentType);
  const kind = plainly ? bodyKind(contentType) : null;
  if (kind === null) {
    const body = { bytes: Buffer.alloc(0), ended: false };
    return { activity: { ...plain, bodyUnread: true }, url, body };
  }
  const body = await takeBeginning(source, FIELDS_BYTES_MAX);
  if (body === null) return null;
  const facts = body.ended ? readBody(kind, contentType, body.bytes) : null;
  if (facts === null) return { activity: { ...plain, bodyUnread: true }, url, body };
  const { fields, operation } = facts;
  return {
    activity: { ...plain, body: fields, ...(operation === undefined ? {} : { operation }) },
    url,
    fields: maskedNames(fields),
    body,
  };
}
