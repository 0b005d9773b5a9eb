import { createHmac } from "node:crypto";
import { fingerprintOf, whyNotBlob } from "./public-key.js";

/** One line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export interface KnownHost {
  readonly line: number;
  readonly marker: "none" | "revoked";
  readonly hosts:
    | { readonly type: "patterns"; readonly patterns: readonly HostPattern[] }
    | { readonly type: "hashed"; readonly salt: Uint8Array; readonly hash: Uint8Array };
  readonly keyType: string;
  readonly blob: Uint8Array;
  readonly fingerprint: string;
}

interface HostPattern {
  readonly negated: boolean;
  readonly glob: string;
}

export interface KnownHostsFile {
  readonly hosts: readonly KnownHost[];
  /** Lines that were not understood; they trust nobody. */
  readonly doubts: readonly { readonly line: number; readonly message: string }[];
}

export type KnownHostJudgement =
  | { readonly type: "trusted"; readonly line: number }
  | { readonly type: "unknown" }
  | { readonly type: "revoked"; readonly line: number }
  /** Other keys are known for this host: somebody may be in between. */
  | { readonly type: "changed"; readonly known: readonly KnownHost[] };

/** More lines than a large site has; the rest is told as a doubt. */
const LINES_MAX = 200_000;
const SSH_PORT = 22;
const SHA1_BYTES = 20;

/** Never fails: what can not be read is told and trusts nobody. */
export function parseKnownHosts(text: string): KnownHostsFile {
  const hosts: KnownHost[] = [];
  const doubts: { line: number; message: string }[] = [];
  const lines = text.split(/\r?\n/);
  lines.slice(0, LINES_MAX).forEach((content, index) => {
    const line = index + 1;
    if (/^\s*(?:#|$)/.test(content)) return;
    const read = parseLine(content, line);
    if (typeof read === "string") doubts.push({ line, message: read });
    else hosts.push(read);
  });
  if (lines.length > LINES_MAX) {
    doubts.push({ line: LINES_MAX, message: `lines after ${LINES_MAX} are not read` });
  }
  return { hosts, doubts };
}

/**
 * What the file says about a key that a host has shown. Only entries for exactly this port count: an
 * entry without a port speaks of port 22.
 */
export function judgeKnownHost(
  hosts: readonly KnownHost[],
  host: string,
  port: number,
  blob: Uint8Array,
): KnownHostJudgement {
  const shown = fingerprintOf(blob);
  const matching = entriesFor(hosts, host, port);
  const same = matching.filter((entry) => entry.fingerprint === shown);
  const revoked = same.find((entry) => entry.marker === "revoked");
  if (revoked !== undefined) return { type: "revoked", line: revoked.line };
  const trusted = same[0];
  if (trusted !== undefined) return { type: "trusted", line: trusted.line };
  const known = matching.filter((entry) => entry.marker === "none");
  return known.length === 0 ? { type: "unknown" } : { type: "changed", known };
}

/**
 * Host key algorithms (RFC 4253 section 7.1, RFC 8332) for which a key of the host is known, in the
 * order of the file: offering others would make the host show a key that nobody can judge.
 */
export function hostKeyAlgorithms(
  hosts: readonly KnownHost[],
  host: string,
  port: number,
): readonly string[] {
  const types = entriesFor(hosts, host, port)
    .filter((entry) => entry.marker === "none")
    .map((entry) => entry.keyType);
  return [...new Set(types.flatMap(algorithmsOfKeyType))];
}

/** Signature algorithms that a key of this type can use; SHA-1 is not among them. */
export function algorithmsOfKeyType(type: string): readonly string[] {
  return type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type];
}

function entriesFor(hosts: readonly KnownHost[], host: string, port: number): readonly KnownHost[] {
  const bare = host.toLowerCase();
  const name = port === SSH_PORT ? bare : `[${bare}]:${port}`;
  return hosts.filter((entry) => matches(entry, name));
}

function matches(entry: KnownHost, name: string): boolean {
  if (entry.hosts.type === "hashed") {
    const digest = createHmac("sha1", entry.hosts.salt).update(name).digest();
    return digest.equals(entry.hosts.hash);
  }
  let hit = false;
  for (const { negated, glob } of entry.hosts.patterns) {
    if (!globMatches(glob, name)) continue;
    // A negated pattern that fits takes the whole line out, wherever it stands.
    if (negated) return false;
    hit = true;
  }
  return hit;
}

function parseLine(content: string, line: number): KnownHost | string {
  const fields = content.trim().split(/[ \t]+/);
  const marker = fields[0]?.startsWith("@") === true ? fields.shift() : undefined;
  if (marker === "@cert-authority") return "@cert-authority is not supported: the line is ignored";
  if (marker !== undefined && marker !== "@revoked") return `unknown marker ${marker}`;
  const [names, keyType, encoded] = fields;
  if (names === undefined || keyType === undefined || encoded === undefined) {
    return "needs host names, a key type and a key";
  }
  const hosts = parseHosts(names);
  if (typeof hosts === "string") return hosts;
  const blob = new Uint8Array(Buffer.from(encoded, "base64"));
  const problem = isKnownType(keyType) ? whyNotBlob(keyType, blob) : null;
  if (blob.length === 0 || problem !== null) return `the key ${problem ?? "is not base64"}`;
  return {
    line,
    marker: marker === undefined ? "none" : "revoked",
    hosts,
    keyType,
    blob,
    fingerprint: fingerprintOf(blob),
  };
}

function isKnownType(type: string): boolean {
  return /^(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521))$/.test(type);
}

function parseHosts(names: string): KnownHost["hosts"] | string {
  if (!names.startsWith("|")) {
    const patterns = names.split(",").filter((part) => part !== "" && part !== "!");
    if (patterns.length === 0) return "names no host";
    return {
      type: "patterns",
      patterns: patterns.map((part) => ({
        negated: part.startsWith("!"),
        glob: part.replace(/^!/, "").toLowerCase(),
      })),
    };
  }
  const [, version, salt, hash] = names.split("|");
  if (version !== "1" || salt === undefined || hash === undefined) return "unknown form of hash";
  const parts = { salt: Buffer.from(salt, "base64"), hash: Buffer.from(hash, "base64") };
  if (parts.salt.length !== SHA1_BYTES || parts.hash.length !== SHA1_BYTES) {
    return "a hashed name has the wrong length";
  }
  return { type: "hashed", ...parts };
}

/** `*` and `?` (ssh_config(5), PATTERNS); linear in practice: it only remembers the last star. */
function globMatches(glob: string, text: string): boolean {
  let g = 0;
  let t = 0;
  let star = -1;
  let mark = 0;
  while (t < text.length) {
    if (glob[g] === "*") {
      star = g;
      mark = t;
      g += 1;
    } else if (g < glob.length && (glob[g] === "?" || glob[g] === text[t])) {
      g += 1;
      t += 1;
    } else if (star >= 0) {
      g = star + 1;
      mark += 1;
      t = mark;
    } else return false;
  }
  while (glob[g] === "*") g += 1;
  return g === glob.length;
}
