import { resolve } from "node:path";
import type { ResolveDeps } from "./resolve-deps.js";
import type { PasswordEntry, SecretEntry } from "./schema.js";
import type { PasswordRef, SecretRef } from "./secret-ref.js";
import type { KeyPath } from "./yaml-document.js";

export function resolvePassword(
  entry: PasswordEntry | undefined,
  path: KeyPath,
  deps: ResolveDeps,
): PasswordRef | undefined {
  if (entry?.hash === undefined) return resolveSecretEntry(entry, path, deps);
  const { hash, ...others } = entry;
  if (Object.keys(others).length > 0) {
    notOne(path, deps);
    return undefined;
  }
  return { type: "hash", phc: hash, at: deps.document.placeOf(path) };
}

export function resolveSecretEntry(
  entry: SecretEntry | undefined,
  path: KeyPath,
  deps: ResolveDeps,
): SecretRef | undefined {
  if (entry === undefined) return undefined;
  const { env, file, value } = entry;
  if ([env, file, value].filter((one) => one !== undefined).length !== 1) {
    notOne(path, deps);
    return undefined;
  }
  const at = deps.document.placeOf(path);
  if (env !== undefined) return { type: "env", name: env, at };
  if (file !== undefined) return { type: "file", path: resolve(deps.folder, file), at };
  return { type: "value", value: value ?? "", at };
}

function notOne(path: KeyPath, deps: ResolveDeps): void {
  deps.complain(path, "needs exactly one way to find the secret (`env`, `file`, ...)");
}
