export { findRecordings } from "./find-recordings.js";
export { createRecordings, type Recordings, type SessionRecorder } from "./recordings.js";
export { mendRecordings } from "./mend.js";
export {
  CAST_CHARS_MAX,
  readCast,
  type Cast,
  type CastEvent,
  type CastHeader,
} from "./read-cast.js";
