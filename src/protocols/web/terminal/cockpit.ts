import type { Exit } from "../../../model/index.js";
import type { SocketMessage } from "../../../net/index.js";
import {
  freshPty,
  isPlainShell,
  jsonObject,
  sizeOf,
  textMessage,
  type DialectCodec,
  type PersonWord,
  type TargetWord,
  type TerminalAsked,
  type TerminalDialect,
} from "./dialect.js";
import { createTextFlow, flowing, type TextFlow } from "./text-flow.js";

/**
 * Cockpit (doc/protocol.md of cockpit): the first line of a message is its channel, the empty one carries
 * control messages. Channels that start programs or connect somewhere are asked about; D-Bus, files and
 * metrics pass as they are.
 */
export const cockpit: TerminalDialect = {
  name: "cockpit",
  protocols: ["cockpit1", ""],
  many: true,
  opens: () => null,
  codec: () => new CockpitCodec(),
};

/** Below the session of another machine (`/cockpit+=host/socket`), or a login of its own. */
const PATH = /\/cockpit(?:\+[^/]*)?\/socket$/;

export function isCockpitPath(path: string): boolean {
  return PATH.test(path);
}

const NEW_LINE = 0x0a;
/** A name of a channel; Cockpit's own have some ten characters. */
const KEY_BYTES_MAX = 256;

interface Run {
  readonly binary: boolean;
  readonly toTarget: TextFlow;
  readonly toPerson: TextFlow;
}

class CockpitCodec implements DialectCodec {
  readonly #runs = new Map<string, Run>();

  fromPerson(message: SocketMessage): PersonWord {
    const parts = split(message.bytes);
    if (parts === null) return { type: "refused", reason: "a message without a channel" };
    const { key, rest } = parts;
    if (key !== "") {
      return this.#runs.has(key) ? { type: "keys", key, bytes: rest } : { type: "pass" };
    }
    const control = jsonObject(Buffer.from(rest).toString("utf8"));
    const channel = control?.["channel"];
    if (control === null || (channel !== undefined && typeof channel !== "string")) {
      return { type: "refused", reason: "a control message that is none" };
    }
    return this.#control(control, channel ?? "", message);
  }

  #control(
    control: Readonly<Record<string, unknown>>,
    key: string,
    message: SocketMessage,
  ): PersonWord {
    switch (control["command"]) {
      case "open":
        return this.#open(control, key);
      case "options": {
        const size = windowOf(control);
        const known = this.#runs.has(key) && size !== null;
        return known ? { type: "resize", key, size } : { type: "pass" };
      }
      case "done":
        return this.#runs.has(key) ? { type: "eof", key } : { type: "pass" };
      case "close":
        return this.#runs.delete(key) ? { type: "gone", key } : { type: "pass" };
      default:
        return message.bytes.length > CONTROL_BYTES_MAX
          ? { type: "refused", reason: "a control message that is too long" }
          : { type: "pass" };
    }
  }

  #open(control: Readonly<Record<string, unknown>>, key: string): PersonWord {
    if (key === "" || key.includes("\n") || Buffer.byteLength(key) > KEY_BYTES_MAX) {
      return { type: "refused", reason: "a channel without a name" };
    }
    if (this.#runs.has(key)) return { type: "refused", reason: "a channel that is open" };
    const asked = openedBy(control);
    // Written anew: there is one way only to read it.
    const message = textMessage(`\n${JSON.stringify(control)}`);
    if (asked === "refused")
      return { type: "refused", reason: "a program that is no list of words" };
    if (asked === null) return { type: "pass" };
    this.#runs.set(key, {
      binary: control["binary"] === "raw",
      toTarget: createTextFlow(),
      toPerson: createTextFlow(),
    });
    return { type: "open", key, asked, message };
  }

  fromTarget(message: SocketMessage): TargetWord {
    const parts = split(message.bytes);
    if (parts === null) return { type: "drop" };
    const { key, rest } = parts;
    if (key !== "") {
      return this.#runs.has(key)
        ? { type: "output", key, stream: "stdout", bytes: rest }
        : { type: "pass" };
    }
    const control = jsonObject(Buffer.from(rest).toString("utf8"));
    const channel = control?.["channel"];
    if (control?.["command"] !== "close" || typeof channel !== "string") return { type: "pass" };
    return this.#runs.has(channel)
      ? { type: "exited", key: channel, exit: exitOf(control) }
      : { type: "pass" };
  }

  keys(key: string, bytes: Uint8Array): readonly SocketMessage[] {
    const run = this.#runs.get(key);
    return run === undefined ? [] : addressed(key, bytes, run, run.toTarget);
  }

  output(key: string, _stream: string, bytes: Uint8Array): readonly SocketMessage[] {
    const run = this.#runs.get(key);
    return run === undefined ? [] : addressed(key, bytes, run, run.toPerson);
  }

  endOfKeys(key: string): readonly SocketMessage[] {
    return [control({ command: "done", channel: key })];
  }

  over(
    key: string,
    { exit, why }: { readonly exit: Exit; readonly why?: string },
  ): ReturnType<DialectCodec["over"]> {
    this.#runs.delete(key);
    const told =
      why === undefined
        ? exit.type === "code"
          ? { "exit-status": exit.code }
          : { problem: "terminated" }
        : { problem: "access-denied", message: why };
    return {
      toPerson: [control({ command: "close", channel: key, ...told })],
      toTarget: [control({ command: "close", channel: key, problem: "terminated" })],
    };
  }
}

