export * from "./command.js";
export * from "./effect.js";
export * from "./facts.js";
export * from "./input.js";
export * from "./line.js";
export * from "./terminal.js";
export * from "./verdict.js";
