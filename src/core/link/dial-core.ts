import { describeFault, err, fault, ok, type Fault, type Result } from "../../kernel/index.js";
import { dialTextSocket, type TlsClientOptions } from "../../net/index.js";
import type { CoreWire, WireEars } from "./core-connection.js";
import { encodeSidecarMessage, MESSAGE_BYTES_MAX, readCoreMessage } from "./messages.js";

export interface DialCoreOptions {
  /** `wss://core.example:8690/link`, or without the path. */
  readonly url: string;
  readonly token: () => Result<string, Fault>;
  readonly tls: () => Result<TlsClientOptions | undefined, Fault>;
}

export const LINK_PATH = "/link";
const DIAL_MS = 10_000;
/** Close code (RFC 6455 section 7.4.1). */
const NORMAL = 1_000;

/** Opens the wire to a core elsewhere. Secrets and certificates are read at each try. */
export async function dialCore(
  options: DialCoreOptions,
  ears: WireEars,
): Promise<Result<CoreWire, Fault>> {
  const token = options.token();
  if (!token.ok) return token;
  const tls = options.tls();
  if (!tls.ok) return tls;
  const url = new URL(options.url);
  if (url.pathname === "/") url.pathname = LINK_PATH;
  const dialled = await dialTextSocket(
    url.href,
    {
      headers: token.value === "" ? {} : { authorization: `Bearer ${token.value}` },
      ...(tls.value === undefined ? {} : { tls: tls.value }),
      timeoutMs: DIAL_MS,
      bytesMax: MESSAGE_BYTES_MAX,
    },
    {
      text(text) {
        const read = readCoreMessage(text);
        if (!read.ok) ears.broken(read.error);
        else if (read.value !== null) ears.heard(read.value);
      },
      closed: () => ears.broken(fault("CHP_CORE_LINK", `${url.host} has closed the link`)),
    },
  );
  if (!dialled.ok) return err(fault("CHP_CORE_LINK", describeFault(dialled.error)));
  return ok({
    send: (message) => dialled.value.send(encodeSidecarMessage(message)),
    close: () => dialled.value.close(NORMAL, "done"),
  });
}
