import type { Exit, PtyFacts, TerminalSize } from "../../../model/index.js";
import type { SocketMessage } from "../../../net/index.js";

/** How a console carries terminals in the messages of a WebSocket. One row each of the table in `dialects.ts`. */
export interface TerminalDialect {
  readonly name: string;
  /** Subprotocols that are understood, best first; "": none has to be offered. */
  readonly protocols: readonly string[];
  /** Several terminals share a connection, each under a key of its own. */
  readonly many: boolean;
  /** What the request itself opens, before a byte of it reaches the target; null: messages open it. */
  opens(request: SocketRequest): TerminalAsked | null;
  /** A codec has a state: one for each connection. */
  codec(protocol: string): DialectCodec;
}

/** An upgrade request, as dialects recognise it. */
export interface SocketRequest {
  /** Normalised, below the route. */
  readonly path: string;
  readonly query: readonly { readonly name: string; readonly value: string }[];
  /** As offered, in order. */
  readonly protocols: readonly string[];
}

/** Something that the person's side wants opened. */
export type TerminalAsked =
  | {
      readonly type: "run";
      /** Null: no terminal; the streams of a program. */
      readonly pty: PtyFacts | null;
      /** Null: a shell, or whatever the console starts. */
      readonly command: readonly string[] | null;
    }
  /** A connection from the target to somewhere else. */
  | {
      readonly type: "connect";
      readonly to: { readonly host: string; readonly port: number } | { readonly path: string };
    };

/** What a message of the person's side means. Total: what is not understood is `refused`. */
export type PersonWord =
  /** `message` goes on once the opening was granted. */
  | {
      readonly type: "open";
      readonly key: string;
      readonly asked: TerminalAsked;
      readonly message: SocketMessage;
    }
  | { readonly type: "keys"; readonly key: string; readonly bytes: Uint8Array }
  | { readonly type: "resize"; readonly key: string; readonly size: TerminalSize }
  | { readonly type: "eof"; readonly key: string }
  /** The person closes it; the message goes on. */
  | { readonly type: "gone"; readonly key: string }
  /** Goes on as it is. */
  | { readonly type: "pass" }
  /** Goes nowhere, and harms nothing. */
  | { readonly type: "drop" }
  | { readonly type: "refused"; readonly reason: string };

/** What a message of the target means. */
export type TargetWord =
  | {
      readonly type: "output";
      readonly key: string;
      readonly stream: "stdout" | "stderr";
      readonly bytes: Uint8Array;
    }
  /** The program has ended; the message goes on when nothing else is said about it meanwhile. */
  | { readonly type: "exited"; readonly key: string; readonly exit: Exit }
  | { readonly type: "pass" }
  | { readonly type: "drop" };

/** Pure: reads messages and makes them. */
export interface DialectCodec {
  fromPerson(message: SocketMessage): PersonWord;
  fromTarget(message: SocketMessage): TargetWord;
  keys(key: string, bytes: Uint8Array): readonly SocketMessage[];
  output(key: string, stream: "stdout" | "stderr", bytes: Uint8Array): readonly SocketMessage[];
  /** Nothing more is typed; nothing where the dialect has no word for it. */
  endOfKeys(key: string): readonly SocketMessage[];
  /** The last words about a terminal, to each side; `why`: it was refused. */
  over(
    key: string,
    end: { readonly exit: Exit; readonly why?: string },
  ): { readonly toPerson: readonly SocketMessage[]; readonly toTarget: readonly SocketMessage[] };
}

/** The key where a connection is one terminal. */
export const ONLY = "";

/** Terminals larger than a wall are no terminals. */
const CELLS_MAX = 1_000;

/** A size in cells, or null where the two are none. */
export function sizeOf(columns: unknown, rows: unknown): TerminalSize | null {
  const fits = (value: unknown): value is number =>
    typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= CELLS_MAX;
  return fits(columns) && fits(rows) ? { columns, rows } : null;
}

/** A fresh pty as these consoles open it: modes as the kernel sets them. */
export function freshPty(size: TerminalSize | null): PtyFacts {
  const { columns, rows } = size ?? { columns: 80, rows: 24 };
  return { term: "xterm-256color", columns, rows, widthPixels: 0, heightPixels: 0, modes: {} };
}

/** Null: no JSON, or no object. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>) // an object of JSON has string keys
      : null;
  } catch {
    return null;
  }
}

export function textMessage(text: string): SocketMessage {
  return { binary: false, bytes: Buffer.from(text, "utf8") };
}

/** A shell and nothing for it to do: what is typed are its commands. */
export function isPlainShell(command: readonly string[]): boolean {
  const [program = "", ...rest] = command;
  const name = program.slice(program.lastIndexOf("/") + 1).replace(/^-/, "");
  return SHELLS.has(name) && rest.every((one) => INTERACTIVE.has(one));
}

const SHELLS: ReadonlySet<string> = new Set([
  "sh",
  "bash",
  "dash",
  "ash",
  "zsh",
  "ksh",
  "mksh",
  "fish",
]);
const INTERACTIVE: ReadonlySet<string> = new Set(["-i", "-l", "-il", "-li", "--login"]);

/** Words as a POSIX shell would be given them, for rules that read command lines. */
export function commandLine(command: readonly string[]): string {
  return command
    .map((word) =>
      /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`,
    )
    .join(" ");
}
