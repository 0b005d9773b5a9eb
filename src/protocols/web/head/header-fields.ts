import type { HeaderField } from "./request-head.js";

/** RFC 9110 section 7.6.1, and what older proxies send: these end at each hop. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
]);

/** What only we may say to a target: whoever sends it wants to be somebody else. */
const OURS: ReadonlySet<string> = new Set([
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-forwarded-prefix",
  "x-forwarded-server",
  "x-real-ip",
  "x-original-url",
  "x-rewrite-url",
  "x-http-method-override",
  "x-http-method",
  "x-method-override",
  "x-client-ip",
  "x-cluster-client-ip",
  "x-originating-ip",
  "x-remote-ip",
  "x-remote-addr",
  "x-url-scheme",
  "true-client-ip",
  "cf-connecting-ip",
  "fastly-client-ip",
  "front-end-https",
  "remote-user",
  "x-remote-user",
  "x-authenticated-user",
  "x-authenticated-email",
]);

/**
 * Families of the same. Applications that believe a proxy in who somebody is read one of these: what is put in
 * for the account comes with the credential.
 */
const OUR_FAMILIES =
  /^(?:x-forwarded(?:-|$)|forwarded-|x-auth-request-|x-webauth-|x-authentik-|x-goog-authenticated-user-|x-envoy-|x-chaperone-|remote-(?:name|email|groups)$)/;

/** One value of a header; the first where there are several. */
export function headerOf(headers: readonly HeaderField[], wanted: string): string | undefined {
  for (const field of headers) if (field[0] === wanted) return field[1];
  return undefined;
}

const PLAIN_CONNECTION = /^(?:keep-alive|close)$/i;
const NONE: ReadonlySet<string> = new Set();

/** Fields that a connection option names are hop-by-hop too. */
function namedByConnection(headers: readonly HeaderField[]): ReadonlySet<string> {
  // "keep-alive" and "close" are what nearly everybody says, and name no field that passes.
  const said = headerOf(headers, "connection");
  if (said === undefined || PLAIN_CONNECTION.test(said)) {
    if (headers.every((field) => field[0] !== "connection" || field[1] === said)) return NONE;
  }
  return new Set(
    headers.flatMap(([name, value]) =>
      name === "connection" ? value.split(",").map((one) => one.trim().toLowerCase()) : [],
    ),
  );
}

/**
 * What goes on to the target of what the person's browser sent: without hop-by-hop fields, without what
 * only a proxy may say, without `drop` (identity headers of the gateway, credentials that we put in).
 */
export function targetFilter(
  drop: ReadonlySet<string>,
): (headers: readonly HeaderField[]) => readonly HeaderField[] {
  const known = new Map<string, boolean>();

  function passes(name: string): boolean {
    const before = known.get(name);
    if (before !== undefined) return before;
    if (known.size >= KNOWN_NAMES_MAX) known.clear();
    const answer = isForTarget(name) && !drop.has(name);
    known.set(name, answer);
    return answer;
  }

  return (headers) => {
    const named = namedByConnection(headers);
    const all = headers.filter(([name]) => passes(name));
    return named === NONE ? all : all.filter(([name]) => !named.has(name));
  };
}

/** Names of fields that were looked at: browsers send some tens. Forgotten all at once. */
const KNOWN_NAMES_MAX = 256;

function isForTarget(name: string): boolean {
  if (HOP_BY_HOP.has(name) || OURS.has(name) || OUR_FAMILIES.test(name)) return false;
  // `Content_Length` is read as `Content-Length` by servers that make variables of headers.
  return !name.includes("_");
}

/** What goes on to the person of what the target answered. */
export function fieldsForPerson(headers: readonly HeaderField[]): readonly HeaderField[] {
  const named = namedByConnection(headers);
  return headers.filter(
    ([name]) => !HOP_BY_HOP.has(name) && !named.has(name) && name !== "alt-svc",
  );
}

/** A field that can be written: nothing in it ends the line. */
export function isCleanField([name, value]: HeaderField): boolean {
  return NAME.test(name) && VALUE.test(value);
}

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

const VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;
