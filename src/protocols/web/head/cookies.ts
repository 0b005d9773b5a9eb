/** The value of one cookie of a `Cookie` header; undefined when there is none. The first counts. */
export function readCookie(header: string | undefined, wanted: string): string | undefined {
  return pairsOf(header).find(([name]) => name === wanted)?.[1] ?? undefined;
}

/** The header without cookies that `drop` names; undefined when nothing is left. */
export function withoutCookies(
  header: string | undefined,
  drop: (name: string) => boolean,
): string | undefined {
  const kept = pairsOf(header).filter(([name]) => !drop(name));
  if (kept.length === 0) return undefined;
  return kept.map(([name, value]) => (value === null ? name : `${name}=${value}`)).join("; ");
}

type Pair = readonly [name: string, value: string | null];

function pairsOf(header: string | undefined): readonly Pair[] {
  if (header === undefined) return [];
  return header.split(";").flatMap((part): readonly Pair[] => {
    const text = part.trim();
    if (text === "") return [];
    const equals = text.indexOf("=");
    if (equals < 0) return [[text, null]];
    return [[text.slice(0, equals).trim(), text.slice(equals + 1).trim()]];
  });
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
  if (isOurs(name)) return null;
  const out = [pair.trim()];
  let secure = false;
  let none = false;
  for (const attribute of attributes) {
    const text = attribute.trim();
    const [key = "", rest = ""] = splitOnce(text);
    switch (key.toLowerCase()) {
      case "domain":
      case "":
        break;
      case "path":
        out.push(`Path=${rewrite.prefix}${rest.startsWith("/") ? rest : "/"}`);
        break;
      case "secure":
        secure = true;
        break;
      case "samesite":
        none = rest.toLowerCase() === "none";
        if (!none || rewrite.secure) out.push(text);
        break;
      case "partitioned":
        if (rewrite.secure) out.push(text);
        break;
      default:
        out.push(text);
    }
  }
  const prefixed = /^__(?:Secure|Host)-/.test(name);
  if (prefixed && !rewrite.secure) return null;
  if (rewrite.secure && (secure || none || prefixed)) out.push("Secure");
  return out.join("; ");
}

function splitOnce(text: string): readonly [string, string] {
  const equals = text.indexOf("=");
  return equals < 0 ? [text, ""] : [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
}
