export * from "./keystroke/index.js";
export * from "./sequence/index.js";
export * from "./context/index.js";
export * from "./risk/index.js";
export { parseBehaviourProfile, type BehaviourProfile } from "./behaviour-profile.js";
