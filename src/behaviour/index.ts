export * from "./keystroke/index.js";
export * from "./sequence/index.js";
