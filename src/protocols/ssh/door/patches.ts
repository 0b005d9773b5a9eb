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
      // ssh2 keeps some of these, and what it is given is borrowed (shared-read.ts).
      "  payload = Buffer.from(payload);\n" +
      "  const handler = MESSAGE_HANDLERS[type];",
  },
  {
    name: "key exchange messages are kept",
    file: "lib/protocol/kex.js",
    find: "  payload = this._packetRW.read.read(payload);",
    put: "  payload = Buffer.from(this._packetRW.read.read(payload));",
  },
  {
    // Only the first exchange is strict. At a renewal a peer may send IGNORE and DEBUG in between (RFC 4253
    // section 7.1), and AsyncSSH does before every packet; it also sends on what it was sending, against
    // that section, until our side has answered, and OpenSSH takes it. So do we: the old keys still hold.
    name: "renewals take what may come between, mark",
    file: "lib/protocol/kex.js",
    find: "onKEXPayload.bind(self, { firstPacket: false });",
    put: "onKEXPayload.bind(self, { firstPacket: false, renewal: true });",
  },
  {
    name: "renewals take what may come between",
    file: "lib/protocol/kex.js",
    find: "  if (!this._strictMode) {\n    switch (type) {",
    put:
      "  if (state.renewal === true && type >= 80 && type <= 100 &&\n" +
      "      this.connectionLayer !== undefined) {\n" +
      "    this.connectionLayer(payload);\n    return;\n  }\n" +
      "  if (!this._strictMode || state.renewal === true) {\n    switch (type) {",
  },
  // Who reads that a target is too old, or too new, wants to know what it speaks.
  ...[
    "key exchange algorithm",
    "host key format",
    "C->S cipher",
    "S->C cipher",
    "C->S MAC",
    "S->C MAC",
  ].map((what) => ({
    name: `no matching ${what}: what the other side offers`,
    file: "lib/protocol/kex.js",
    find: `'Handshake failed: no matching ${what}',`,
    put:
      `'Handshake failed: no matching ${what}; offered were ' +\n` +
      "  (self._server ? clientList : serverList).join(',').slice(0, 300).replace(/[^ -~]/g, '?'),",
  })),
  {
    // ssh2 keeps only the first piece of a first line that comes in several, and that is borrowed memory.
    name: "a first line in pieces",
    file: "lib/protocol/Protocol.js",
    find: "  if (!this._buffer)\n    this._buffer = bufferSlice(data, op);",
    put: "  this._buffer = Buffer.from(bufferSlice(data, op));",
  },
  {
    // RFC 4252 section 7: a key may be proved without asking first whether it would do, which saves a way to
    // the target and back. An RSA key asks, because its signature is dear and its algorithm to be found out.
    name: "a target gets the proof at once",
    file: "lib/client.js",
    find: "            proto.authPK(username, curAuth.key, keyAlgo);\n            break;",
    put:
      "            if (keyAlgo === undefined) proto._handlers.USERAUTH_PK_OK(proto);\n" +
      "            else proto.authPK(username, curAuth.key, keyAlgo);\n            break;",
  },
  {
    name: "host keys of targets are parsed once",
    file: "lib/protocol/kex.js",
    find: "          parsedHostKey = parseDERKey(hostKey, name);",
    put: "          parsedHostKey = module.parsedOnce(name, hostKey, parseDERKey);",
  },
  {
    // The transport gathers what is written (outgoing.ts); before there is one, it goes out at once.
    name: "packets are gathered",
    file: "lib/protocol/Protocol.js",
    find: "    this._onWrite = (data) => { onWrite(data); };",
    put:
      "    this._onWrite = (data) => {\n" +
      "      if (this.outgoing === undefined) onWrite(data);\n" +
      "      else this.outgoing.add(data);\n    };",
  },
  {
    // Every caller closes the socket next.
    name: "a goodbye leaves at once",
    file: "lib/protocol/Protocol.js",
    find: "    this._debug && this._debug(`Outbound: Sending DISCONNECT (${reason})`);\n    sendPacket(this, this._packetRW.write.finalize(packet, true), true);",
    put:
      "    sendPacket(this, this._packetRW.write.finalize(packet, true), true);\n" +
      "    this.outgoing?.flush();",
  },
  ...["pktLen + 16/* MAC */", "pktLen + 16/* authTag */", "pktLen + this._macLen"].map((bytes) => ({
    name: `packets are built in a slab: ${bytes}`,
    file: "lib/protocol/crypto.js",
    find: `const packet = Buffer.allocUnsafe(${bytes});`,
    put: `const packet = module.allocatePacket(${bytes});`,
  })),
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
  {
    name: "keys are read once, signing",
    file: "lib/protocol/keyParser.js",
    find: "return sign_(algo, data, pem);",
    put: "return module.signWith(this, algo, data);",
  },
  {
    name: "keys are read once, verifying",
    file: "lib/protocol/keyParser.js",
    find: "return verify_(algo, data, pem, signature);",
    put: "return module.verifyWith(this, algo, { data, signature });",
  },
  {
    name: "X25519 without DER, key pair",
    file: "lib/protocol/kex.js",
    find: "        this._keys = generateKeyPairSync('x25519');",
    put: "        this._keys = module.generateX25519();",
  },
  {
    name: "X25519 without DER, public key",
    file: "lib/protocol/kex.js",
    find: "      const key = this._keys.publicKey.export({ type: 'spki', format: 'der' });\n      return key.slice(-32);",
    put: "      return this._keys.publicBytes;",
  },
  {
    name: "X25519 without DER, secret",
    file: "lib/protocol/kex.js",
    find: "        const asnWriter = new Ber.Writer();\n        asnWriter.startSequence();\n          // algorithm\n          asnWriter.startSequence();\n            asnWriter.writeOID('1.3.101.110'); // id-X25519",
    put:
      "        return convertToMpint(module.agreeX25519(this._keys.privateKey, otherPublicKey));\n" +
      "        const asnWriter = new Ber.Writer();\n        asnWriter.startSequence();\n" +
      "          asnWriter.startSequence();\n            asnWriter.writeOID('1.3.101.110');",
  },
];
