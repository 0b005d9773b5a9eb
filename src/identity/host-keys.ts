import { createPrivateKey, generateKeyPair, type KeyObject } from "node:crypto";
import { join } from "node:path";
import { err, fault, ok, Secret, type Fault, type Result } from "../kernel/index.js";
import { encodeOpensshPrivateKey, publicBlobOf, type HostKeyType } from "./openssh-private-key.js";
import { ensurePrivateFolder, readOrMakePrivateFile } from "./private-file.js";
import { fingerprintOf } from "./public-key.js";

/** A key by which the sidecar proves to people's clients who it is. */
export interface HostKey {
  readonly type: HostKeyType;
  /** Text of an unencrypted OpenSSH key file. */
  readonly privateKey: Secret;
  readonly publicBlob: Uint8Array;
  readonly fingerprint: string;
  readonly file: string;
}

/** NIST SP 800-57 puts 3072 bits beside the 128 bit strength of the other two. */
const RSA_BITS = 3_072;

/** Best first: clients take the first that they know. */
const KINDS: readonly { readonly type: HostKeyType; readonly file: string }[] = [
  { type: "ssh-ed25519", file: "ssh_host_ed25519_key" },
  { type: "ecdsa-sha2-nistp256", file: "ssh_host_ecdsa_key" },
  { type: "ssh-rsa", file: "ssh_host_rsa_key" },
];

/**
 * The host keys in `<stateDir>/host-keys`, made where they are missing. A damaged one is a fault and
 * never replaced: people's clients would rightly shout.
 */
export async function ensureHostKeys(stateDir: string): Promise<Result<readonly HostKey[], Fault>> {
  const folder = join(stateDir, "host-keys");
  const made = await ensurePrivateFolder(folder);
  if (!made.ok) return made;
  const keys = await Promise.all(
    KINDS.map((kind) => ensureHostKey(kind.type, join(folder, kind.file))),
  );
  const whole: HostKey[] = [];
  for (const key of keys) {
    if (!key.ok) return key;
    whole.push(key.value);
  }
  return ok(whole);
}

async function ensureHostKey(type: HostKeyType, file: string): Promise<Result<HostKey, Fault>> {
  const content = await readOrMakePrivateFile(file, async () =>
    Buffer.from(encodeOpensshPrivateKey(type, await makeKey(type), "chaperone"), "latin1"),
  );
  if (!content.ok) return content;
  const open = publicBlobOf(Buffer.from(content.value).toString("latin1"));
  if (open?.type !== type) {
    return err(fault("CHP_IDENTITY_HOST_KEY", `${file} holds no whole key of type ${type}`));
  }
  return ok({
    type,
    file,
    privateKey: new Secret(content.value),
    publicBlob: open.blob,
    fingerprint: fingerprintOf(open.blob),
  });
}

/**
 * Encoded while it is made and read back: to export a key later that this process has generated can
 * stand still for ever when the garbage collector runs just then (seen with Node 20 at a key exchange).
 */
async function makeKey(type: HostKeyType): Promise<KeyObject> {
  switch (type) {
    case "ssh-ed25519":
      return made((done) => generateKeyPair("ed25519", AS_PEM, done));
    case "ecdsa-sha2-nistp256":
      return made((done) => generateKeyPair("ec", { namedCurve: "P-256", ...AS_PEM }, done));
    case "ssh-rsa":
      return made((done) => generateKeyPair("rsa", { modulusLength: RSA_BITS, ...AS_PEM }, done));
  }
}

type Done = (error: Error | null, publicKey: string, privateKey: string) => void;

function made(generate: (done: Done) => void): Promise<KeyObject> {
  return new Promise((resolve, reject) => {
    generate((error, _publicKey, privateKey) => {
      if (error === null) resolve(createPrivateKey(privateKey));
      else reject(error);
    });
  });
}

const AS_PEM = {
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
} as const;
