export * from "./messages.js";
export * from "./wire-secrets.js";
export * from "./worker.js";
