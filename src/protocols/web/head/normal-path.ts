import { err, ok, type Result } from "../../../kernel/index.js";

/** The path of a request in two forms. */
export interface NormalPath {
  /** As it goes to the target: as the person's browser wrote it. */
  readonly raw: string;
  /** As rules see it: decoded once, without parameters of segments (`;x=y`) and doubled slashes. */
  readonly plain: string;
}

export interface PathOptions {
  /** `%2F` is one character of a name, and not a slash; else a path that has one is refused. */
  readonly literalSlash: boolean;
}

/**
 * Servers differ in how they read `..`, `\`, `%2e`, `%2f` and `%00` in a path; a rule about one reading
 * would be walked around by the other, so that such a path is refused. No browser sends one of its own
 * accord. The error says which.
 */
export function normalPath(raw: string, options: PathOptions): Result<NormalPath, string> {
  if (!raw.startsWith("/")) return err("it does not begin with a slash");
  if (PLAIN.test(raw)) return ok({ raw, plain: raw });
  if (!VISIBLE.test(raw)) return err("it has characters that have to be encoded");
  const encodedSlash = /%2f/i.test(raw);
  if (encodedSlash && !options.literalSlash) return err("it has an encoded slash");
  const kept = encodedSlash ? raw.replace(/%2f/gi, "%252F") : raw;
  const segments: string[] = [];
  for (const segment of kept.split("/")) {
    const plain = decoded(segment);
    if (plain === null) return err("its encoding is not UTF-8");
    if (CONTROL.test(plain)) return err("it has an encoded control character or backslash");
    const name = plain.split(";", 1)[0] ?? "";
    if (name === "." || name === "..") return err("it has dot segments");
    if (name !== "") segments.push(name);
  }
  const folder = raw.length > 1 && raw.endsWith("/") && segments.length > 0 ? "/" : "";
  return ok({ raw, plain: `/${segments.join("/")}${folder}` });
}

/** Nothing in it is read in two ways: what nearly all requests have. */
const PLAIN = /^(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/;

/** RFC 3986 pchar and `/`, and `"<>^`{|}`, which browsers leave as they are in places. */
const VISIBLE = /^(?:[!$&-;=@-Z_a-z~"<>^`{|}[\]]|%[0-9A-Fa-f]{2})*$/;
// eslint-disable-next-line no-control-regex -- control characters are what this expression is for
const CONTROL = /[\u0000-\u001f\u007f\\]/;

function decoded(text: string): string | null {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
