/** What an origin is, for formats that have a field for each; no name is looked up. */
export function addressKind(text: string): "ipv4" | "ipv6" | "name" {
  if (/^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/.test(text)) return "ipv4";
  // hit: "2001:db8::1", "fe80::1%eth0"; near miss: "db-1:22"
  return /^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(?:%[\w.-]+)?$/.test(text) ? "ipv6" : "name";
}

/** `rm` of `/usr/bin/rm` */
export function programName(program: string): string {
  return program.slice(program.lastIndexOf("/") + 1) || program;
}
