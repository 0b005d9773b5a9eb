export { blended, OWN_HISTORY, WARM_HISTORY, type Reading } from "./conformal.js";
export { DayCounts } from "./day-counts.js";
export { accountOf, History, type Deed } from "./history.js";
