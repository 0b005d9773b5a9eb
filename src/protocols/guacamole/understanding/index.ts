export * from "./facts.js";
export * from "./instruction.js";
export * from "./stream-facts.js";
export * from "./understanding.js";
