import type { DesktopPolicy } from "../../../model/index.js";
import type { ClientWants } from "./opening.js";

/** Where a desktop is and what is set on the way there; secrets are revealed as late as this. */
export interface TargetParameters {
  readonly host: string;
  readonly port: number;
  /** Of the target in the configuration: they win over whatever a gateway gives. */
  readonly settings: Readonly<Record<string, string>>;
  /** Names and secrets of the account. Null: the gateway gives them (`passthrough`). */
  readonly credential: Readonly<Record<string, string>> | null;
  readonly policy: DesktopPolicy;
}

/**
 * What a gateway may set by itself: how it looks and sounds. Everything else (programs, drives, further
 * servers, recordings of guacd, wake-on-LAN) only the configuration sets.
 */
const FROM_GATEWAY: ReadonlySet<string> = new Set([
  "color-depth",
  "color-scheme",
  "cursor",
  "disable-audio",
  "enable-audio",
  "dpi",
  "font-name",
  "font-size",
  "force-lossless",
  "locale",
  "resize-method",
  "scrollback",
  "server-layout",
  "swap-red-blue",
  "terminal-type",
  "timezone",
]);

/** What an account is: of these nothing is ever taken from elsewhere when the sidecar has the account. */
const CREDENTIALS: ReadonlySet<string> = new Set(["username", "password", "domain"]);

/** The value of each parameter that guacd asks for; empty: guacd's own default. */
export function parameterValues(
  given: ReadonlyMap<string, string>,
  target: TargetParameters,
  wants: ClientWants,
): (name: string) => string {
  const forced = new Map<string, string>([
    ["hostname", target.host],
    ["port", String(target.port)],
    ["width", String(wants.width)],
    ["height", String(wants.height)],
    ...policed(target.policy),
  ]);
  return (name) => {
    const force = forced.get(name);
    if (force !== undefined) return force;
    const set = target.settings[name];
    if (set !== undefined) return set;
    if (CREDENTIALS.has(name)) {
      return target.credential === null ? (given.get(name) ?? "") : (target.credential[name] ?? "");
    }
    return FROM_GATEWAY.has(name) ? (given.get(name) ?? "") : "";
  };
}

/** guacd is told too: what it does not do at all, no gap of ours can let through. */
function policed(policy: DesktopPolicy): readonly (readonly [string, string])[] {
  const denied: readonly (readonly [string, boolean])[] = [
    ["read-only", policy.readOnly],
    ["disable-copy", !policy.copy],
    ["disable-paste", !policy.paste],
    ["disable-download", !policy.download],
    ["disable-upload", !policy.upload],
    ["sftp-disable-download", !policy.download],
    ["sftp-disable-upload", !policy.upload],
  ];
  const forced = denied.filter(([, deny]) => deny).map(([name]) => [name, "true"] as const);
  return policy.microphone ? forced : [...forced, ["enable-audio-input", ""]];
}
