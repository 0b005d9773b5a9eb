/** Versions of the handshake, oldest first; a peer that names none speaks 1.0.0. */
const VERSIONS = ["VERSION_1_0_0", "VERSION_1_1_0", "VERSION_1_3_0", "VERSION_1_5_0"] as const;
export type ProtocolVersion = (typeof VERSIONS)[number];

const PATTERN = /^VERSION_\d+_\d+_\d+$/;

export function isVersion(name: string): boolean {
  return PATTERN.test(name);
}

/**
 * What we say to a guacd that offers this. Not what the person's client says: guacamole-lite always says
 * 1.1.0, and then guacd neither asks for missing credentials (1.3) nor tells who joins (1.5), which
 * browsers understand all the same.
 */
export function versionFor(offered: string): ProtocolVersion {
  const known = VERSIONS.find((version) => version === offered);
  if (known !== undefined) return known;
  // Newer than we know: guacd speaks older ones too.
  return isVersion(offered) ? "VERSION_1_5_0" : "VERSION_1_0_0";
}

export function isAtLeast(version: ProtocolVersion, other: ProtocolVersion): boolean {
  return VERSIONS.indexOf(version) >= VERSIONS.indexOf(other);
}
