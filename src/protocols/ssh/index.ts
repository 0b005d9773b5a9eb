export { nativeCryptoAvailable } from "./door/index.js";
export type { KeepalivePolicy } from "./connection/keepalive.js";
export type { SshServerOptions } from "./listener/options.js";
export { createSshServer, type SshServer } from "./listener/server.js";
export * from "./ports.js";
