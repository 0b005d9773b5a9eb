export * from "./data.js";
export * from "./envelope.js";
export * from "./envelope-text.js";
export * from "./privacy.js";
export * from "./event-encoder.js";
