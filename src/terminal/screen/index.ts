export { createScreen } from "./create-screen.js";
export type * from "./screen.js";
