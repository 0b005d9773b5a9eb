export { createScreen } from "./create-screen.js";
export type { ScreenOptions } from "./create-screen.js";
export type { Cell, CellPlace, Screen, ScreenModes } from "./screen.js";
