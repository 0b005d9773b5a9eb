export * from "./session.js";
export { createSession } from "./create-session.js";
