import type { Socket } from "node:net";
import type { AuthContext, Connection as Ssh2Connection } from "ssh2";
import { shareReads } from "./shared-read.js";
import { insideOf, ssh2, type Inside } from "./ssh2.js";
import { HYBRID_KEX } from "./patches.js";

/** What the listener offers, most preferred first: AES-128-GCM is the fastest where the CPU has AES. */
export const CIPHERS = [
  "aes128-gcm@openssh.com",
  "aes256-gcm@openssh.com",
  "chacha20-poly1305@openssh.com",
  "aes128-ctr",
  "aes192-ctr",
  "aes256-ctr",
];
export const MACS = [
  "hmac-sha2-256-etm@openssh.com",
  "hmac-sha2-512-etm@openssh.com",
  "hmac-sha2-256",
  "hmac-sha2-512",
];
export const KEX = [
  HYBRID_KEX,
  "curve25519-sha256",
  "curve25519-sha256@libssh.org",
  "ecdh-sha2-nistp256",
  "ecdh-sha2-nistp384",
  "ecdh-sha2-nistp521",
  "diffie-hellman-group16-sha512",
  "diffie-hellman-group18-sha512",
  "diffie-hellman-group14-sha256",
];

export interface SshServerDoor {
  /** Speaks SSH on an accepted socket; `greeted` is called when the client has said who it is. */
  inject(socket: Socket): void;
}

/** One method tried by a client (RFC 4252). Exactly one of its answers must be given. */
export type LoginTry = LoginTryBase &
  (
    | { readonly method: "none" | "unsupported" }
    | { readonly method: "password"; readonly password: string }
    | {
        readonly method: "publickey";
        readonly algorithm: string;
        readonly blob: Uint8Array;
        /** Absent when the client only asks whether the key would do. */
        readonly proof: { readonly signedData: Uint8Array; readonly signature: Uint8Array } | null;
      }
    | {
        readonly method: "keyboard-interactive";
        prompt(
          prompts: readonly { readonly text: string; readonly echo: boolean }[],
          answered: (answers: readonly string[] | null) => void,
        ): void;
      }
  );

interface LoginTryBase {
  readonly userName: string;
  /** For a key that was only asked about: "it would do". */
  accept(): void;
  reject(next: readonly string[], partial: boolean): void;
}

export interface Greeting {
  readonly inside: Inside;
  readonly socket: Socket;
  readonly clientVersion: string;
  onLogin(handle: (attempt: LoginTry) => void): void;
  onReady(handle: () => void): void;
  /** The connection is over; called once. */
  onClose(handle: (reason: string) => void): void;
}

export interface SshServerDoorOptions {
  /** Private keys in PEM or OpenSSH form. */
  readonly hostKeys: readonly (string | Uint8Array)[];
  readonly banner?: string;
  /** Software version after `SSH-2.0-`. */
  readonly ident: string;
  readonly greeted: (greeting: Greeting) => void;
}

export function createSshServerDoor(options: SshServerDoorOptions): SshServerDoor {
  const server = new ssh2.Server({
    hostKeys: options.hostKeys.map((key) => (typeof key === "string" ? key : Buffer.from(key))),
    ident: options.ident,
    ...(options.banner === undefined ? {} : { banner: options.banner }),
    algorithms: {
      // The names come from our own lists; @types/ssh2 does not know the hybrid exchange.
      kex: KEX as never,
      cipher: CIPHERS as never,
      hmac: MACS as never,
      compress: ["none"],
      serverHostKey: HOST_KEY_ALGORITHMS as never,
    },
  });
  server.on("connection", (client, info) => {
    options.greeted(greet(client, info.header.versions.software));
  });
  server.on("error", () => {
    // Errors of the net.Server inside ssh2, which never listens: sockets are handed in.
  });
  return {
    inject(socket) {
      socket.setNoDelay(true);
      shareReads(socket);
      (server as unknown as { injectSocket(socket: Socket): void }).injectSocket(socket); // untyped method
    },
  };
}

/** Host key algorithms that we prove ourselves with, and that we accept from targets. */
export const HOST_KEY_ALGORITHMS = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
];

const CLOSED_BY_CLIENT = "the person's client closed the connection";

function greet(client: Ssh2Connection, clientVersion: string): Greeting {
  const inside = insideOf(client);
  let reason: string | undefined;
  // A peer's error never ends the process: the first is kept, and told with the close that follows.
  client.on("error", (cause: Error) => (reason ??= cause.message));
  return {
    inside,
    socket: inside._sock,
    clientVersion,
    onLogin: (handle) =>
      client.on("authentication", (context) => {
        handle(loginTry(context));
      }),
    onReady: (handle) => client.once("ready", handle),
    onClose: (handle) => client.once("close", () => handle(reason ?? CLOSED_BY_CLIENT)),
  };
}

function loginTry(context: AuthContext): LoginTry {
  const base: LoginTryBase = {
    userName: context.username,
    accept: () => context.accept(),
    reject: (next, partial) => context.reject(next as never, partial), // our LoginMethod names are ssh2's
  };
  switch (context.method) {
    case "none":
      return { ...base, method: "none" };
    case "password":
      // A password change request carries an object; nobody can change a password here.
      return typeof context.password === "string"
        ? { ...base, method: "password", password: context.password }
        : { ...base, method: "unsupported" };
    case "publickey": {
      const hash = (context as { hashAlgo?: string }).hashAlgo; // missing in @types/ssh2
      const algorithm =
        context.key.algo === "ssh-rsa" && hash !== undefined
          ? `rsa-sha2-${hash.slice(3)}`
          : context.key.algo;
      // ssh2 answers a question about an RSA key with the key's type instead of the algorithm asked.
      context.key.algo = algorithm;
      const { blob: signedData, signature } = context;
      const proof =
        signature === undefined || signedData === undefined ? null : { signedData, signature };
      return { ...base, method: "publickey", algorithm, blob: context.key.data, proof };
    }
    case "keyboard-interactive":
      return {
        ...base,
        method: "keyboard-interactive",
        prompt: (prompts, answered) => {
          context.prompt(
            prompts.map(({ text, echo }) => ({ prompt: text, echo })),
            "",
            "",
            ((answers: readonly string[] | Error) => {
              answered(answers instanceof Error ? null : answers);
            }) as never, // ssh2 passes an Error when the attempt is abandoned
          );
        },
      };
    case "hostbased":
      return { ...base, method: "unsupported" };
    default:
      return { ...base, method: "unsupported" };
  }
}
