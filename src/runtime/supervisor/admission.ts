import { addressKey } from "../registry/address-key.js";
import type { ConnectionId } from "../worker/messages.js";

/** Who may connect: bounds connections that have not logged in, in all and from one address. */
export interface Admission {
  /** Why the connection is refused, or null when it was let in. */
  admit(connection: ConnectionId, address: string): Refusal | null;
  left(connection: ConnectionId): void;
}

export type Refusal = "unauthenticated-limit" | "unauthenticated-per-address-limit";

export interface AdmissionOptions {
  readonly unauthenticatedMax: number;
  readonly unauthenticatedPerAddressMax: number;
  /** Sessions that are open now: in all, and from an address (as `addressKey` names it). */
  readonly sessions: () => { readonly all: number; from(address: string): number };
  /** Peers that speak for many (a proxy): only the sum counts. */
  readonly speaksForMany: (address: string) => boolean;
}

/**
 * What is connected and no session is logging in: nobody needs to know which connection became which
 * session.
 */
export function createAdmission(options: AdmissionOptions): Admission {
  const addresses = new Map<ConnectionId, string>();
  const counts = new Map<string, number>();

  return {
    admit(connection, peer) {
      const address = addressKey(peer);
      const sessions = options.sessions();
      const own = counts.get(address) ?? 0;
      if (addresses.size - sessions.all >= options.unauthenticatedMax) {
        return "unauthenticated-limit";
      }
      const bounded = !options.speaksForMany(peer);
      if (bounded && own - sessions.from(address) >= options.unauthenticatedPerAddressMax) {
        return "unauthenticated-per-address-limit";
      }
      addresses.set(connection, address);
      counts.set(address, own + 1);
      return null;
    },
    left(connection) {
      const address = addresses.get(connection);
      if (address === undefined) return;
      addresses.delete(connection);
      const left = (counts.get(address) ?? 1) - 1;
      if (left === 0) counts.delete(address);
      else counts.set(address, left);
    },
  };
}
