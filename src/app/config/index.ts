export * from "./builtin.js";
export * from "./config.js";
export * from "./host.js";
export * from "./load-config.js";
export { configJsonSchema } from "./schema.js";
export * from "./secret-ref.js";
export { chooseDestination, parseUserName, type Claim, type Destination } from "./user-name.js";
