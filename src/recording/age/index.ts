export {
  headerLength,
  makeHeader,
  makeIdentity,
  readIdentities,
  type AgeHeader,
  type Identities,
} from "./header.js";
export { CHUNK_BYTES, NONCE_BYTES, openPayload, TAG_BYTES, type Payload } from "./payload.js";
export { isRecipient } from "./recipient.js";
