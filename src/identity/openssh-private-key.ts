import { randomBytes, type JsonWebKey, type KeyObject } from "node:crypto";
import { invariant } from "../kernel/index.js";
import { readSsh, sshMpint, sshString, sshUint32 } from "./ssh-wire.js";

/** The container of OpenSSH (PROTOCOL.key in its sources), unencrypted. */
const MAGIC = Buffer.from("openssh-key-v1\0", "latin1");
const BEGIN = "-----BEGIN OPENSSH PRIVATE KEY-----";
const END = "-----END OPENSSH PRIVATE KEY-----";
const LINE_LENGTH = 70;
/** Block size of cipher `none`: the private part is padded to it with 1, 2, 3, ... */
const BLOCK_BYTES = 8;

export type HostKeyType = "ssh-ed25519" | "ecdsa-sha2-nistp256" | "ssh-rsa";

/** A private key of node:crypto as the text of an OpenSSH key file. */
export function encodeOpensshPrivateKey(
  type: HostKeyType,
  key: KeyObject,
  comment: string,
): string {
  const { publicFields, privateFields } = fieldsOf(type, key.export({ format: "jwk" }));
  const publicBlob = Buffer.concat([sshString(type), ...publicFields]);
  const check = randomBytes(4);
  const body = Buffer.concat([check, check, sshString(type), ...privateFields, sshString(comment)]);
  const padding = (BLOCK_BYTES - (body.length % BLOCK_BYTES)) % BLOCK_BYTES;
  const whole = Buffer.concat([
    MAGIC,
    sshString("none"),
    sshString("none"),
    sshString(""),
    sshUint32(1),
    sshString(publicBlob),
    sshString(Buffer.concat([body, Buffer.from(Array.from({ length: padding }, (_, i) => i + 1))])),
  ]);
  const lines = whole.toString("base64").match(new RegExp(`.{1,${LINE_LENGTH}}`, "g")) ?? [];
  return [BEGIN, ...lines, END, ""].join("\n");
}

/** The public part of an unencrypted OpenSSH key file; null when the file is damaged or encrypted. */
export function publicBlobOf(
  text: string,
): { readonly type: string; readonly blob: Uint8Array } | null {
  const match =
    /^-----BEGIN OPENSSH PRIVATE KEY-----\n([A-Za-z0-9+/=\n]+)-----END OPENSSH PRIVATE KEY-----\n*$/.exec(
      text.replaceAll("\r\n", "\n"),
    );
  if (match?.[1] === undefined) return null;
  const bytes = Buffer.from(match[1], "base64");
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return null;
  const outer = readSsh(bytes.subarray(MAGIC.length));
  if (outer.text() !== "none" || outer.text() !== "none" || outer.text() !== "") return null;
  if (outer.uint32() !== 1) return null;
  const blob = outer.string();
  const body = outer.string();
  if (blob === null || body === null || outer.rest !== 0) return null;
  const inner = readSsh(body);
  const checks = [inner.uint32(), inner.uint32()];
  const type = inner.text();
  if (checks[0] === null || checks[0] !== checks[1] || type === null) return null;
  return readSsh(blob).text() === type ? { type, blob: Uint8Array.from(blob) } : null;
}

interface KeyFields {
  readonly publicFields: readonly Uint8Array[];
  readonly privateFields: readonly Uint8Array[];
}

/** Field order of RFC 8709 (ed25519), RFC 5656 (ecdsa) and RFC 4253 (rsa); private as in PROTOCOL.key. */
function fieldsOf(type: HostKeyType, jwk: JsonWebKey): KeyFields {
  switch (type) {
    case "ssh-ed25519": {
      const open = sshString(part(jwk.x));
      return {
        publicFields: [open],
        privateFields: [open, sshString(Buffer.concat([part(jwk.d), part(jwk.x)]))],
      };
    }
    case "ecdsa-sha2-nistp256": {
      const point = Buffer.concat([Buffer.of(4), part(jwk.x), part(jwk.y)]);
      const open = [sshString("nistp256"), sshString(point)];
      return { publicFields: open, privateFields: [...open, sshMpint(part(jwk.d))] };
    }
    case "ssh-rsa":
      return {
        publicFields: [sshMpint(part(jwk.e)), sshMpint(part(jwk.n))],
        privateFields: [jwk.n, jwk.e, jwk.d, jwk.qi, jwk.p, jwk.q].map((value) =>
          sshMpint(part(value)),
        ),
      };
  }
}

function part(base64url: string | undefined): Uint8Array {
  invariant(base64url !== undefined, "a private key exported as JWK has all its parts");
  return Buffer.from(base64url, "base64url");
}
