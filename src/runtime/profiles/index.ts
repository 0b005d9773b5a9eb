export { createProfileSeal, type ProfileSeal } from "./profile-seal.js";
export { openProfileStore, type KeptProfile, type ProfileStore } from "./profile-store.js";
