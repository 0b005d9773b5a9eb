/** `host:port` or `[ipv6]:port`, as the schema of the configuration let it through. */
export function splitEndpoint(text: string): { readonly host: string; readonly port: number } {
  const end = text.lastIndexOf(":");
  return { host: text.slice(0, end).replace(/^\[|\]$/g, ""), port: Number(text.slice(end + 1)) };
}
