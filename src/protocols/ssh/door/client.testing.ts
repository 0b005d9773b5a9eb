import { insideOf, ssh2 } from "./ssh2.js";
import { createTransport, type Transport } from "./transport.js";

/** A client that may misbehave: what the connection layer sends is whatever a test wants. */
export interface RawClient {
  readonly transport: Transport;
  readonly received: Uint8Array[];
  readonly closed: Promise<void>;
  end(): void;
}

/** Logs in with a password and hands over the bare transport. */
export function connectRaw(port: number): Promise<RawClient> {
  const client = new ssh2.Client();
  const received: Uint8Array[] = [];
  client.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
  return new Promise((resolve, reject) => {
    client.once("ready", () => {
      const transport = createTransport(insideOf(client), (payload) =>
        received.push(new Uint8Array(payload)),
      );
      resolve({ transport, received, closed, end: () => client.end() });
    });
    client.once("close", () => reject(new Error("closed before the login was over")));
    client.connect({ host: "127.0.0.1", port, username: "alice", password: "secret" });
  });
}

export interface PasswordClientResult {
  readonly outcome: "ready" | "closed";
  readonly attempts: number;
}

/** Tries one wrong password after the other until it is let in or thrown out. */
export function guessPasswords(port: number, max: number): Promise<PasswordClientResult> {
  const client = new ssh2.Client();
  let attempts = 0;
  client.on("error", () => undefined);
  return new Promise((resolve) => {
    client.once("ready", () => {
      client.end();
      resolve({ outcome: "ready", attempts });
    });
    client.once("close", () => resolve({ outcome: "closed", attempts }));
    client.connect({
      host: "127.0.0.1",
      port,
      username: "alice",
      authHandler: (_left, _partial, next) => {
        if (attempts >= max) {
          next(false as never); // documented by ssh2: no more methods
          return;
        }
        attempts += 1;
        next({ type: "password", username: "alice", password: `guess-${attempts}` });
      },
    });
  });
}
