export * from "./courier/index.js";
export * from "./endpoint.js";
export * from "./format/index.js";
export * from "./plugin.js";
export * from "./sink.js";
export * from "./told-event.js";
