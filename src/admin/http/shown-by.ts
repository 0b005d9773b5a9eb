import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Shown } from "./gate.js";

/** What a caller shows of who they are, before anything of it is believed. */
export function shownBy(request: IncomingMessage): Shown {
  const socket: Socket & Partial<Pick<TLSSocket, "authorized" | "getPeerCertificate">> =
    request.socket;
  const { host, origin, authorization, "sec-fetch-site": site } = request.headers;
  // Node takes the first of several, a proxy in front perhaps the last (RFC 9112 section 3.2).
  const hosts = request.rawHeaders.filter((text, at) => at % 2 === 0 && /^host$/i.test(text));
  return {
    host: hosts.length === 1 ? host : undefined,
    origin,
    authorization,
    site: typeof site === "string" ? site : undefined,
    localAddress: socket.localAddress ?? "",
    localPort: socket.localPort ?? 0,
    peer: (socket.remoteAddress ?? "").replace(/^::ffff:(?=\d+\.)/, ""),
    secure: socket.getPeerCertificate !== undefined,
    certificateName: certificateNameOf(socket),
  };
}

function certificateNameOf(
  socket: Partial<Pick<TLSSocket, "authorized" | "getPeerCertificate">>,
): string | undefined {
  if (socket.authorized !== true || socket.getPeerCertificate === undefined) return undefined;
  const name: unknown = socket.getPeerCertificate().subject.CN;
  // A certificate with several names is no caller: which one would be meant?
  return typeof name === "string" ? name : undefined;
}
