export * from "./decoder.js";
export * from "./key.js";
