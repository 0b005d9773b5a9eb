export { SessionWatch, type Habits, type WatchReading } from "./session-watch.js";
export { createSiteHabits, NO_HABITS, type SiteHabits, type SiteMember } from "./site-habits.js";
