import { execFileSync } from "node:child_process";
import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parsedOnce, type ParsedKey } from "./key-objects.js";
import { ssh2 } from "./ssh2.js";
import { agreeX25519, generateX25519 } from "./x25519.js";

interface SigningKey {
  sign(data: Buffer, hash?: string): Buffer;
  verify(data: Buffer, signature: Buffer, hash?: string): boolean | Error;
  getPrivatePEM(): string;
  getPublicPEM(): string;
}

function freshKey(type: string, bits: string): SigningKey {
  const folder = mkdtempSync(path.join(tmpdir(), "chaperone-keys-"));
  try {
    const file = path.join(folder, "key");
    execFileSync("ssh-keygen", ["-q", "-t", type, "-b", bits, "-N", "", "-f", file]);
    return ssh2.utils.parseKey(readFileSync(file)) as unknown as SigningKey; // one key, well-formed
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("keys that are read once", () => {
  it.each([
    ["ed25519", "256", undefined, null],
    ["ecdsa", "256", undefined, "sha256"],
    ["ecdsa", "521", undefined, "sha512"],
    ["rsa", "2048", "sha512", "sha512"],
  ] as const)("%s %s: sign and verify as node:crypto does from PEM", (type, bits, asked, hash) => {
    const key = freshKey(type, bits);
    const data = Buffer.from("what is signed");
    for (let time = 0; time < 2; time += 1) {
      const signature = key.sign(data, asked);
      expect(verify(hash, data, createPublicKey(key.getPublicPEM()), signature)).toBe(true);
      const theirs = sign(hash, data, createPrivateKey(key.getPrivatePEM()));
      expect(key.verify(data, theirs, asked)).toBe(true);
      expect(key.verify(Buffer.from("something else"), theirs, asked)).toBe(false);
    }
  });
});

describe("a public key that is parsed once", () => {
  const parse = (blob: Uint8Array): ParsedKey | Error =>
    blob.length > 0
      ? {
          type: "t",
          getPrivatePEM: () => "",
          getPublicPEM: () => "",
          getPublicSSH: () => Buffer.from(blob),
        }
      : new Error("empty");

  it("is the same object the next time, and another one for other bytes or another name", () => {
    const first = parsedOnce("a", Uint8Array.of(1), parse);
    expect(parsedOnce("a", Uint8Array.of(1), parse)).toBe(first);
    expect(parsedOnce("a", Uint8Array.of(2), parse)).not.toBe(first);
    expect(parsedOnce("b", Uint8Array.of(1), parse)).not.toBe(first);
  });

  it("is not remembered when it does not parse", () => {
    const first = parsedOnce("a", new Uint8Array(0), parse);
    expect(first).toBeInstanceOf(Error);
    expect(parsedOnce("a", new Uint8Array(0), parse)).not.toBe(first);
  });

  it("makes room for later ones", () => {
    const first = parsedOnce("first", Uint8Array.of(1), parse);
    for (let n = 0; n < 256; n += 1) parsedOnce(`later ${n}`, Uint8Array.of(1), parse);
    expect(parsedOnce("first", Uint8Array.of(1), parse)).not.toBe(first);
  });
});

describe("X25519 without DER", () => {
  it("puts the same bytes on the wire and agrees on the same secret", () => {
    const ours = generateX25519();
    const theirs = generateX25519();
    const der = createPublicKey(ours.privateKey).export({ type: "spki", format: "der" });
    expect(ours.publicBytes).toEqual(der.subarray(-32));
    const secret = agreeX25519(ours.privateKey, theirs.publicBytes);
    expect(secret).toEqual(agreeX25519(theirs.privateKey, ours.publicBytes));
    expect(secret).toHaveLength(32);
  });

  it.each([
    ["of zeros", new Uint8Array(32)],
    ["that is too short", new Uint8Array(31).fill(9)],
    ["that is too long", new Uint8Array(33).fill(9)],
  ])("refuses a key %s", (_what, peer) => {
    const { privateKey } = generateX25519();
    expect(() => agreeX25519(privateKey, peer)).toThrow();
  });
});
