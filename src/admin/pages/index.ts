export type {
  ChallengePages,
  ChallengeSight,
  EnrolmentFactor,
  EnrolmentPages,
  EnrolmentSight,
  PagesPorts,
} from "./ports.js";
export { createPages, type PagesOptions, type PagesServer } from "./server.js";
