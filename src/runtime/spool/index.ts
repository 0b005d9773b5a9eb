export * from "./delivery.js";
export * from "./open-sessions.js";
export * from "./ports.js";
export * from "./process-mark.js";
export * from "./segment-name.js";
export * from "./session-tally.js";
export * from "./spool-writer.js";
