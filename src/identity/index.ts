export * from "./assertions.js";
export { decodeBase32, encodeBase32 } from "./base32.js";
export * from "./directory.js";
export * from "./enrolment/index.js";
export * from "./host-keys.js";
export * from "./known-hosts.js";
export { createOneTimeLinks, type OneTimeLinks } from "./one-time-links.js";
export {
  checkPassword,
  hashPassword,
  parsePasswordHash,
  type PasswordOutcome,
  type PasswordRecord,
} from "./password.js";
export { derivePhrase, ensurePhraseKey, parsePhrase, wordsOf } from "./phrase.js";
export * from "./private-file.js";
export { fingerprintOf, parseAuthorizedKey, type PublicKey } from "./public-key.js";
export * from "./sealed-tokens.js";
export * from "./session-tokens.js";
export {
  matchTotp,
  otpauthUri,
  parseTotpSecret,
  TOTP_SECRET_BYTES_MIN,
  totpCode,
  totpStepAt,
} from "./totp.js";
export * from "./webhook/index.js";
export * from "./webauthn/index.js";
