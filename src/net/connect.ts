import { connect, type Socket } from "node:net";
import { err, ok, type Result } from "../kernel/index.js";

export interface TcpDestination {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
}

/** Opens a TCP connection without Nagle's delay. The error is a sentence for people. */
export function connectTcp(to: TcpDestination): Promise<Result<Socket, string>> {
  return new Promise((resolve) => {
    const socket = connect({ host: to.host, port: to.port, noDelay: true });
    const timer = setTimeout(() => {
      socket.destroy();
      resolve(err(`no connection within ${to.timeoutMs} ms`));
    }, to.timeoutMs);
    socket.once("connect", () => {
      clearTimeout(timer);
      resolve(ok(socket));
    });
    // Stays for good: an error after the connection is made must not be unhandled.
    socket.on("error", (cause: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(err(WHAT[cause.code ?? ""] ?? cause.message));
    });
  });
}

const WHAT: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  EHOSTUNREACH: "no route to host",
  ENETUNREACH: "network is unreachable",
  ENOTFOUND: "the name does not resolve",
  ETIMEDOUT: "connection timed out",
};
