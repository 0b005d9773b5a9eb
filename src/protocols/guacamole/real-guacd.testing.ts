import { randomUUID } from "node:crypto";
import { createServer, type AddressInfo, type Server } from "node:net";
import type { Instruction } from "../../model/index.js";
import { talkOn, type Talker, type Voice } from "./fake-guacd.testing.js";

/**
 * A guacd that is as strict as the real one is (1.6), where a proxy can get it wrong: the order of the
 * handshake and the number of values, the table of connections, what a user who only looks may do, frames
 * that nobody was sent, and that a connection lives as long as anybody is on it.
 */
export interface RealGuacd {
  readonly port: number;
  /** Running, by their number. */
  readonly connections: ReadonlyMap<string, RunningConnection>;
  /** What it would have written into its log. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

export interface RunningConnection {
  readonly protocol: string;
  readonly users: readonly RunningUser[];
  /** What users did who may. */
  readonly done: readonly Instruction[];
  /** To all of its users; a frame behind it. */
  draw(...drawn: readonly Instruction[]): void;
  /** The target says why it ends. */
  fail(message: string, status: number): void;
}

export interface RunningUser {
  readonly values: Readonly<Record<string, string>>;
  readonly voice: Talker;
}

interface User extends RunningUser {
  readonly readOnly: boolean;
  readonly isOwner: boolean;
  readonly version: string;
}

const VERSION = "VERSION_1_5_0";
const FIRST_FRAME = 1_990_000;
/** Handlers that guacd has while a user shakes hands; whatever else comes is ignored. */
const SHAKES: ReadonlySet<string> = new Set([
  "size",
  "audio",
  "video",
  "image",
  "timezone",
  "name",
]);
const HANDS: ReadonlySet<string> = new Set(["key", "mouse", "touch", "clipboard", "file", "put"]);

class Running implements RunningConnection {
  readonly protocol: string;
  readonly users: User[] = [];
  readonly done: Instruction[] = [];
  readonly #drawn: Instruction[] = [
    { opcode: "size", args: ["0", "1024", "768"] },
    { opcode: "rect", args: ["0", "0", "0", "1024", "768"] },
    { opcode: "cfill", args: ["14", "0", "24", "96", "112", "255"] },
  ];
  frame = FIRST_FRAME;

  constructor(protocol: string) {
    this.protocol = protocol;
  }

  joins(user: User): void {
    for (const { opcode, args } of this.#drawn) user.voice.say(opcode, ...args);
    user.voice.say("sync", this.frame, 0);
    if (!user.isOwner) this.#tellOwner("1", user);
    this.users.push(user);
  }

  leaves(user: User): void {
    const at = this.users.indexOf(user);
    if (at < 0) return;
    this.users.splice(at, 1);
    if (!user.isOwner) this.#tellOwner("2", user);
  }

  /** `msg`: who joined or left; only told to owners that say they know it. */
  #tellOwner(code: string, { voice }: User): void {
    const owner = this.users.find(({ isOwner, version }) => isOwner && version === VERSION);
    owner?.voice.say("msg", code, `@${String(voice.socket.remotePort)}`, "");
  }

  draw(...drawn: readonly Instruction[]): void {
    this.frame += 40;
    this.#drawn.push(...drawn);
    for (const { voice } of this.users) {
      for (const { opcode, args } of drawn) voice.say(opcode, ...args);
      voice.say("sync", this.frame, 1);
    }
  }

  fail(message: string, status: number): void {
    for (const { voice } of this.users) {
      voice.say("error", message, status);
      voice.say("disconnect");
      voice.socket.end();
    }
  }
}

export async function startRealGuacd(parameters: readonly string[]): Promise<RealGuacd> {
  const connections = new Map<string, Running>();
  const complaints: string[] = [];
  const names = [VERSION, ...parameters];
  const open = new Set<Talker>();

  function serve(one: Instruction, talker: Talker, seat: Seat): void {
    const { opcode, args } = one;
    if (seat.user !== null) obey(one, seat);
    else if (seat.chosen === null) {
      const [asked = ""] = args;
      const running = asked.startsWith("$") ? connections.get(asked) : undefined;
      if (opcode !== "select" || (asked.startsWith("$") && running === undefined)) {
        complain(talker, `no connection: ${opcode} ${asked}`);
        return;
      }
      seat.chosen = { asked, running: running ?? null };
      talker.say("args", ...names);
    } else if (opcode === "connect") connect(args, talker, seat);
    else if (SHAKES.has(opcode)) seat.said.push(opcode);
  }

  function connect(values: readonly string[], talker: Talker, seat: Seat): void {
    if (seat.chosen === null) return;
    if (values.length !== names.length) {
      complain(talker, "Client did not return the expected number of arguments.");
      return;
    }
    for (const needed of ["size", "audio", "video", "image"]) {
      if (!seat.said.includes(needed)) complaints.push(`nobody said ${needed}`);
    }
    const given = Object.fromEntries(names.map((name, at) => [name, values[at] ?? ""]));
    const { asked, running } = seat.chosen;
    const connection = running ?? new Running(asked);
    const number = running === null ? `$${randomUUID()}` : asked;
    connections.set(number, connection);
    talker.say("ready", number);
    seat.user = {
      values: given,
      voice: talker,
      readOnly: given["read-only"] === "true",
      isOwner: running === null,
      version: values[0] ?? "",
    };
    seat.leave = () => {
      if (seat.user !== null) connection.leaves(seat.user);
      if (connection.users.length === 0) connections.delete(number);
    };
    seat.connection = connection;
    connection.joins(seat.user);
  }

  function obey(one: Instruction, { connection, user }: Seat): void {
    if (connection === null || user === null) return;
    const { opcode, args } = one;
    if (opcode === "disconnect") {
      user.voice.say("disconnect");
      user.voice.socket.end();
    } else if (opcode === "sync" && Number(args[0]) > connection.frame) {
      complain(user.voice, "User sent a timestamp of the future.");
    } else if (HANDS.has(opcode) && !user.readOnly) connection.done.push(one);
  }

  function complain({ socket }: Voice & Talker, why: string): void {
    complaints.push(why);
    socket.end();
  }

  const server: Server = createServer({ noDelay: true }, (socket) => {
    const seat: Seat = { chosen: null, said: [], user: null, connection: null, leave: null };
    const talker = talkOn(socket, (one, to) => serve(one, to, seat));
    open.add(talker);
    socket.on("close", () => {
      open.delete(talker);
      seat.leave?.();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connections,
    complaints,
    close: () =>
      new Promise((resolve) => {
        for (const { socket } of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** One who has connected, and how far they are. */
interface Seat {
  chosen: { readonly asked: string; readonly running: Running | null } | null;
  readonly said: string[];
  user: User | null;
  connection: Running | null;
  leave: (() => void) | null;
}
