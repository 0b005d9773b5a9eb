/**
 * What ssh2 1.17.0 lacks, mended in our private copy of it as it is loaded. Each row replaces one
 * text that must occur exactly once: when the library changes, loading fails and says which row.
 */
export interface SourcePatch {
  readonly name: string;
  /** Path below the package. */
  readonly file: string;
  readonly find: string;
  readonly put: string;
}

/** The key exchange that OpenSSH (>= 10.1) asks for; draft-ietf-sshm-mlkem-hybrid-kex. */
export const HYBRID_KEX = "mlkem768x25519-sha256";

export const SOURCE_PATCHES: readonly SourcePatch[] = [
  {
    // Without the comma a client restricted to rsa-sha2-512 is refused (RFC 8308 section 3.1).
    name: "server-sig-algs comma",
    file: "lib/protocol/Protocol.js",
    find: "'ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521'",
    put: "'ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,'",
  },
  {
    // SHA-1 signatures and DSA are accepted from nobody.
    name: "server-sig-algs without SHA-1",
    file: "lib/protocol/Protocol.js",
    find: "'rsa-sha2-512,rsa-sha2-256,ssh-rsa,ssh-dss'",
    put: "'rsa-sha2-512,rsa-sha2-256'",
  },
  {
    // Messages of the connection protocol (RFC 4254) go unparsed to our own layer: ssh2 reads terminal
    // modes from the wrong offset, drops data before accept() and loses exit codes after an early EOF.
    name: "connection layer hook",
    file: "lib/protocol/Protocol.js",
    find: "  const handler = MESSAGE_HANDLERS[type];",
    put:
      "  if (type >= 80 && type <= 100 && this.connectionLayer !== undefined) {\n" +
      "    this.connectionLayer(payload);\n    return;\n  }\n" +
      "  const handler = MESSAGE_HANDLERS[type];",
  },
  {
    name: "hybrid key exchange, classes",
    file: "lib/protocol/kex.js",
    find: "  return (negotiated, ...args) => {",
    put: "  module.Curve25519Exchange = Curve25519Exchange;\n  return (negotiated, ...args) => {",
  },
  {
    name: "hybrid key exchange, choice",
    file: "lib/protocol/kex.js",
    find: "        case 'ecdh-sha2-nistp256':",
    put:
      `        case '${HYBRID_KEX}':\n          return module.createHybrid(...args);\n` +
      "        case 'ecdh-sha2-nistp256':",
  },
  {
    name: "hybrid key exchange, most preferred",
    file: "lib/protocol/constants.js",
    find: "  DEFAULT_KEX.unshift('curve25519-sha256@libssh.org');",
    put:
      "  DEFAULT_KEX.unshift('curve25519-sha256@libssh.org');\n" +
      `  DEFAULT_KEX.unshift('${HYBRID_KEX}');`,
  },
  {
    name: "padding from a pool",
    file: "lib/protocol/crypto.js",
    find: "  createCipheriv, createDecipheriv, createHmac, randomFillSync, timingSafeEqual\n} = require('crypto');",
    put:
      "  createCipheriv, createDecipheriv, createHmac, timingSafeEqual\n} = require('crypto');\n" +
      "const randomFillSync = (...args) => module.fillPadding(...args);",
  },
];
