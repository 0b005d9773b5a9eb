export * from "./clock.js";
export * from "./playbook.js";
export * from "./random.js";
export * from "./seed.js";
export * from "./wire.js";
