export { nativeCryptoAvailable } from "./door/index.js";
export type { KeepalivePolicy } from "./connection/keepalive.js";
export { createSshServer, type SshServer, type SshServerOptions } from "./listener/server.js";
export * from "./ports.js";
