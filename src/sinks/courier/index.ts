export * from "./courier.js";
export * from "./cursor.js";
export * from "./dead-letters.js";
export * from "./filter.js";
export * from "./ports.js";
