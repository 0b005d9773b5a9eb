export * from "./ports.js";
export { createWebServer, type WebServer, type WebServerOptions } from "./listener/server.js";
export type { IdentityOptions } from "./listener/identity.js";
export type { ForwardingGateway } from "./listener/forward-auth.js";
