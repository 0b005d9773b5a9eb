export type { PageStream } from "./answer.js";
export type {
  ChallengePages,
  ChallengeSight,
  EnrolmentFactor,
  EnrolmentPages,
  EnrolmentSight,
  PagesPorts,
  ViewingPages,
  ViewingSight,
} from "./ports.js";
export { createPages, type PagesOptions, type PagesServer } from "./server.js";
