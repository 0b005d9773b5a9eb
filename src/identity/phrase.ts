import { createHmac, randomBytes } from "node:crypto";
import { join } from "node:path";
import { err, fault, ok, Secret, type Fault, type Place, type Result } from "../kernel/index.js";
import { ensurePrivateFolder, readOrMakePrivateFile } from "./private-file.js";

const KEY_BYTES = 32;
const PHRASE_LENGTH_MIN = 4;
const PHRASE_LENGTH_MAX = 100;
/** 48 bits: nobody guesses it in a challenge, and a person can still recognise it. */
const WORDS = 3;

/** The key from which the phrases of people without one of their own are derived. */
export async function ensurePhraseKey(stateDir: string): Promise<Result<Secret, Fault>> {
  const made = await ensurePrivateFolder(stateDir);
  if (!made.ok) return made;
  const path = join(stateDir, "phrase.key");
  const content = await readOrMakePrivateFile(path, () => randomBytes(KEY_BYTES));
  if (!content.ok) return content;
  return content.value.length === KEY_BYTES
    ? ok(new Secret(content.value))
    : err(fault("CHP_IDENTITY_STATE", `${path} must have ${KEY_BYTES} bytes`));
}

/** Stays the same for a person as long as stateDir does. */
export function derivePhrase(key: Secret, person: string): string {
  const digest = key.reveal((bytes) => createHmac("sha256", bytes).update(person).digest());
  return wordsOf(digest.subarray(0, WORDS * 2));
}

/** Words that can be said (proquints, arXiv 0901.4016): 16 bits are five letters. */
export function wordsOf(bytes: Uint8Array): string {
  const words: string[] = [];
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    const value = ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
    words.push(
      [
        CONSONANTS[value >> 12],
        VOWELS[(value >> 10) & 3],
        CONSONANTS[(value >> 6) & 15],
        VOWELS[(value >> 4) & 3],
        CONSONANTS[value & 15],
      ].join(""),
    );
  }
  return words.join("-");
}
const CONSONANTS = "bdfghjklmnprstvz";
const VOWELS = "aiou";

/** A phrase is shown inside a terminal: nothing in it may move the cursor or be unseen. */
export function parsePhrase(text: string, at?: Place): Result<string, Fault> {
  const phrase = text.normalize("NFC");
  const length = Array.from(phrase).length;
  if (length < PHRASE_LENGTH_MIN || length > PHRASE_LENGTH_MAX) {
    const range = `${PHRASE_LENGTH_MIN} to ${PHRASE_LENGTH_MAX}`;
    return err(fault("CHP_IDENTITY_PHRASE", `a phrase has ${range} characters`, at));
  }
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u.test(phrase) && phrase.trim() === phrase
    ? ok(phrase)
    : err(fault("CHP_IDENTITY_PHRASE", "a phrase holds printable characters only", at));
}
