import {
  checkPassword,
  createDirectory,
  derivePhrase,
  ensurePhraseKey,
  parseAuthorizedKey,
  parsePasswordHash,
  parsePhrase,
  parseTotpSecret,
  type Directory,
  type PersonRecord,
} from "../../identity/index.js";
import { decodeUtf8, err, ok, type Fault, type Result, type Secret } from "../../kernel/index.js";
import type { Config, PersonConfig } from "./config.js";
import { ensureDemoSecrets } from "./demo-person.js";
import { isMadeAtStart, resolveSecret } from "./secret-ref.js";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The directory of the configuration's people, their secrets looked up. Makes what the first start
 * makes: the secrets of a demo person and the key of derived phrases. All faults are told at once.
 */
export async function openDirectory(
  config: Config,
  env: Environment,
): Promise<Result<Directory, readonly Fault[]>> {
  const demo = await ensureDemoSecrets(config);
  if (!demo.ok) return err([demo.error]);
  const phraseKey = await ensurePhraseKey(config.stateDir);
  if (!phraseKey.ok) return err([phraseKey.error]);
  const faults: Fault[] = [];
  const records = config.people.map((person) => {
    const collect = <T>(result: Result<T, Fault>): T | undefined => {
      if (result.ok) return result.value;
      faults.push(result.error);
      return undefined;
    };
    return readPerson(person, { env, phraseKey: phraseKey.value, collect });
  });
  phraseKey.value.wipe();
  return faults.length > 0 ? err(faults) : ok(await createDirectory(records));
}

/** People without a phrase of their own have one that stays the same as long as stateDir does. */
export async function openPhrases(
  stateDir: string,
): Promise<Result<(person: string) => string, Fault>> {
  const key = await ensurePhraseKey(stateDir);
  return key.ok ? ok((person) => derivePhrase(key.value, person)) : key;
}

/** What would be missing if the sidecar started now with this environment. Makes nothing. */
export function missingSecrets(config: Config, env: Environment): readonly Fault[] {
  const ofPeople = config.people
    .filter((person) => !person.demo)
    .flatMap((person) => [person.password, person.totp, person.phrase]);
  const ofTargets = config.targets.flatMap((target) =>
    target.type === "embedded"
      ? []
      : target.accounts.flatMap(({ credential }) => {
          switch (credential.type) {
            case "password":
              return [credential.password];
            case "key":
              return [credential.key, credential.passphrase];
            case "passthrough":
              return [];
          }
        }),
  );
  const { tokenKey } = config.listen.guacamole ?? {};
  const ofTunnel =
    tokenKey !== undefined && isMadeAtStart(tokenKey, config.stateDir) ? [] : [tokenKey];
  const ofSinks = config.events.sinks.flatMap((sink) => sink.secrets);
  return [...ofPeople, ...ofTargets, ...ofTunnel, ...ofSinks].flatMap((ref) => {
    if (ref === undefined || ref.type === "hash") return [];
    const secret = resolveSecret(ref, env);
    if (!secret.ok) return [secret.error];
    secret.value.wipe();
    return [];
  });
}

interface PersonDeps {
  readonly env: Environment;
  readonly phraseKey: Secret;
  /** Keeps the fault of a failed result and goes on. */
  readonly collect: <T>(result: Result<T, Fault>) => T | undefined;
}

function readPerson(person: PersonConfig, deps: PersonDeps): PersonRecord {
  const { collect, env } = deps;
  const password = readPassword(person, deps);
  const totpText = person.totp && collect(resolveSecret(person.totp, env));
  const totp = totpText && collect(parseTotpSecret(totpText, person.totp.at));
  totpText?.wipe();
  const phrase = readPhrase(person, deps);
  return {
    name: person.name,
    groups: person.groups,
    keys: person.keys.flatMap((line) => collect(parseAuthorizedKey(line, person.at)) ?? []),
    phrase,
    ...(person.language === undefined ? {} : { language: person.language }),
    ...(password === undefined ? {} : { password }),
    ...(totp === undefined ? {} : { totp }),
  };
}

function readPassword(
  { password }: PersonConfig,
  { collect, env }: PersonDeps,
): PersonRecord["password"] {
  if (password === undefined) return undefined;
  if (password.type === "hash") return collect(parsePasswordHash(password.phc, password.at));
  const secret = collect(resolveSecret(password, env));
  return secret && collect(checkPassword(secret, password.at));
}

function readPhrase(person: PersonConfig, { collect, env, phraseKey }: PersonDeps): string {
  if (person.phrase === undefined) return derivePhrase(phraseKey, person.name);
  const text = collect(resolveSecret(person.phrase, env));
  return (text && collect(parsePhrase(text.reveal(decodeUtf8), person.phrase.at))) ?? "";
}
