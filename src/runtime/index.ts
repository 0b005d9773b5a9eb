export * from "./clock/index.js";
export * from "./outbox/index.js";
export * from "./profiles/index.js";
export * from "./pump/index.js";
export * from "./registry/index.js";
export * from "./spool/index.js";
export * from "./supervisor/index.js";
export * from "./worker/index.js";
