export * from "./data.js";
export * from "./envelope.js";
export * from "./privacy.js";
