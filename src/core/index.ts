export {
  createStore,
  findSqlite,
  openPostgres,
  openSqlite,
  openStore,
  type Database,
  type PostgresOptions,
  type Store,
} from "./store/index.js";
export {
  openScoringCore,
  type CoreLog,
  type CorePeer,
  type CoreStatus,
  type ScoringCore,
} from "./scoring-core.js";
export { DEFAULT_SETTINGS, type CoreSettings, type ProhibitedHours } from "./settings.js";
export type { Notice } from "./mind/changes.js";
export { isProhibited } from "./mind/hours.js";
export { createSiteClock, isZone } from "./site-clock.js";
export type { CoreMessage, SidecarMessage } from "./link/messages.js";
export * from "./report/index.js";
export {
  createCoreConnection,
  type BehaviourMessage,
  type CoreConnection,
  type CoreWire,
  type ProfileQuestion,
  type WireEars,
} from "./link/core-connection.js";
export { dialCore, type DialCoreOptions } from "./link/dial-core.js";
export { serveCore, type ServedCore } from "./link/serve-core.js";
