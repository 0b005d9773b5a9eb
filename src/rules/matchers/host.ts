/**
 * The host that a word names: `db-1`, `root@db-1:/srv`, `https://u:p@db-1:8443/x`, `[2001:db8::1]:22`,
 * bash's `/dev/tcp/db-1/443`. A word that names none is answered as it is. `known`: hosts of the words of
 * one command, about which many rules ask.
 */
export function hostOf(word: string, known?: Map<string, string>): string {
  const before = known?.get(word);
  if (before !== undefined) return before;
  const host = readHost(word);
  known?.set(word, host);
  return host;
}

function readHost(word: string): string {
  const device = /^\/dev\/(?:tcp|udp)\/([^/]+)/.exec(word);
  if (device !== null) return device[1] ?? word;
  const rest = word.replace(/^[A-Za-z][A-Za-z0-9+.-]*:\/\//, "");
  const authority = /^[^/?#]*/.exec(rest)?.[0] ?? rest;
  const host = authority.slice(authority.lastIndexOf("@") + 1);
  const bracketed = /^\[([^\]]*)\]/.exec(host);
  if (bracketed !== null) return bracketed[1] ?? host;
  const colons = host.split(":").length - 1;
  // More than one colon is an IPv6 address without brackets.
  return colons === 1 ? host.slice(0, host.indexOf(":")) : host;
}
