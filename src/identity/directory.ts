import type { Secret, WallMicros } from "../kernel/index.js";
import { createPasswordJudge, type PasswordOutcome, type PasswordRecord } from "./password.js";
import { fingerprintOf, type PublicKey } from "./public-key.js";
import { matchTotp } from "./totp.js";

/** A person as the directory keeps them: read, checked, secrets resolved. */
export interface PersonRecord {
  readonly name: string;
  readonly groups: readonly string[];
  readonly password?: PasswordRecord;
  readonly keys: readonly PublicKey[];
  readonly totp?: Secret;
  readonly phrase: string;
  /** BCP 47. */
  readonly language?: string;
}

/** What others may know of a person (`PersonFacts` of the model has this form). */
export interface DirectoryPerson {
  readonly name: string;
  readonly groups: readonly string[];
  readonly phrase: string;
  readonly language?: string;
  readonly factors: readonly ("totp" | "password" | "webauthn" | "webhook")[];
}

/** "Is this the person?" Nothing is counted or remembered here: limits are the registry's. */
export interface Directory {
  find(name: string): DirectoryPerson | undefined;
  /** True when the key is one of the person's; whether it was proved is the caller's knowledge. */
  hasKey(name: string, blob: Uint8Array): boolean;
  hasPassword(name: string): boolean;
  /** Takes the same time for people who do not exist. */
  verifyPassword(name: string, answer: Secret): Promise<PasswordOutcome>;
  /** The TOTP step that the answer belongs to, to be accepted once; null when it is wrong. */
  matchTotp(name: string, answer: Secret, wall: WallMicros): number | null;
}

/** The embedded directory: the people of the configuration. */
export async function createDirectory(people: readonly PersonRecord[]): Promise<Directory> {
  const records = new Map(people.map((person) => [person.name, person]));
  const facts = new Map(people.map((person) => [person.name, factsOf(person)]));
  const keys = new Map(
    people.map((person) => [person.name, new Set(person.keys.map((key) => key.fingerprint))]),
  );
  const passwords = await createPasswordJudge();
  return {
    find: (name) => facts.get(name),
    hasKey: (name, blob) => keys.get(name)?.has(fingerprintOf(blob)) ?? false,
    hasPassword: (name) => records.get(name)?.password !== undefined,
    verifyPassword: (name, answer) => passwords.judge(records.get(name)?.password, answer),
    matchTotp(name, answer, wall) {
      const secret = records.get(name)?.totp;
      return secret === undefined ? null : matchTotp(secret, answer, wall);
    },
  };
}

function factsOf(person: PersonRecord): DirectoryPerson {
  const factors: ("totp" | "password")[] = [];
  if (person.totp !== undefined) factors.push("totp");
  if (person.password !== undefined) factors.push("password");
  return Object.freeze({
    name: person.name,
    groups: Object.freeze([...person.groups]),
    phrase: person.phrase,
    ...(person.language === undefined ? {} : { language: person.language }),
    factors: Object.freeze(factors),
  });
}
