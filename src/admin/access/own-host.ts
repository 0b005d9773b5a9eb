import { isIP } from "node:net";

/** Where a call arrived, and what it says about that. */
export interface CallPlace {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** `sec-fetch-site`, which browsers add by themselves. */
  readonly site: string | undefined;
  /** Address and port of our end of the connection. */
  readonly localAddress: string;
  readonly localPort: number;
  readonly secure: boolean;
}

/**
 * A page of another origin can make a browser call us (its name may even resolve to our address), but
 * it can not hide its name: `Host` must be ours, and `Origin`, when there is one, the same.
 * `names` are further names from the configuration, with or without port.
 */
export function isOwnHost(place: CallPlace, names: readonly string[]): boolean {
  const host = place.host?.toLowerCase();
  if (host === undefined || !isOwnName(host, place, names)) return false;
  if (place.site === "cross-site" || place.site === "same-site") return false;
  if (place.origin === undefined) return true;
  return place.origin.toLowerCase() === `${place.secure ? "https" : "http"}://${host}`;
}

function isOwnName(host: string, place: CallPlace, names: readonly string[]): boolean {
  const match = /^(?<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?<port>\d{1,5}))?$/.exec(host);
  const name = match?.groups?.["name"];
  if (name === undefined) return false;
  // A name of the configuration may stand for another port: a forwarder may be in between.
  if (names.some((one) => one.toLowerCase() === host || one.toLowerCase() === name)) return true;
  const port = Number(match?.groups?.["port"] ?? (place.secure ? 443 : 80));
  if (port !== place.localPort) return false;
  const local = plain(place.localAddress);
  const literal = name.replace(/^\[|\]$/g, "");
  if (isIP(literal) !== 0 && plain(literal) === local) return true;
  return name === "localhost" && (local.startsWith("127.") || local === "::1");
}

/** An IPv4 address that is mapped into IPv6 is that IPv4 address. */
function plain(address: string): string {
  return address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");
}
