export * from "./keystroke/index.js";
export * from "./sequence/index.js";
export * from "./context/index.js";
export * from "./risk/index.js";
export * from "./watch/index.js";
export { parseBehaviourProfile, type BehaviourProfile } from "./behaviour-profile.js";
export { joinProfiles } from "./join-profiles.js";
