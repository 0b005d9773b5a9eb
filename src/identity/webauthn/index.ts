export { openRelyingParty, type RelyingParty, type RelyingPartyOptions } from "./relying-party.js";
export {
  createWebauthnFactor,
  type ChallengeDesk,
  type ChallengeSight,
  type WebauthnFactor,
} from "./webauthn-factor.js";
