import type { FlowingSocket, TextSocketEvents } from "../../../net/index.js";
import type { Carrier } from "../relay/leg.js";

/** From here on the other side is not keeping up, and guacd is not read any more. */
const WAITING_BYTES_HIGH = 256 * 1024;
const NORMAL_CLOSURE = 1000;

interface Ears {
  readonly received: (bytes: Uint8Array) => void;
  readonly drained: () => void;
  readonly closed: (reason: string) => void;
}

/** A WebSocket as a leg of a session, and what has to be told to it. */
export function carryByWebSocket(socket: FlowingSocket): {
  readonly carrier: Carrier;
  readonly events: TextSocketEvents;
} {
  let ears: Ears | null = null;
  const sent = (): void => {
    if (socket.waitingBytes <= WAITING_BYTES_HIGH / 2) ears?.drained();
  };
  return {
    carrier: {
      write(text) {
        socket.send(text, sent);
        return socket.waitingBytes <= WAITING_BYTES_HIGH;
      },
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      end: () => socket.close(NORMAL_CLOSURE, ""),
      destroy: () => socket.destroy(),
      listen(listener) {
        ears = listener;
      },
    },
    events: {
      text: (text) => ears?.received(Buffer.from(text, "utf8")),
      closed: () => ears?.closed("the browser closed the tunnel"),
    },
  };
}
