import { createConnection, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { err, fault, ok, type Fault, type Result } from "../../kernel/index.js";
import { connectionFault, tlsClientOptions, type TlsTrust } from "../../net/index.js";

/** A connection to a syslog receiver, which is written to and, but for its end, never read. */
export interface SyslogStream {
  /**
   * Answers ok when the receiver's machine has acknowledged the bytes, as far as can be seen from here
   * (nothing is left to send, and the connection stands). Syslog knows no other acknowledgement.
   */
  write(bytes: Buffer, signal: AbortSignal): Promise<Result<void, Fault>>;
  /** False once the receiver has closed or reset the connection. */
  readonly open: boolean;
  /** Told once, when the connection ends without us. */
  onLost(told: () => void): void;
  /** Sends what is left and says good-bye; waits a little for the receiver to do the same. */
  close(): Promise<void>;
}

export interface SyslogAddress {
  readonly host: string;
  readonly port: number;
  /** Absent: TCP without encryption. */
  readonly tls?: TlsTrust;
}

const CONNECT_MS_MAX = 10_000;
/** A receiver that takes nothing for so long is taken for dead. */
const WRITE_MS_MAX = 30_000;
const CLOSE_MS_MAX = 2_000;

export async function openSyslogStream(to: SyslogAddress): Promise<Result<SyslogStream, Fault>> {
  const peer = `${to.host}:${to.port}`;
  const tls = to.tls === undefined ? ok(null) : tlsClientOptions(to.tls);
  if (!tls.ok) return tls;
  const secure = tls.value;
  const socket =
    secure === null
      ? createConnection({ host: to.host, port: to.port, keepAlive: true, noDelay: true })
      : connectTls({
          host: to.host,
          port: to.port,
          ...secure,
          servername: secure.servername ?? nameForSni(to.host),
        });
  const connected = await ready(socket, secure === null ? "connect" : "secureConnect", peer);
  return connected.ok ? ok(syslogStream(socket, peer)) : connected;
}

/** RFC 6066 section 3 allows no address as a server name. */
function nameForSni(host: string): string {
  return /^[\d.]+$|:/.test(host) ? "" : host;
}

function ready(socket: Socket, event: string, peer: string): Promise<Result<void, Fault>> {
  return new Promise((settled) => {
    const fail = (error: unknown) => {
      clearTimeout(timer);
      socket.destroy();
      settled(err(connectionFault(peer, error)));
    };
    const timer = setTimeout(() => fail(new Error("no connection in time")), CONNECT_MS_MAX);
    // Stays for good: a later error must not be unhandled.
    socket.on("error", fail);
    socket.once("close", () => fail(new Error("closed")));
    socket.once(event, () => {
      clearTimeout(timer);
      settled(ok(undefined));
    });
  });
}

function syslogStream(socket: Socket, peer: string): SyslogStream {
  let why: unknown = null;
  // TLS 1.3 receivers refuse a certificate only after the handshake: then the connection ends.
  socket.on("error", (error) => (why ??= error));
  socket.on("end", () => socket.destroy());
  // What a receiver may say is of no interest, but it must not fill a buffer.
  socket.resume();
  const gone = (): Fault =>
    why === null
      ? fault("CHP_NET_UNREACHABLE", `${peer}: the receiver closed the connection`)
      : connectionFault(peer, why);

  return {
    get open() {
      return !socket.destroyed && socket.writable;
    },
    write: (bytes, signal) =>
      new Promise((settled) => {
        const finish = (result: Result<void, Fault>) => {
          clearTimeout(timer);
          signal.removeEventListener("abort", stop);
          socket.off("close", lost);
          if (!result.ok) socket.destroy();
          settled(result);
        };
        const lost = () => finish(err(gone()));
        const stop = () => finish(err(fault("CHP_NET_UNREACHABLE", `${peer}: broken off by us`)));
        const timer = setTimeout(
          () => finish(err(fault("CHP_NET_UNREACHABLE", `${peer}: takes nothing`))),
          WRITE_MS_MAX,
        );
        signal.addEventListener("abort", stop, { once: true });
        socket.once("close", lost);
        if (socket.destroyed) lost();
        else {
          socket.write(bytes, (error) => {
            if (error instanceof Error) finish(err(connectionFault(peer, error)));
            else finish(ok(undefined));
          });
        }
      }),
    onLost(told) {
      if (socket.destroyed) told();
      else socket.once("close", told);
    },
    close: () =>
      new Promise((settled) => {
        if (socket.destroyed) {
          settled();
          return;
        }
        const timer = setTimeout(() => socket.destroy(), CLOSE_MS_MAX);
        socket.once("close", () => {
          clearTimeout(timer);
          settled();
        });
        socket.end();
      }),
  };
}
