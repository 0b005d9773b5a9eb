export * from "./ruleset.js";
