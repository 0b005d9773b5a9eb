export * from "./address-key.js";
export * from "./journal.js";
export * from "./ports.js";
export * from "./registry.js";
export * from "./worker-side.js";
