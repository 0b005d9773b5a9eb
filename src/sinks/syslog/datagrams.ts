import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import { err, ok, type Fault, type Result } from "../../kernel/index.js";
import { connectionFault } from "../../net/index.js";

/** One message a datagram (RFC 5426). Nobody says whether it arrived. */
export interface Datagrams {
  send(messages: readonly Buffer[]): Promise<Result<void, Fault>>;
  close(): void;
}

export function openDatagrams(host: string, port: number): Datagrams {
  const socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
  // Told by the callback of each send; an ICMP answer in between has no other listener.
  socket.on("error", () => undefined);
  const sendOne = (message: Buffer) =>
    new Promise<void>((settled, failed) => {
      socket.send(message, port, host, (error) => {
        if (error === null) settled();
        else failed(error);
      });
    });
  return {
    async send(messages) {
      try {
        for (const message of messages) await sendOne(message);
        return ok(undefined);
      } catch (error) {
        return err(connectionFault(`${host}:${port}`, error));
      }
    },
    close: () => socket.close(),
  };
}
