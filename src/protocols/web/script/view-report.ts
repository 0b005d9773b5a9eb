import type { WebView } from "../../../model/index.js";
import { readQuery } from "../body/fields.js";
import { normalPath } from "../head/normal-path.js";
import { TARGET_CHARS_MAX } from "../limits.js";
import { maskedPath } from "../log/masked-path.js";
import { maskedText } from "../log/masked-text.js";
import type { WebRoute } from "../ports.js";
import { namesOf } from "../session/incoming.js";

const TITLE_CHARS_MAX = 256;

/** `["/pages/1?x=2", "Page 1", true]`: address, title, whether its window has the keyboard. Null: no report. */
export function readViewReport(
  bytes: Uint8Array,
  page: { readonly origin: string; readonly route: WebRoute },
): WebView | null {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return null;
  }
  if (!Array.isArray(value) || value.length !== 3) return null;
  const [address, title, focused] = value as readonly unknown[];
  if (typeof address !== "string" || typeof title !== "string") return null;
  if (typeof focused !== "boolean" || address.length > TARGET_CHARS_MAX) return null;
  const url = urlOf(address, page);
  if (url === null) return null;
  // What a page calls itself is the application's to say, and may hold anything.
  return { url, title: maskedText(title.slice(0, TITLE_CHARS_MAX)), focused };
}

/** As requests of the page are told: the path that rules see, and names of parameters. */
function urlOf(
  address: string,
  { origin, route }: { readonly origin: string; readonly route: WebRoute },
): string | null {
  const at = address.indexOf("?");
  const whole = at < 0 ? address : address.slice(0, at);
  if (!`${whole}/`.startsWith(`${route.prefix}/`)) return null;
  const below = whole.slice(route.prefix.length);
  const path = normalPath(below === "" ? "/" : below, { literalSlash: route.literalSlash });
  if (!path.ok) return null;
  const query = at < 0 ? [] : (readQuery(address.slice(at + 1)) ?? []);
  return `${origin}${maskedPath(path.value.plain)}${namesOf(query)}`;
}
