export * from "./admission.js";
export * from "./local-work.js";
export * from "./steering.js";
export * from "./steering-ports.js";
export * from "./worker-pool.js";
export * from "./workforce.js";
