import type { ChannelAsked, GlobalAsked, RequestAsked } from "../../../model/index.js";
import { createReader, type WireReader } from "./reader.js";
import { decodeTerminalModes } from "./terminal-modes.js";

/**
 * What a peer asks for, in the words of the model. Null when the message is malformed. The bytes
 * themselves travel on unchanged: these readings are for the core to judge.
 */
export function readRequest(type: string, body: Uint8Array): RequestAsked | null {
  const reader = createReader(body);
  const asked = requestOf(type, reader);
  return reader.failed ? null : asked;
}

function requestOf(type: string, reader: WireReader): RequestAsked {
  switch (type) {
    case "pty-req": {
      const [term, columns, rows] = [reader.text(), reader.uint32(), reader.uint32()];
      const [widthPixels, heightPixels] = [reader.uint32(), reader.uint32()];
      const modes = decodeTerminalModes(reader.string());
      return { type: "pty", pty: { term, columns, rows, widthPixels, heightPixels, modes } };
    }
    case "env":
      return { type: "env", name: reader.text(), value: reader.text() };
    case "shell":
      return { type: "shell" };
    case "exec":
      return { type: "exec", command: reader.text() };
    case "subsystem":
      return { type: "subsystem", name: reader.text() };
    case "window-change":
      return {
        type: "window-change",
        size: { columns: reader.uint32(), rows: reader.uint32() },
      };
    case "signal":
      return { type: "signal", name: reader.text() };
    case "break":
      return { type: "break", lengthMs: reader.uint32() };
    case "auth-agent-req@openssh.com":
      return { type: "agent" };
    case "x11-req":
      return { type: "x11" };
    default:
      return { type: "unknown", name: type };
  }
}

/** The channel types that a person's client may open. */
export function readPersonChannel(type: string, body: Uint8Array): ChannelAsked | null {
  const reader = createReader(body);
  switch (type) {
    case "session":
      return { type: "session" };
    case "direct-tcpip":
      return whole(reader, { type: "direct-tcpip", ...endpoints(reader) });
    case "direct-streamlocal@openssh.com":
      return whole(reader, { type: "direct-streamlocal", path: reader.text() });
    default:
      return { type: "unknown", name: type };
  }
}

/** The channel types that a target may open. */
export function readTargetChannel(type: string, body: Uint8Array): ChannelAsked | null {
  const reader = createReader(body);
  switch (type) {
    case "forwarded-tcpip":
      return whole(reader, { type: "forwarded-tcpip", ...endpoints(reader) });
    case "forwarded-streamlocal@openssh.com":
      return whole(reader, { type: "forwarded-streamlocal", path: reader.text() });
    case "x11":
      return whole(reader, {
        type: "x11",
        originHost: reader.text(),
        originPort: reader.uint32(),
      });
    case "auth-agent@openssh.com":
      return { type: "auth-agent" };
    default:
      return { type: "unknown", name: type };
  }
}

export function readGlobal(name: string, body: Uint8Array): GlobalAsked | null {
  const reader = createReader(body);
  switch (name) {
    case "tcpip-forward":
      return whole(reader, { type: "tcpip-forward", host: reader.text(), port: reader.uint32() });
    case "streamlocal-forward@openssh.com":
      return whole(reader, { type: "streamlocal-forward", path: reader.text() });
    default:
      return { type: "unknown", name };
  }
}

function endpoints(reader: WireReader): {
  host: string;
  port: number;
  originHost: string;
  originPort: number;
} {
  return {
    host: reader.text(),
    port: reader.uint32(),
    originHost: reader.text(),
    originPort: reader.uint32(),
  };
}

function whole<T>(reader: WireReader, value: T): T | null {
  return reader.failed ? null : value;
}
