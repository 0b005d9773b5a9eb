import type { WebField } from "../../../model/index.js";
import type { HeaderField } from "../head/request-head.js";
import { FIELD_CHARS_MAX } from "../limits.js";
import { maskedAddress } from "./masked-address.js";

/**
 * Header fields as the log keeps them: of those that are known to hold no secret the value, of all others
 * the name alone. `Authorization`, cookies, what gateways add, and whatever an application has made up
 * for its tokens are among the others.
 */
export function maskedFields(fields: readonly HeaderField[]): readonly WebField[] {
  return fields.map(([name, value]) => {
    const shown = name.length > NAME_CHARS_MAX ? `${name.slice(0, NAME_CHARS_MAX)}...` : name;
    if (value.length > FIELD_CHARS_MAX) return [shown, null];
    if (ADDRESSES.has(name)) return [shown, maskedAddress(value)];
    return [shown, KNOWN.has(name) || FAMILY.test(name) ? value : null];
  });
}

const NAME_CHARS_MAX = 128;

const ADDRESSES: ReadonlySet<string> = new Set(["referer", "location", "content-location"]);

const FAMILY = /^(?:access-control-|sec-ch-|sec-fetch-)/;

const KNOWN: ReadonlySet<string> = new Set([
  "accept",
  "accept-charset",
  "accept-encoding",
  "accept-language",
  "accept-ranges",
  "age",
  "allow",
  "cache-control",
  "connection",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-length",
  "content-range",
  "content-type",
  "date",
  "dnt",
  "etag",
  "expect",
  "expires",
  "host",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "last-modified",
  "origin",
  "pragma",
  "priority",
  "range",
  "referrer-policy",
  "retry-after",
  "sec-gpc",
  "sec-websocket-extensions",
  "sec-websocket-version",
  "server",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "upgrade-insecure-requests",
  "user-agent",
  "vary",
  "via",
  "x-content-type-options",
  "x-frame-options",
  "x-powered-by",
  "x-request-id",
  "x-requested-with",
]);
