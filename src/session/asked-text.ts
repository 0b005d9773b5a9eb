import { unreachable } from "../kernel/index.js";
import type { ChannelAsked, GlobalAsked, RequestAsked } from "../model/index.js";

/** What was asked for, as events name it (`request` of channel.opened and channel.refused). */
export function describeChannel(asked: ChannelAsked): string {
  switch (asked.type) {
    case "direct-tcpip":
    case "forwarded-tcpip":
      return `${asked.host}:${asked.port}`;
    case "direct-streamlocal":
    case "forwarded-streamlocal":
      return asked.path;
    case "unknown":
      return asked.name;
    case "session":
    case "x11":
    case "auth-agent":
      return asked.type;
    default:
      return unreachable(asked);
  }
}

export function describeRequest(asked: RequestAsked): string {
  switch (asked.type) {
    case "exec":
      return asked.command;
    case "subsystem":
    case "env":
    case "signal":
    case "unknown":
      return asked.name;
    case "pty":
    case "shell":
    case "window-change":
    case "break":
    case "agent":
    case "x11":
      return asked.type;
    default:
      return unreachable(asked);
  }
}

export function describeGlobal(asked: GlobalAsked): string {
  switch (asked.type) {
    case "tcpip-forward":
      return `${asked.host}:${asked.port}`;
    case "streamlocal-forward":
      return asked.path;
    case "unknown":
      return asked.name;
    default:
      return unreachable(asked);
  }
}
