export * from "./address-list.js";
export * from "./connect.js";
export * from "./proxied-socket.js";
export * from "./proxy-protocol.js";
export * from "./http-client.js";
export * from "./tls-client.js";
