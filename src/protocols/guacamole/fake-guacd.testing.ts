import { createServer, connect, type AddressInfo, type Server, type Socket } from "node:net";
import { WebSocket, type ClientOptions } from "ws";
import { serializeInstruction, type Instruction } from "../../model/index.js";
import { createInstructionParser } from "./codec/index.js";

/** What one side of a connection has heard, and a voice. */
export interface Voice {
  readonly heard: readonly Instruction[];
  say(opcode: string, ...args: readonly (string | number)[]): void;
  /** Arguments of everything heard with this opcode. */
  all(opcode: string): readonly (readonly string[])[];
  readonly closed: boolean;
}

export interface Talker extends Voice {
  readonly socket: Socket;
}

export interface Browser extends Voice {
  close(): void;
}

export function talkOn(socket: Socket, hears?: (one: Instruction, talker: Talker) => void): Talker {
  const heard: Instruction[] = [];
  const parser = createInstructionParser();
  let closed = false;
  const talker: Talker = {
    heard,
    say: (opcode, ...args) =>
      void socket.write(serializeInstruction({ opcode, args: args.map(String) })),
    all: (opcode) => heard.flatMap((one) => (one.opcode === opcode ? [one.args] : [])),
    get closed() {
      return closed;
    },
    socket,
  };
  socket.on("error", () => undefined);
  socket.on("close", () => (closed = true));
  socket.on("data", (bytes: Buffer) => {
    const fed = parser.feed(bytes, (one) => {
      heard.push(one);
      hears?.(one, talker);
      return true;
    });
    if (!fed.ok) throw new Error(fed.error.message);
  });
  return talker;
}

/** A browser with guacamole-common-js: the same in a WebSocket. */
export function browseTo(address: string, options: ClientOptions = {}): Browser {
  const socket = new WebSocket(address, "guacamole", options);
  const heard: Instruction[] = [];
  const parser = createInstructionParser();
  let closed = false;
  socket.on("error", () => undefined);
  socket.on("close", () => (closed = true));
  socket.on("message", (data) => {
    const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer); // text
    const fed = parser.feed(bytes, (one) => heard.push(one) > 0);
    if (!fed.ok) throw new Error(fed.error.message);
  });
  return {
    heard,
    say: (opcode, ...args) => socket.send(serializeInstruction({ opcode, args: args.map(String) })),
    all: (opcode) => heard.flatMap((one) => (one.opcode === opcode ? [one.args] : [])),
    get closed() {
      return closed;
    },
    close: () => socket.close(),
  };
}

/** The parameters of guacd 1.5 that matter here. */
export const PARAMETERS = [
  "VERSION_1_5_0",
  "hostname",
  "port",
  "domain",
  "username",
  "password",
  "width",
  "height",
  "color-depth",
  "security",
  "initial-program",
  "read-only",
  "disable-copy",
  "disable-paste",
  "disable-upload",
  "disable-download",
  "enable-audio-input",
] as const;

/** Begins to draw for the person who comes first. */
export type Desktop = (to: Voice) => DesktopBehind;
export interface DesktopBehind {
  /** What the person does. */
  hears(one: Instruction): void;
  /** Somebody else joins: draws what stands there, and from now on the same as for the person. */
  joins(to: Voice): void;
}

const emptyDesktop: Desktop = (to) => {
  const draw = (voice: Voice): void => {
    voice.say("size", 0, 1024, 768);
    voice.say("sync", 1000);
  };
  draw(to);
  return { hears: () => undefined, joins: draw };
};

const CONNECTION_NUMBER = "$guacd-secret-number";

/** Shakes hands as guacd does, draws a screen and remembers what it is told. */
export interface FakeGuacd {
  readonly port: number;
  readonly connections: readonly Talker[];
  /** Of the last connection: parameter by name. */
  parameters(): Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** `desktop`: what stands behind it; absent: an empty screen that answers nothing. */
export async function startFakeGuacd(desktop: Desktop = emptyDesktop): Promise<FakeGuacd> {
  const connections: Talker[] = [];
  let last: DesktopBehind | null = null;
  const server: Server = createServer({ noDelay: true }, (socket) => {
    let own: DesktopBehind | null = null;
    let joins = false;
    const talker = talkOn(socket, (one, to) => {
      if (one.opcode === "select") {
        joins = one.args[0] === CONNECTION_NUMBER;
        to.say("args", ...PARAMETERS);
      }
      if (one.opcode !== "connect") {
        own?.hears(one);
        return;
      }
      to.say("ready", CONNECTION_NUMBER);
      if (joins) last?.joins(to);
      else last = own = desktop(to);
    });
    connections.push(talker);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connections,
    parameters() {
      const values = connections.at(-1)?.all("connect")[0] ?? [];
      return Object.fromEntries(PARAMETERS.map((name, index) => [name, values[index] ?? ""]));
    },
    close: () =>
      new Promise((resolve) => {
        for (const { socket } of connections) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** A web application: selects, and answers `args` by name. */
export function comeIn(
  port: number,
  given: Readonly<Record<string, string>>,
  protocol = "rdp",
  from = "127.0.0.1",
): Talker {
  return comeInBy(
    connect({ host: "127.0.0.1", port, localAddress: from, noDelay: true }),
    given,
    protocol,
  );
}

/** The same on a connection that is there already. */
export function comeInBy(
  socket: Socket,
  given: Readonly<Record<string, string>>,
  protocol = "rdp",
): Talker {
  const talker = talkOn(socket, (one, to) => {
    if (one.opcode !== "args") return;
    to.say("size", 1280, 800, 96);
    to.say("audio", "audio/L16");
    to.say("video");
    to.say("image", "image/png", "image/webp");
    to.say("timezone", "Europe/Lisbon");
    const values = one.args.map((name) =>
      name.startsWith("VERSION_") ? "VERSION_1_1_0" : (given[name] ?? ""),
    );
    to.say("connect", ...values);
  });
  talker.say("select", protocol);
  return talker;
}
