/** Where the person and the target each think the application is. */
export interface Addresses {
  /** `https://wiki.example`, without a slash at the end. */
  readonly publicOrigin: string;
  /** `http://10.0.0.5:8080`, and other origins by which the application calls itself. */
  readonly targetOrigins: readonly string[];
  /** Path under which the person reaches it, without a slash at the end; "" for the root. */
  readonly prefix: string;
}

/**
 * An address that the target says (`Location`, `Content-Location`, `Refresh`), as the person can follow
 * it: its own origin becomes the public one, and paths stand under the prefix. Others stay as they are.
 */
export function publicAddress(
  address: string,
  { publicOrigin, targetOrigins, prefix }: Addresses,
): string {
  if (address.startsWith("/") && !address.startsWith("//")) return `${prefix}${address}`;
  for (const origin of targetOrigins) {
    const rest = after(address, origin);
    if (rest !== null) return `${publicOrigin}${prefix}${rest === "" ? "/" : rest}`;
  }
  const own = after(address, publicOrigin);
  if (own !== null && prefix !== "" && after(own, prefix) === null) {
    return `${publicOrigin}${prefix}${own}`;
  }
  return address;
}

/** `5; url=/login`. */
export function publicRefresh(value: string, addresses: Addresses): string {
  return value.replace(
    /^(?<wait>\s*\d+\s*[;,]\s*url\s*=\s*)(?<quote>['"]?)(?<url>[^'"]*)\k<quote>\s*$/i,
    (_all, wait: string, quote: string, url: string) =>
      `${wait}${quote}${publicAddress(url, addresses)}${quote}`,
  );
}

/** What the browser says about where it comes from, as the target knows itself. */
export function targetAddress(
  address: string,
  { publicOrigin, targetOrigins, prefix }: Addresses,
): string {
  const rest = after(address, publicOrigin);
  const [origin] = targetOrigins;
  if (rest === null || origin === undefined) return address;
  if (rest === "") return origin;
  return `${origin}${after(rest, prefix) ?? rest}`;
}

/** The rest behind a whole origin or path: `http://a.b` does not begin `http://a.b.evil`. */
function after(text: string, start: string): string | null {
  if (start === "" || !text.toLowerCase().startsWith(start.toLowerCase())) return null;
  const rest = text.slice(start.length);
  return rest === "" || /^[/?#]/.test(rest) ? rest : null;
}
