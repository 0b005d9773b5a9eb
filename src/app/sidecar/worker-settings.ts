import type { Secret } from "../../kernel/index.js";
import type { WebSettings } from "./web-settings.js";
import type { DesktopSettings } from "./desktop-settings.js";
import type { Config } from "../config/index.js";
import type { LogOptions } from "../log.js";
import type { HitMark } from "../../rules/index.js";
import type { LoginRules } from "../../runtime/index.js";
import type { RiskConfig } from "../config/index.js";
import type { Integrations } from "./integrations.js";
import type { PackedMember } from "./behaviour-house.js";
import type { PackedRules } from "./compile-rules.js";

/**
 * What a session process needs of the configuration. People, targets and their secrets stay in the
 * parent, which is asked for what one session needs.
 */
export interface WorkerSettings {
  readonly version: string;
  /** `/chaperone/<site>/<node>` */
  readonly source: string;
  readonly hostKeys: readonly Secret[];
  readonly banner?: string;
  readonly loginTimeoutMs: number;
  readonly login: LoginRules;
  readonly keepalive: Config["keepalive"];
  readonly channelsPerSessionMax: number;
  readonly channels: Config["channels"];
  readonly env: Config["env"];
  readonly doubt: Config["doubt"];
  readonly stepUp: Config["stepUp"];
  readonly approval: Config["approval"];
  readonly suspension: Config["suspension"];
  readonly observation: Config["observation"];
  readonly recording: Config["recording"];
  readonly integrations: Integrations;
  readonly proxyProtocolFrom: readonly string[];
  /** Absent where no listener of web sessions is configured. */
  readonly web?: WebSettings;
  readonly desktops: DesktopSettings;
  readonly rules: PackedRules;
  /** What rules that count across sessions remember so far. */
  readonly hits: readonly HitMark[];
  /** How behaviour is watched; absent: not at all. */
  readonly risk?: RiskConfig;
  /** How the people of the site behave. */
  readonly habits: readonly PackedMember[];
  readonly log: Pick<LogOptions, "level" | "file">;
}

/** What workers are told while they run. */
export interface RulesNews {
  readonly kind: "rules";
  readonly rules: PackedRules;
}

/** In `source` the tenant stands only when it is not the default one. */
export function eventSource(config: Pick<Config, "tenant" | "site" | "node">): string {
  const tenant = config.tenant === "default" ? "" : `/${config.tenant}`;
  return `/chaperone${tenant}/${config.site}/${config.node}`;
}
