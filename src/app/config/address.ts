import { isIP } from "node:net";

/** `host:port`, `[ipv6]:port`, or a host alone; null when it is none of them. */
export function parseHostPort(
  text: string,
  portDefault: number,
): { readonly host: string; readonly port: number } | null {
  const match =
    // [::1]:22 and [::1]; not [::1
    /^\[(?<six>[0-9a-fA-F:.%a-z]+)\](?::(?<sixPort>\d{1,5}))?$/.exec(text) ??
    // db-1:22 and db-1; not a:b:c (an IPv6 address needs brackets to have a port)
    /^(?<name>[A-Za-z0-9._-]+)(?::(?<namePort>\d{1,5}))?$/.exec(text);
  if (match === null) return isIP(text) === 6 ? { host: text, port: portDefault } : null;
  const groups = match.groups ?? {};
  const host = groups["six"] ?? groups["name"];
  const port = Number(groups["sixPort"] ?? groups["namePort"] ?? portDefault);
  if (host === undefined || port < 1 || port > 65_535) return null;
  if (groups["six"] !== undefined && isIP(host.replace(/%.*$/, "")) !== 6) return null;
  return { host, port };
}

/** True only for addresses that can not be reached from another machine. */
export function isLoopback(address: string): boolean {
  if (address === "localhost" || address === "::1") return true;
  return isIP(address) === 4 && address.startsWith("127.");
}

/** `10.0.0.0/8`, `fd00::/8`, or one address. */
export function isCidr(text: string): boolean {
  const [address, bits, ...rest] = text.split("/");
  if (address === undefined || rest.length > 0) return false;
  const family = isIP(address);
  if (family === 0) return false;
  if (bits === undefined) return true;
  return /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}
