import type { HostKey } from "../identity/index.js";
import type { Fault, Result } from "../kernel/index.js";
import type { LoadedRules } from "./sidecar/rules-book.js";

/** A sidecar that runs, for whoever has started it. */
export interface RunningSidecar {
  readonly addresses: {
    readonly ssh: BoundAddress;
    readonly guacd?: BoundAddress;
    readonly web?: BoundAddress;
    readonly guacamole?: BoundAddress;
    readonly admin?: BoundAddress;
    readonly pages?: BoundAddress;
  };
  readonly hostKeys: readonly HostKey[];
  readonly rules: LoadedRules;
  /** Settles when the sidecar has stopped, whoever asked for it. */
  readonly closed: Promise<void>;
  /** Rules are read again; running sessions obey them from their next command on. */
  reloadRules(): Result<LoadedRules, readonly Fault[]>;
  /** SIGHUP: rules are read again, and the event file is opened anew (logrotate). */
  hangUp(): Promise<void>;
  /**
   * Stops listening, ends sessions with a message, waits for them at most `drainMs` (default: of the
   * configuration), delivers every event. Calling it again with less time makes it faster.
   */
  stop(reason: string, drainMs?: number): Promise<void>;
}

export interface BoundAddress {
  readonly address: string;
  readonly port: number;
}
