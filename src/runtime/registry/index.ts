export * from "./address-key.js";
export * from "./approval-desk.js";
export * from "./factor-desk.js";
export * from "./journal.js";
export * from "./person-locks.js";
export * from "./ports.js";
export * from "./registry.js";
export * from "./worker-side.js";
