export { findRecordings } from "./find-recordings.js";
export { createRecordings, type Recordings, type SessionRecorder } from "./recordings.js";
export { mendRecordings } from "./mend.js";
