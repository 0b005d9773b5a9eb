export { isRecipient, makeIdentity, readIdentities, type Identities } from "./age/index.js";
export { decryptRecording, type Decrypted } from "./decrypt.js";
export { findRecordings } from "./find-recordings.js";
export { harOf, type HarEnd } from "./har.js";
export { mendRecordings } from "./mend.js";
export { openRequestLog } from "./open-request-log.js";
export { BadLine } from "./read-request-log.js";
export {
  CAST_CHARS_MAX,
  readCast,
  type Cast,
  type CastEvent,
  type CastHeader,
} from "./read-cast.js";
export { readDump, type Dump, type DumpEntry } from "./read-dump.js";
export type { RecordingEnd } from "./read-encrypted.js";
export { deleteOldRecordings } from "./retention.js";
export { parseRecordingName, tailPath } from "./recording-names.js";
export {
  createRecordings,
  type RecordingEncryption,
  type Recordings,
  type SessionRecorder,
} from "./recordings.js";
