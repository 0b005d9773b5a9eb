export { createProfileSeal, type ProfileSeal } from "./profile-seal.js";
export {
  openProfileStore,
  type KeptProfile,
  type OwedProfile,
  type ProfileStore,
  type TravellingProfile,
} from "./profile-store.js";
