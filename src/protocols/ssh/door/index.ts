/** The one door to ssh2: nothing else in the product imports the library. */
export * from "./client.js";
export * from "./keys.js";
export { HYBRID_KEX } from "./patches.js";
export * from "./server.js";
export { nativeCryptoAvailable, type Inside } from "./ssh2.js";
export * from "./transport.js";
