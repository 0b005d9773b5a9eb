export * from "./facts.js";
export * from "./instruction.js";
export * from "./stream-facts.js";
export * from "./understanding.js";
export { createUnderstanding } from "./create-understanding.js";
export { createKeyReader, type KeyReader, type Stroke } from "./keys/key-reader.js";
export { isEvidentCommand, looksLikePassword } from "./line/evident-command.js";
export { activityOf } from "./activity-of.js";
