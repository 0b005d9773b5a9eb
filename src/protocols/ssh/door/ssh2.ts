import type { Socket } from "node:net";
import type * as Ssh2 from "ssh2";
import { answerHybrid, createHybridClient } from "./hybrid-kex.js";
import { parsedOnce, signWith, verifyWith } from "./key-objects.js";
import { loadPatched } from "./load.js";
import { allocatePacket, type Outgoing } from "./outgoing.js";
import { fillPadding } from "./padding.js";
import { agreeX25519, generateX25519 } from "./x25519.js";

/**
 * The one place that knows ssh2 and its inside. The rest of the product sees transports, logins and
 * keys (transport.ts, keys.ts), never the library.
 */

/** The parts of ssh2's Protocol object that our connection layer speaks through. */
export interface Protocol {
  connectionLayer?: (payload: Buffer) => void;
  outgoing?: Outgoing;
  readonly _decipher: { _packet?: Uint8Array | null } | undefined;
  readonly _packetRW: { readonly write: PacketWriter };
  readonly _kexinit: unknown;
  readonly _kex: { readonly negotiated: { readonly kex: string } } | undefined;
  readonly _server: boolean;
  rekey(): void;
  cleanup(): void;
}
interface PacketWriter {
  readonly allocStart: number;
  readonly allocStartKEX: number;
  alloc(payloadBytes: number, force?: boolean): Buffer;
  finalize(packet: Buffer, force?: boolean): Buffer;
}

/** Fields that both ssh2.Client and the server's Connection have and @types/ssh2 leaves out. */
export interface Inside {
  readonly _protocol: Protocol;
  readonly _sock: Socket;
}

/** The private fields of a connection, which the transport works on. */
export function insideOf(connection: object): Inside {
  return connection as Inside; // both classes of ssh2 have them, see the types above
}

interface KeyExchange {
  _protocol: Protocol;
}
interface KexModule {
  Curve25519Exchange: new (hash: string, ...args: unknown[]) => KeyExchange;
  createHybrid: (...args: unknown[]) => KeyExchange;
}

const file = loadPatched();

export const ssh2 = file("index") as typeof Ssh2; // the patched copy has the library's own shape
export const { sendPacket } = file("protocol/utils") as {
  // internal function of ssh2, not in its types
  sendPacket: (protocol: Protocol, packet: Buffer, bypassRekey?: boolean) => boolean;
};
const { bindingAvailable } = file("protocol/crypto") as { bindingAvailable: boolean }; // as above
const kex = file("protocol/kex:module") as KexModule; // two members put there by patches.ts

/** True when ssh2's compiled addon is in use; without it throughput is 0.55 / 0.45 of direct. */
export const nativeCryptoAvailable: boolean = bindingAvailable;

class HybridExchange extends kex.Curve25519Exchange {
  readonly type = "hybrid";
  #client: ReturnType<typeof createHybridClient> | undefined;
  #reply: Uint8Array | undefined;

  getPublicKey(): Uint8Array {
    if (this._protocol._server) return this.#reply ?? new Uint8Array(0);
    this.#client ??= createHybridClient();
    return this.#client.init;
  }
  convertPublicKey(key: Uint8Array): Uint8Array {
    return key;
  }
  /** ssh2 calls this before it asks for our public key, so the server's reply is ready by then. */
  computeSecret(peer: Uint8Array): Uint8Array | Error {
    try {
      if (!this._protocol._server) {
        this.#client ??= createHybridClient();
        return Buffer.from(this.#client.secret(peer));
      }
      const { reply, secret } = answerHybrid(peer);
      this.#reply = reply;
      return Buffer.from(secret);
    } catch (cause) {
      return cause instanceof Error ? cause : new Error("hybrid key exchange failed");
    }
  }
}

// What the rows of patches.ts call is put into the modules that they patch.
Object.assign(file("protocol/crypto:module") as object, { allocatePacket, fillPadding });
Object.assign(file("protocol/keyParser:module") as object, { signWith, verifyWith });
Object.assign(kex, { agreeX25519, generateX25519, parsedOnce });
kex.createHybrid = (...args) => new HybridExchange("sha256", ...args);

// Our own keepalive (connection/keepalive.ts) replaces ssh2's, whose replies it would misread.
(ssh2.Server as unknown as { KEEPALIVE_CLIENT_INTERVAL: number }).KEEPALIVE_CLIENT_INTERVAL = 0; // untyped static
