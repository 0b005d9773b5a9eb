export * from "./integration/index.js";
export * from "./line/create-typed-line.js";
export * from "./line/typed-line.js";
export * from "./screen/index.js";
