import type { Route } from "../route.js";
import { APPROVAL_ROUTES } from "./approvals.js";
import { FACT_ROUTES } from "./facts.js";
import { FACTOR_ROUTES } from "./factors.js";
import { INSPECTION_ROUTES } from "./inspections.js";
import { PEOPLE_ROUTES } from "./people.js";
import { RECORDING_ROUTES } from "./recordings.js";
import { RULE_ROUTES } from "./rules.js";
import { SESSION_TOKEN_ROUTES } from "./session-tokens.js";
import { SESSION_ROUTES } from "./sessions.js";
import { VIEWING_ROUTES } from "./viewings.js";

/** Every call of the API, in the order of the document. */
export const ROUTES: readonly Route[] = [
  ...SESSION_ROUTES,
  ...INSPECTION_ROUTES,
  ...APPROVAL_ROUTES,
  ...PEOPLE_ROUTES,
  ...FACTOR_ROUTES,
  ...RULE_ROUTES,
  ...RECORDING_ROUTES,
  ...VIEWING_ROUTES,
  ...SESSION_TOKEN_ROUTES,
  ...FACT_ROUTES,
];
