export * from "./facts.js";
export * from "./instruction.js";
export * from "./stream-facts.js";
export * from "./understanding.js";
export { CAPTURE_BYTES_MAX, createUnderstanding } from "./create-understanding.js";
export { createKeyReader, type KeyReader, type Stroke } from "./keys/key-reader.js";
export { isEvidentCommand } from "./line/evident-command.js";
export { activityOf } from "./activity-of.js";