/** Control messages that open nothing are short. */
const CONTROL_BYTES_MAX = 64 * 1024;

function split(bytes: Uint8Array): { readonly key: string; readonly rest: Uint8Array } | null {
  const end = bytes.indexOf(NEW_LINE);
  if (end < 0 || end > KEY_BYTES_MAX) return null;
  return {
    key: Buffer.from(bytes.subarray(0, end)).toString("utf8"),
    rest: bytes.subarray(end + 1),
  };
}

function addressed(
  key: string,
  bytes: Uint8Array,
  { binary }: Run,
  flow: TextFlow,
): readonly SocketMessage[] {
  if (binary) return [{ binary, bytes: Buffer.concat([Buffer.from(`${key}\n`), bytes]) }];
  return flowing(flow, bytes, { binary, wrap: (text) => `${key}\n${text}` });
}

function control(message: Readonly<Record<string, unknown>>): SocketMessage {
  return textMessage(`\n${JSON.stringify(message)}`);
}

/** Null: nothing that runs or connects. */
function openedBy(control: Readonly<Record<string, unknown>>): TerminalAsked | "refused" | null {
  const { spawn, unix, port, address } = control;
  if (spawn !== undefined) {
    const words = Array.isArray(spawn) ? (spawn as readonly unknown[]) : [];
    const command = words.filter((word) => typeof word === "string");
    if (command.length === 0 || command.length !== words.length) return "refused";
    const pty = control["pty"] === true ? freshPty(windowOf(control)) : null;
    return { type: "run", pty, command: pty !== null && isPlainShell(command) ? null : command };
  }
  if (typeof unix === "string") return { type: "connect", to: { path: unix } };
  if (port === undefined) return null;
  const host = typeof address === "string" ? address : "localhost";
  return { type: "connect", to: { host, port: Number(port) || 0 } };
}

function windowOf(control: Readonly<Record<string, unknown>>): ReturnType<typeof sizeOf> {
  const { window } = control;
  if (typeof window !== "object" || window === null) return null;
  return sizeOf(
    "cols" in window ? window.cols : undefined,
    "rows" in window ? window.rows : undefined,
  );
}

function exitOf(control: Readonly<Record<string, unknown>>): Exit {
  const status = control["exit-status"];
  if (typeof status === "number") return { type: "code", code: status };
  const signal = control["exit-signal"];
  return typeof signal === "string"
    ? { type: "signal", signal, coreDumped: false, message: "" }
    : { type: "none" };
}
