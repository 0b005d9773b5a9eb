import type { Socket } from "node:net";
import { err, ok, type Result } from "../kernel/index.js";
import { createProxyHeaderParser } from "./proxy-protocol.js";

/** A balancer sends its header at once, with or before the first byte of the client. */
export const PROXY_HEADER_MS = 5_000;

/**
 * Reads the PROXY header from an accepted socket of a listed peer. Answers the real origin (null for
 * the balancer's own health check) with the socket paused and what follows the header put back; on any
 * fault the socket is destroyed and the reason answered.
 */
export function readProxyHeader(
  socket: Socket,
  timeoutMs: number = PROXY_HEADER_MS,
): Promise<Result<string | null, string>> {
  return new Promise((resolve) => {
    const parser = createProxyHeaderParser();
    const timer = setTimeout(() => settle(err("no PROXY header in time")), timeoutMs);
    const gone = (): void => settle(err("the connection closed before its PROXY header"));

    function settle(result: Result<string | null, string>): void {
      clearTimeout(timer);
      socket.off("data", read);
      socket.off("close", gone);
      socket.pause();
      if (!result.ok) socket.destroy();
      resolve(result);
    }
    function read(chunk: Buffer): void {
      const progress = parser.push(chunk);
      switch (progress.state) {
        case "incomplete":
          return;
        case "refused":
          settle(err(progress.reason));
          return;
        case "done": {
          const { header, rest } = progress;
          settle(ok(header.command === "local" ? null : header.source.address));
          if (rest.length > 0) socket.unshift(Buffer.from(rest));
        }
      }
    }

    socket.on("error", () => socket.destroy());
    socket.once("close", gone);
    socket.on("data", read);
    socket.resume();
  });
}
