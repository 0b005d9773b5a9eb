import { randomUUID } from "node:crypto";
import {
  channelId,
  describeFault,
  escapeControls,
  sessionId,
  type Fault,
  type Result,
  fault,
} from "../../../kernel/index.js";
import {
  isDesktopProtocol,
  type DesktopProtocol,
  type Effect,
  type Instruction,
} from "../../../model/index.js";
import { checkInstruction, createInstructionParser } from "../codec/index.js";
import {
  createPersonHandshake,
  parameterValues,
  TOKEN_PARAMETER,
  type Opening,
} from "../handshake/index.js";
import { admit, tellStranger, type Visitor } from "./admission.js";
import type { DesktopHandle, DesktopPlan, GuacamolePorts } from "../ports.js";
import { openGuacd, type OpenGuacd } from "./guacd.js";
import type { Leg } from "./leg.js";
import { createOnlookers } from "./onlookers.js";
import type { ParameterBook } from "./parameter-book.js";
import { STATUS, type Status } from "./status.js";

/** One person's connection, from the first byte to the last. */
export interface DesktopConnection {
  /** Ends the session, or what was to become one, and tells the person why. */
  end(reason: string): void;
}

export interface ConnectionStart {
  readonly leg: Leg;
  readonly origin: string;
  readonly loginTimeoutMs: number;
  readonly parameters: ParameterBook;
  /** Who comes by the tunnel has shook hands already: what is wanted, and the token. */
  readonly tunnelled?: {
    readonly opening: Opening;
    readonly token: string;
    /** Absent: whatever the target's is. */
    readonly protocol?: string;
  };
  readonly closed: () => void;
}

/** A desktop is one channel. */
export const DESKTOP_CHANNEL = channelId(0);
/** What the JavaScript client asks its tunnel; `ping` has to be answered with the same. */
const INTERNAL_OPCODE = "";
const NO_ANSWER = "the client does not wait for the answer";

export function serveDesktop(ports: GuacamolePorts, start: ConnectionStart): DesktopConnection {
  return new Connection(ports, start);
}

/** The protocol's own are shorter. */
const OPCODE_CHARS_MAX = 32;
/** Some cards, and the pictures in them. */
const EARLY_MAX = 1_024;

type Stage =
  | { readonly name: "handshake" }
  /** Token, session, guacd: one after the other, while the client waits. */
  | { readonly name: "opening" }
  | { readonly name: "open"; readonly guacd: OpenGuacd }
  | { readonly name: "over" };

