import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { describeFault, fault, type Fault } from "../../kernel/index.js";
import { createTextSocketDoor, type TextSocket, type TextSocketEvents } from "../../net/index.js";
import { mayAct } from "../access/role.js";
import type { createGate, Shown } from "../http/gate.js";
import { statusOf } from "../http/status.js";
import type { AdminPorts, Caller, InspectionMessage } from "../ports.js";
import { frameForm } from "../schema/inspections.js";
import { sessionParams } from "../schema/sessions.js";

/** `inspectStream`: the WebSocket of a session whose connections a gateway has itself. */
export interface StreamDoor {
  close(): void;
}

export interface StreamDoorDeps {
  readonly server: Server;
  readonly gate: ReturnType<typeof createGate>;
  readonly shownBy: (request: IncomingMessage) => Shown;
  readonly ports: AdminPorts;
}

const PATH = /^\/v1\/sessions\/(?<id>[^/?]{1,128})\/stream$/;
/** As the API document writes it. */
export const STREAM_PATH = "/v1/sessions/{id}/stream";
export const STREAM_PROTOCOL = "chaperone.v1";
/** Of one frame: 96 KiB of a channel, in base64. */
const FRAME_BYTES_MAX = 160 * 1024;
/** A gateway that takes no verdicts: what it has not taken must not grow without end. */
const WAITING_BYTES_MAX = 4 * 1024 * 1024;

export function openStreamDoor(deps: StreamDoorDeps): StreamDoor {
  const { server, gate, shownBy, ports } = deps;
  const door = createTextSocketDoor({ bytesMax: FRAME_BYTES_MAX, protocol: STREAM_PROTOCOL });

  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    const shown = shownBy(request);
    if (!gate.isOwn(shown)) {
      refuse(socket, FOREIGN);
      return;
    }
    const admitted = gate.admit(shown);
    if (admitted.type === "refused") {
      if (admitted.tell) tell(ports, { by: null, peer: shown.peer, reason: admitted.fault.code });
      refuse(socket, admitted.fault);
      return;
    }
    const { caller } = admitted;
    const params = sessionParams.safeParse({ id: PATH.exec(request.url ?? "")?.groups?.["id"] });
    const failed = whyNot(caller, params.success);
    if (failed !== null || !params.success) {
      tell(ports, { by: caller, peer: shown.peer, reason: failed?.code ?? NOT_FOUND.code });
      refuse(socket, failed ?? NOT_FOUND);
      return;
    }
    const { id } = params.data;
    if (!tell(ports, { by: caller, peer: shown.peer, session: id })) {
      refuse(socket, fault("CHP_ADMIN_BUSY", "the call could not be told, so it is not done"));
      return;
    }
    door.accept({ request, socket, head }, (text) => attend(text, { id, caller, ports }));
  });
  return { close: () => door.close() };
}

const FOREIGN = fault("CHP_ADMIN_FOREIGN", "`Host` or `Origin` is not the sidecar's own");
const NOT_FOUND = fault("CHP_ADMIN_NOT_FOUND", "there is no such stream");

function whyNot(caller: Caller, found: boolean): Fault | null {
  if (!mayAct(caller.role, "admin")) {
    return fault("CHP_ADMIN_FORBIDDEN", "inspectStream needs the role admin");
  }
  return found ? null : NOT_FOUND;
}

/** Frames in, messages out, in order; whatever is wrong with the stream ends the session. */
function attend(
  socket: TextSocket,
  {
    id,
    caller,
    ports,
  }: { readonly id: string; readonly caller: Caller; readonly ports: AdminPorts },
): TextSocketEvents {
  const opened = ports.inspections.stream(id, caller, (message) => {
    if (socket.waitingBytes > WAITING_BYTES_MAX) socket.close(1013, "verdicts are not taken");
    else socket.send(encode(message));
    if (message.type === "end") socket.close(1000, "the session is over");
  });
  if (!opened.ok) {
    socket.close(1008, describeFault(opened.error).slice(0, 120));
    return { text: () => undefined, closed: () => undefined };
  }
  const stream = opened.value;
  return {
    text(text) {
      const frame = frameForm.safeParse(parse(text));
      if (!frame.success) {
        socket.close(1008, "a frame that is not in the document");
        return;
      }
      const { data } = frame;
      stream.frame("data" in data ? { ...data, data: Buffer.from(data.data, "base64") } : data);
    },
    closed: () => stream.gone(),
  };
}

function encode(message: InspectionMessage): string {
  const { data, ...rest } = "data" in message ? message : { ...message, data: undefined };
  return JSON.stringify(
    data === undefined ? rest : { ...rest, data: Buffer.from(data).toString("base64") },
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // refused as a frame
  }
}

function tell(
  ports: AdminPorts,
  facts: {
    readonly by: Caller | null;
    readonly peer: string;
    readonly session?: string;
    readonly reason?: string;
  },
): boolean {
  const { by, peer, session, reason } = facts;
  return ports.tell({
    type: "admin.called",
    data: {
      operation: "inspectStream",
      by: by?.name ?? "",
      role: by?.role ?? "",
      origin: peer,
      outcome: reason === undefined ? "admitted" : "refused",
      ...(session === undefined ? {} : { session }),
      ...(reason === undefined ? {} : { reason }),
    },
  });
}

function refuse(socket: Duplex, refused: Fault): void {
  const body = JSON.stringify({ error: { code: refused.code, message: refused.message } });
  socket.end(
    `HTTP/1.1 ${String(statusOf(refused.code))} Refused\r\nconnection: close\r\n` +
      "content-type: application/json; charset=utf-8\r\n" +
      `content-length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`,
  );
}
