/** The value of one cookie of a `Cookie` header; undefined when there is none. The first counts. */
export function readCookie(header: string | undefined, wanted: string): string | undefined {
  // Most of what is asked for is not there.
  if (header?.includes(wanted) !== true) return undefined;
  for (let from = 0; from < header.length;) {
    const end = endOfPair(header, from);
    const equals = equalsIn(header, from, end);
    if (header.slice(from, equals).trim() === wanted) {
      return equals === end ? undefined : header.slice(equals + 1, end).trim();
    }
    from = end + 1;
  }
  return undefined;
}

/** The header without cookies that `drop` names; undefined when nothing is left. */
export function withoutCookies(
  header: string | undefined,
  drop: (name: string) => boolean,
): string | undefined {
  if (header === undefined) return undefined;
  let kept = "";
  for (let from = 0; from < header.length;) {
    const end = endOfPair(header, from);
    const equals = equalsIn(header, from, end);
    const name = header.slice(from, equals).trim();
    const value = equals === end ? "" : `=${header.slice(equals + 1, end).trim()}`;
    if (name + value !== "" && !drop(name)) kept += `${kept === "" ? "" : "; "}${name}${value}`;
    from = end + 1;
  }
  return kept === "" ? undefined : kept;
}

function endOfPair(header: string, from: number): number {
  const semicolon = header.indexOf(";", from);
  return semicolon < 0 ? header.length : semicolon;
}

/** `end`: there is none. */
function equalsIn(header: string, from: number, end: number): number {
  const equals = header.indexOf("=", from);
  return equals < 0 || equals > end ? end : equals;
}

export interface CookieRewrite {
  /** Host under which the person knows the target, without port. */
  readonly publicHost: string;
  /** Path under which it is reached, without a slash at the end; "" for the root. */
  readonly prefix: string;
  readonly secure: boolean;
}

/**
 * A target's `Set-Cookie` as the person's browser has to see it: the domain is dropped (so that it holds
 * for the public host alone), the path stands under the prefix, `Secure` only where the listener has TLS,
 * else no browser would keep it. Null for cookies that try to be ours.
 */
export function rewriteSetCookie(
  value: string,
  rewrite: CookieRewrite,
  isOurs: (name: string) => boolean,
): string | null {
  const [pair = "", ...attributes] = value.split(";");
  const name = (pair.split("=", 1)[0] ?? "").trim();
  // One without a name goes back as its value, which may be called like ours (`=chaperone-wiki=x`).
  if (isOurs(name === "" ? pair.replace(/^[\s=]+/, "") : name)) return null;
  const prefixed = /^__(?:Secure|Host)-/.test(name);
  if (prefixed && !rewrite.secure) return null;
  const kept = attributes.map((attribute) => rewriteAttribute(attribute.trim(), rewrite));
  const wantsSecure =
    prefixed || kept.some((one) => one === "Secure" || /^samesite=none$/i.test(one));
  const out = [pair.trim(), ...kept.filter((one) => one !== "" && one !== "Secure")];
  if (rewrite.secure && wantsSecure) out.push("Secure");
  return out.join("; ");
}

/** "" for what is dropped. */
function rewriteAttribute(text: string, { prefix, secure }: CookieRewrite): string {
  const [key, rest] = splitOnce(text);
  switch (key.toLowerCase()) {
    case "domain":
      return "";
    case "path":
      return `Path=${prefix}${rest.startsWith("/") ? rest : "/"}`;
    case "secure":
      return "Secure";
    case "samesite":
      return secure || rest.toLowerCase() !== "none" ? text : "";
    case "partitioned":
      return secure ? text : "";
    default:
      return text;
  }
}

function splitOnce(text: string): readonly [string, string] {
  const equals = text.indexOf("=");
  return equals < 0 ? [text, ""] : [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
}