class Connection implements DesktopConnection {
  readonly #ports: GuacamolePorts;
  readonly #start: ConnectionStart;
  readonly #parser = createInstructionParser();
  readonly #handshake = createPersonHandshake();
  readonly #session = sessionId(randomUUID());
  readonly #timer: NodeJS.Timeout;
  #stage: Stage = { name: "handshake" };
  #protocol: DesktopProtocol | null = null;
  #handle: DesktopHandle | null = null;
  readonly #onlookers = createOnlookers((observer, drawn) =>
    this.#handle?.input({ kind: "watched", observer, drawn }),
  );
  /** Drawn over a desktop that is not there yet. */
  #early: Instruction[] = [];
  #toTarget = 0;
  #gone = false;

  constructor(ports: GuacamolePorts, start: ConnectionStart) {
    this.#ports = ports;
    this.#start = start;
    this.#timer = setTimeout(() => {
      if (this.#stage.name !== "open") this.#refuse("the handshake took too long", STATUS.timeout);
    }, start.loginTimeoutMs).unref();
    start.leg.listen({
      received: (bytes) => this.#received(bytes),
      pressed: () => this.#pressed(),
      closed: (reason) => this.#personGone(reason),
    });
    if (start.tunnelled !== undefined) this.#tunnelled(start.tunnelled);
  }

  end(reason: string): void {
    if (this.#handle === null) this.#refuse(reason, STATUS.sessionClosed);
    else this.#close(reason, STATUS.sessionClosed);
  }

  // --- the person speaks -------------------------------------------------------------------------

  #received(bytes: Uint8Array): void {
    if (this.#stage.name === "open") this.#toTarget += bytes.length;
    const fed = this.#parser.feed(bytes, (instruction) => {
      this.#heard(instruction);
      return this.#stage.name !== "over";
    });
    if (!fed.ok) this.#violated(fed.error);
  }

  #heard(instruction: Instruction): void {
    switch (this.#stage.name) {
      case "handshake":
        if (isIdle(instruction)) this.#answerPing(instruction);
        else this.#shake(instruction);
        return;
      case "opening":
        if (isIdle(instruction)) this.#answerPing(instruction);
        else this.#violated(fault("CHP_GUACAMOLE_HANDSHAKE", NO_ANSWER));
        return;
      case "open":
        this.#said(instruction, this.#stage.guacd);
        return;
      case "over":
    }
  }

  #said(instruction: Instruction, guacd: OpenGuacd): void {
    if (instruction.opcode === INTERNAL_OPCODE) {
      this.#answerPing(instruction);
      return;
    }
    const checked = checkInstruction(instruction, "person");
    if (!checked.ok) this.#violated(checked.error);
    else if (checked.value === "unknown") this.#unknown(instruction);
    else if (instruction.opcode === "disconnect") {
      guacd.leg.say(instruction);
      this.#close("the person disconnected", null);
    } else this.#handle?.input({ kind: "instruction", from: "person", instruction });
  }

  /** What it would do, no rule knows: told by its name, and its content goes nowhere. */
  #unknown({ opcode }: Instruction): void {
    const named = { opcode: opcode.slice(0, OPCODE_CHARS_MAX), args: [] };
    this.#handle?.input({ kind: "instruction", from: "person", instruction: named });
  }

  /** guacamole-lite passes the pings of its browsers on; without an answer they believe in a bad network. */
  #answerPing({ opcode, args }: Instruction): void {
    const { leg } = this.#start;
    const isPing = opcode === INTERNAL_OPCODE && args[0] === "ping" && args.length <= 2;
    if (isPing && !leg.congested) {
      leg.say({ opcode: INTERNAL_OPCODE, args });
    }
  }

  #shake(instruction: Instruction): void {
    const step = this.#handshake.read(instruction);
    if (!step.ok) {
      this.#violated(step.error);
      return;
    }
    switch (step.value.type) {
      case "more":
        return;
      case "selected":
        void this.#selected(step.value.protocol);
        return;
      case "connected": {
        const { opening } = step.value;
        void this.#open(opening, opening.values.get(TOKEN_PARAMETER) ?? "");
        return;
      }
    }
  }

  #tunnelled({ opening, token, protocol }: NonNullable<ConnectionStart["tunnelled"]>): void {
    if (protocol === undefined || isDesktopProtocol(protocol)) {
      this.#protocol = protocol ?? null;
      void this.#open(opening, token);
    } else this.#refuse("this protocol is not served here", STATUS.badRequest);
  }

  async #selected(protocol: string): Promise<void> {
    if (!isDesktopProtocol(protocol)) {
      this.#refuse("this protocol is not served here", STATUS.badRequest);
      return;
    }
    this.#protocol = protocol;
    const names = await this.#start.parameters.of(protocol);
    if (this.#stage.name !== "handshake") return;
    if (names.ok) this.#start.leg.say(this.#handshake.argsFor(names.value));
    else this.#refuse("guacd is not there", STATUS.upstreamUnavailable, names.error);
  }

  // --- the way in --------------------------------------------------------------------------------

  async #open(opening: Opening, token: string): Promise<void> {
    this.#stage = { name: "opening" };
    const facts = await admit(this.#ports.authority, this.#visitor(), token);
    if (this.#isOver()) return;
    if (!facts.ok) {
      this.#refuse("no valid token", STATUS.unauthorized, facts.error);
      return;
    }
    const handle = this.#ports.sessions.open(facts.value, {
      carryOut: (effect) => this.#carryOut(effect),
    });
    this.#handle = handle;
    handle.input({ kind: "opened" });
    const plan = await this.#ports.targets.plan(facts.value);
    if (this.#isOver()) return;
    const guacd = plan.ok ? await this.#dial(plan.value, opening, facts.value.target.name) : plan;
    if (plan.ok) plan.value.password?.wipe();
    if (this.#isOver()) {
      if (guacd.ok) guacd.value.leg.end();
      return;
    }
    if (plan.ok && guacd.ok) this.#begin(guacd.value, plan.value);
    else {
      const reason = guacd.ok ? "" : describeFault(guacd.error);
      handle.input({ kind: "target-failed", reason });
      this.#close("the target can not be reached", STATUS.upstreamNotFound);
    }
  }

  #visitor(): Visitor {
    return {
      session: this.#session,
      origin: this.#start.origin,
      by: this.#start.tunnelled === undefined ? "guacd" : "tunnel",
      protocol: this.#protocol,
      gone: () => this.#isOver(),
    };
  }

  #dial(
    plan: DesktopPlan,
    { wants, values }: Opening,
    target: string,
  ): Promise<Result<OpenGuacd, Fault>> {
    const { host, port, settings } = plan;
    const policy = this.#ports.policyOf(target);
    return openGuacd(
      { ...plan.guacd, timeoutMs: plan.connectTimeoutMs },
      {
        protocol: plan.protocol,
        wants,
        values: parameterValues(
          values,
          { host, port, settings, credential: credentialOf(plan), policy },
          wants,
        ),
      },
    );
  }

  #begin(guacd: OpenGuacd, plan: DesktopPlan): void {
    clearTimeout(this.#timer);
    this.#stage = { name: "open", guacd };
    // A number of our own: guacd lets in whoever knows its.
    const { leg, tunnelled } = this.#start;
    const number = `$${randomUUID()}`;
    if (tunnelled === undefined) leg.say({ opcode: "ready", args: [number] });
    else leg.say({ opcode: INTERNAL_OPCODE, args: [number.slice(1)] });
    const early = this.#early;
    this.#early = [];
    for (const instruction of early) leg.say(instruction);
    guacd.listen({
      instruction: (instruction) => this.#answered(instruction),
      broken: (why) => this.#targetFailed(describeFault(why)),
      pressed: () => this.#pressed(),
      closed: () => this.#close("the target closed the connection", null),
    });
    this.#pressed();
    this.#onlookers.opened({ ...plan.guacd, timeoutMs: plan.connectTimeoutMs }, guacd.number);
  }

  // --- guacd speaks ------------------------------------------------------------------------------

  #answered(instruction: Instruction): void {
    if (this.#stage.name !== "open") return;
    const checked = checkInstruction(instruction, "target");
    if (!checked.ok) this.#targetFailed(describeFault(checked.error));
    else if (checked.value === "known") {
      const why = instruction.opcode === "error" ? complaintOf(instruction) : null;
      if (why !== null) this.#handle?.input({ kind: "target-failed", reason: why });
      this.#handle?.input({ kind: "instruction", from: "target", instruction });
    }
  }

  #targetFailed(reason: string): void {
    this.#handle?.input({ kind: "target-failed", reason });
    this.#close("guacd does not speak as it should", STATUS.serverError);
  }

  // --- the machine decides -----------------------------------------------------------------------

  #carryOut(effect: Effect): void {
    if (effect.kind === "close-session") this.#close(effect.reason, STATUS.sessionClosed);
    else if (effect.kind === "look-on") this.#onlookers.look(effect.observer, effect.on);
    else if (effect.kind !== "instruct")
      return; // a desktop has nothing else to carry out
    else if (effect.to === "person") this.#show(effect.instruction);
    else if (this.#stage.name === "open") this.#stage.guacd.leg.say(effect.instruction);
  }

  /** Before it is `ready`, a client takes nothing that is drawn: a question of the first moment waits. */
  #show(instruction: Instruction): void {
    if (this.#stage.name === "open") this.#start.leg.say(instruction);
    else if (this.#early.length < EARLY_MAX) this.#early.push(instruction);
    else this.#close("too much waits until the desktop is there", STATUS.serverError);
  }

  // --- both --------------------------------------------------------------------------------------

  /** Whoever does not take what was sent stops the other one: nothing piles up here. */
  #pressed(): void {
    if (this.#stage.name !== "open") return;
    const { leg: target } = this.#stage.guacd;
    const { leg: person } = this.#start;
    if (target.congested) person.pause();
    else person.resume();
    if (person.congested) target.pause();
    else target.resume();
  }

  #violated(why: Fault): void {
    this.#ports.log.warn("guacamole-refused", {
      session: this.#session,
      origin: this.#start.origin,
      fault: describeFault(why),
    });
    if (this.#handle === null) {
      if (this.#stage.name === "handshake")
        void tellStranger(this.#ports.authority, this.#visitor());
      this.#refuse(why.message, STATUS.badRequest);
      return;
    }
    const reason = `${why.code}: ${why.message}`;
    this.#handle.input({ kind: "kill-ordered", by: "sidecar", reason });
    this.#close(reason, STATUS.badRequest);
  }

  /** There is no session: the person is told, and that is all. */
  #refuse(reason: string, status: Status, why?: Fault): void {
    if (why !== undefined) {
      const facts = { session: this.#session, origin: this.#start.origin };
      this.#ports.log.warn("guacamole-refused", { ...facts, fault: describeFault(why) });
    }
    this.#close(reason, status);
  }

  /** The last words go to both; null: the person needs none. */
  #close(reason: string, status: Status | null): void {
    if (this.#stage.name === "over") return;
    clearTimeout(this.#timer);
    const stage = this.#stage;
    this.#stage = { name: "over" };
    const { leg } = this.#start;
    if (status !== null) leg.say({ opcode: "error", args: [reason, String(status)] });
    leg.say({ opcode: "disconnect", args: [] });
    if (stage.name === "open") {
      stage.guacd.leg.say({ opcode: "disconnect", args: [] });
      stage.guacd.leg.end();
    }
    leg.end();
    this.#finish(reason);
  }

  #personGone(reason: string): void {
    this.#close(`the person is gone: ${reason}`, null);
    this.#start.closed();
  }

  /** The last thing the machine hears. */
  #finish(reason: string): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#onlookers.close();
    const bytes = { toTarget: this.#toTarget, toPerson: this.#start.leg.bytesSent };
    this.#handle?.input({ kind: "channel-closed", channel: DESKTOP_CHANNEL, bytes });
    this.#handle?.input({ kind: "disconnected", reason });
  }

  // Asked through a function: the stage changes while something is waited for.
  #isOver(): boolean {
    return this.#stage.name === "over";
  }
}

/** As guacd takes it: text, which is not wiped but goes with the connection's set-up. */
function credentialOf({ account, password }: DesktopPlan) {
  if (password === null) return null;
  return {
    username: account,
    password: password.reveal((bytes) => Buffer.from(bytes).toString()),
  };
}

/** guacd's `error`: why the target is not there any more. Null: it was closed, as at signing out. */
function complaintOf({ args: [text = "", status = ""] }: Instruction): string | null {
  if (Number(status) === STATUS.sessionClosed) return null;
  return `guacd says: ${escapeControls(text.slice(0, COMPLAINT_CHARS_MAX))} (${status})`;
}

/** guacd's own sentences are shorter. */
const COMPLAINT_CHARS_MAX = 200;

/** What a client may say while it waits. */
function isIdle({ opcode }: Instruction): boolean {
  return opcode === INTERNAL_OPCODE || opcode === "nop";
}
