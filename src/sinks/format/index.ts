export * from "./render.js";
export * from "./severity.js";
export * from "./shorten.js";
export * from "./stories.js";
export * from "./story.js";
