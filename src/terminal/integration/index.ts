export { hooksFor, type IntegratedShell } from "./hooks.js";
export { createHookTypist, type HookTypist } from "./hook-typist.js";
export { type Mark } from "./mark.js";
export { createMarkStream, type MarkStream, type Printed } from "./mark-stream.js";
