export { isLoopback } from "./address.js";
export * from "./builtin.js";
export * from "./config.js";
export * from "./demo-person.js";
export { parseDuration } from "./duration.js";
export * from "./host.js";
export * from "./load-config.js";
export { nearestWord } from "./nearest-word.js";
export * from "./people.js";
export type { ReportMail, ReportMailTls, ScheduledReport } from "./resolve-reports.js";
export type { RiskConfig } from "./resolve-risk.js";
export type {
  CoreConfig,
  CoreListener,
  CoreStoreConfig,
  RemoteCore,
  ScoringConfig,
} from "./resolve-scoring.js";
export type { SinkConfig } from "./resolve-sink.js";
export * from "./rule-files.js";
export { configJsonSchema } from "./schema.js";
export * from "./secret-ref.js";
export { chooseDestination, parseUserName, type Claim, type Destination } from "./user-name.js";
