import { err, fault, ok, type Fault, type Result } from "../../../kernel/index.js";
import type { Instruction } from "../../../model/index.js";
import { connectTcp } from "../../../net/index.js";
import { createInstructionParser, type InstructionParser } from "../codec/index.js";
import { createTargetHandshake, type TargetHandshake } from "../handshake/index.js";
import type { TargetWishes } from "../handshake/target-handshake.js";
import { carryBySocket, createLeg, type Leg } from "./leg.js";

export interface GuacdAddress {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
}

/** A connection to guacd on which the handshake is over. */
export interface OpenGuacd {
  readonly leg: Leg;
  /** guacd's own number of the connection: whoever knows it can join it. */
  readonly number: string;
  /** Takes over what guacd sends; instructions that came with `ready` are told first. */
  listen(listener: GuacdListener): void;
}

export interface GuacdListener {
  readonly instruction: (instruction: Instruction, bytes: number) => void;
  readonly broken: (fault: Fault) => void;
  readonly pressed: () => void;
  readonly closed: (reason: string) => void;
}

/** guacd starts a process for a connection and looks up the target before it is ready. */
const ANSWER_MS = 20_000;

/** The names of the parameters that guacd has for a protocol. */
export async function askParameters(
  guacd: GuacdAddress,
  protocol: string,
): Promise<Result<readonly string[], Fault>> {
  const talk = await shakeHands(guacd, createTargetHandshake(protocol, null));
  if (!talk.ok) return talk;
  talk.value.leg.end();
  return talk.value.names === null
    ? err(fault("CHP_GUACAMOLE_GUACD", "guacd names no parameters"))
    : ok(talk.value.names);
}

/** Connects guacd to the target; answers when it is ready. */
export async function openGuacd(
  guacd: GuacdAddress,
  wishes: TargetWishes,
): Promise<Result<OpenGuacd, Fault>> {
  return await shakeHands(guacd, createTargetHandshake(wishes.protocol, wishes));
}

interface Shaken extends OpenGuacd {
  readonly names: readonly string[] | null;
}

async function shakeHands(
  guacd: GuacdAddress,
  handshake: TargetHandshake,
): Promise<Result<Shaken, Fault>> {
  const socket = await connectTcp(guacd);
  if (!socket.ok) {
    const where = `guacd at ${guacd.host}:${guacd.port}`;
    return err(fault("CHP_GUACAMOLE_GUACD", `${where}: ${socket.error}`));
  }
  socket.value.setKeepAlive(true, KEEPALIVE_MS);
  return await new Talk(createLeg(carryBySocket(socket.value)), handshake).begin();
}

const KEEPALIVE_MS = 30_000;

/** The conversation with one guacd: first the handshake, then whoever listens. */
class Talk {
  readonly #leg: Leg;
  readonly #handshake: TargetHandshake;
  readonly #parser: InstructionParser = createInstructionParser();
  #early: Instruction[] = [];
  #settle: ((result: Result<Shaken, Fault>) => void) | null = null;
  #listener: GuacdListener | null = null;
  #gone: string | null = null;

  constructor(leg: Leg, handshake: TargetHandshake) {
    this.#leg = leg;
    this.#handshake = handshake;
  }

  begin(): Promise<Result<Shaken, Fault>> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#fail("guacd does not answer in time"), ANSWER_MS);
      this.#settle = (result) => {
        clearTimeout(timer);
        this.#settle = null;
        resolve(result);
      };
      this.#leg.listen({
        received: (bytes) => this.#received(bytes),
        pressed: () => this.#listener?.pressed(),
        closed: (reason) => {
          this.#gone = reason;
          this.#fail("guacd closed the connection");
          this.#listener?.closed(reason);
        },
      });
      this.#leg.say(this.#handshake.start);
    });
  }

  listen(listener: GuacdListener): void {
    this.#listener = listener;
    const early = this.#early;
    this.#early = [];
    for (const instruction of early) listener.instruction(instruction, 0);
    if (this.#gone === null) this.#leg.resume();
    else listener.closed(this.#gone);
  }

  #received(bytes: Uint8Array): void {
    let counted = bytes.length;
    const fed = this.#parser.feed(bytes, (instruction) => {
      this.#take(instruction, counted);
      counted = 0;
      return true;
    });
    if (fed.ok) return;
    this.#fail(fed.error.message);
    this.#listener?.broken(fed.error);
  }

  #take(instruction: Instruction, bytes: number): void {
    if (this.#listener !== null) this.#listener.instruction(instruction, bytes);
    else if (this.#settle !== null) this.#shake(instruction);
    else this.#early.push(instruction); // of one read at most: the leg is paused
  }

  #shake(instruction: Instruction): void {
    const step = this.#handshake.read(instruction);
    if (!step.ok) {
      this.#end(step.error);
      return;
    }
    switch (step.value.type) {
      case "more":
        for (const one of step.value.send) this.#leg.say(one);
        return;
      case "parameters":
        this.#done(step.value.names);
        return;
      case "ready":
        // Nothing more is read until somebody listens.
        this.#leg.pause();
        this.#done(null, step.value.number);
        return;
    }
  }

  #done(names: readonly string[] | null, number = ""): void {
    const listen = (listener: GuacdListener): void => this.listen(listener);
    this.#settle?.(ok({ leg: this.#leg, names, number, listen }));
  }

  #fail(why: string): void {
    this.#end(fault("CHP_GUACAMOLE_GUACD", why));
  }

  #end(why: Fault): void {
    if (this.#settle === null) return;
    this.#settle(err(why));
    this.#leg.end();
  }
}
