import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import {
  encodeBase32,
  ensurePrivateFolder,
  readOrMakePrivateFile,
  wordsOf,
} from "../../identity/index.js";
import { decodeUtf8, ok, type Fault, type Result, type Secret } from "../../kernel/index.js";
import type { Config, PersonConfig } from "./config.js";
import { resolveSecret, type PasswordRef } from "./secret-ref.js";

/** 64 bits: easy to type, and nobody guesses it over the network. */
const PASSWORD_BYTES = 8;
/** RFC 4226 recommends 160 bits. */
const TOTP_BYTES = 20;
const PHRASE_BYTES = 6;

const MAKERS = {
  password: () => wordsOf(randomBytes(PASSWORD_BYTES)),
  totp: () => encodeBase32(randomBytes(TOTP_BYTES)),
  phrase: () => wordsOf(randomBytes(PHRASE_BYTES)),
} as const;

/** Makes the secret files of demo people that are missing (0600, random); others are left alone. */
export async function ensureDemoSecrets(config: Config): Promise<Result<null, Fault>> {
  for (const person of config.people.filter((one) => one.demo)) {
    for (const kind of ["password", "totp", "phrase"] as const) {
      const ref = person[kind];
      if (ref?.type !== "file") continue;
      const folder = await ensurePrivateFolder(dirname(ref.path));
      if (!folder.ok) return folder;
      const made = await readOrMakePrivateFile(ref.path, () => Buffer.from(`${MAKERS[kind]()}\n`));
      if (!made.ok) return made;
    }
  }
  return ok(null);
}

/** What is printed about a demo person, and of nobody else. */
export interface DemoSecrets {
  readonly name: string;
  readonly password?: string;
  readonly totp?: string;
  readonly phrase?: string;
}

export function demoSecrets(
  config: Config,
  env: Readonly<Record<string, string | undefined>>,
): readonly DemoSecrets[] {
  return config.people
    .filter((person) => person.demo)
    .map((person) => ({ name: person.name, ...textsOf(person, env) }));
}

function textsOf(
  person: PersonConfig,
  env: Readonly<Record<string, string | undefined>>,
): Omit<DemoSecrets, "name"> {
  const texts: Record<string, string> = {};
  for (const kind of ["password", "totp", "phrase"] as const) {
    const secret = lookUp(person[kind], env);
    if (secret !== null) texts[kind] = secret.reveal(decodeUtf8);
    secret?.wipe();
  }
  return texts;
}

function lookUp(
  ref: PasswordRef | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Secret | null {
  if (ref === undefined || ref.type === "hash") return null;
  const secret = resolveSecret(ref, env);
  return secret.ok ? secret.value : null;
}
