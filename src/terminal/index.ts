export * from "./line/typed-line.js";
export * from "./screen/screen.js";
