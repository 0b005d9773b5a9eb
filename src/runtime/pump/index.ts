export * from "./ports.js";
export * from "./pump.js";
export * from "./told.js";
export * from "./turn-spool.js";
