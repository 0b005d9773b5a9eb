import { existsSync, readFileSync, statSync } from "node:fs";
import { relative } from "node:path";
import {
  describeError,
  err,
  fault,
  type Fault,
  ok,
  type Place,
  type Result,
  Secret,
} from "../../kernel/index.js";

/** Where a secret is; what it is stays outside the configuration. */
export type SecretRef =
  | { readonly type: "env"; readonly name: string; readonly at: Place }
  | { readonly type: "file"; readonly path: string; readonly at: Place }
  /** The secret itself; accepted for tests and warned about. */
  | { readonly type: "value"; readonly value: string; readonly at: Place };

/** How a person's password is known: itself, by reference, or as a PHC string (`$argon2id$...`). */
export type PasswordRef =
  SecretRef | { readonly type: "hash"; readonly phc: string; readonly at: Place };

/** True for a file that is not there yet and belongs to the state of the sidecar, which may make it. */
export function isMadeAtStart(ref: SecretRef, stateDir: string): boolean {
  return (
    ref.type === "file" && !relative(stateDir, ref.path).startsWith("..") && !existsSync(ref.path)
  );
}

/** Keys and passwords are far below this; a larger file is a mistake in the configuration. */
const SECRET_BYTES_MAX = 64 * 1024;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Looks a secret up at the moment of its use; the caller wipes it. One newline at the end of a file
 * is not part of the secret. A missing, empty or oversized secret is a fault at its place.
 */
export function resolveSecret(
  ref: SecretRef,
  env: Readonly<Record<string, string | undefined>>,
): Result<Secret, Fault> {
  switch (ref.type) {
    case "value":
      return ok(new Secret(Uint8Array.from(Buffer.from(ref.value))));
    case "env": {
      const value = env[ref.name];
      return value === undefined || value === ""
        ? missing(`the environment variable ${ref.name} is not set`, ref.at)
        : ok(new Secret(Uint8Array.from(Buffer.from(value))));
    }
    case "file":
      return readSecretFile(ref.path, ref.at);
  }
}

function readSecretFile(path: string, at: Place): Result<Secret, Fault> {
  try {
    const { size } = statSync(path);
    if (size > SECRET_BYTES_MAX) {
      return missing(`${path} is larger than ${SECRET_BYTES_MAX} bytes`, at);
    }
    const content = readFileSync(path);
    const secret = new Secret(Uint8Array.from(withoutNewline(content)));
    content.fill(0);
    return secret.reveal((bytes) => bytes.length) === 0
      ? missing(`${path} is empty`, at)
      : ok(secret);
  } catch (error) {
    return missing(describeError(error), at);
  }
}

function withoutNewline(bytes: Uint8Array): Uint8Array {
  if (bytes.at(-1) !== NEWLINE) return bytes;
  return bytes.subarray(0, bytes.at(-2) === CARRIAGE_RETURN ? -2 : -1);
}

function missing(message: string, at: Place): Result<never, Fault> {
  return err(fault("CHP_CONFIG_SECRET", message, at));
}
