import { decodeUtf8, type ChannelId, type RequestId } from "../../kernel/index.js";
import type { Answer, InputBody, RequestAsked } from "../../model/index.js";

/** Things that are judged one at a time, without a stream: for the machine each is a short channel. */
export interface UnitDesk {
  inspect(seq: number, unit: Unit, waitMs: number): Promise<UnitVerdict>;
  /** False when it is not an answer to one of these. */
  answered(request: RequestId, answer: Answer): boolean;
  owns(channel: ChannelId): boolean;
  /** A line for the person. */
  told(channel: ChannelId, bytes: Uint8Array): void;
  /** Nothing more is decided. */
  end(): void;
}

export type Unit =
  | { readonly kind: "command"; readonly command: string }
  | { readonly kind: "forward"; readonly host: string; readonly port: number };

export interface UnitVerdict {
  readonly seq: number;
  /** `hold`: somebody is being asked; ask again with the same number. */
  readonly verdict: "allow" | "hold" | "block" | "kill";
  /** For the person: why it is held or stopped, links of questions. Warnings come with `allow`. */
  readonly told: string;
  /** Of a session that is observed: rules that hit, and what they would have done. */
  readonly rules?: readonly ObservedRule[];
}

/** What a rule would have done. */
export interface ObservedRule {
  readonly id: string;
  readonly wouldHave: string;
}

export interface UnitDeskDeps {
  readonly input: (body: InputBody) => void;
  readonly channel: () => ChannelId;
  readonly request: () => RequestId;
  readonly over: () => boolean;
}

/** Units that are not decided yet, and those decided that may be asked about again. */
const UNITS_MAX = 256;
/** Calls that wait for one unit at the same time. */
const WAITING_MAX = 16;
const NO_BYTES = { toTarget: 0, toPerson: 0 };

interface Asked {
  /** What was asked under this number: nothing else gets its verdict. */
  readonly what: string;
  readonly channel: ChannelId;
  readonly request: RequestAsked | null;
  verdict: UnitVerdict["verdict"];
  told: string;
  readonly waiting: Set<() => void>;
}

export function createUnitDesk(deps: UnitDeskDeps): UnitDesk {
  const units = new Map<number, Asked>();
  const byRequest = new Map<RequestId, Asked>();
  const byChannel = new Map<ChannelId, Asked>();

  function begin(seq: number, unit: Unit): Asked | null {
    if (deps.over() || !roomForOne()) return null;
    const asked: Asked = {
      what: JSON.stringify(unit),
      channel: deps.channel(),
      request: unit.kind === "command" ? { type: "exec", command: unit.command } : null,
      verdict: "hold",
      told: "",
      waiting: new Set(),
    };
    units.set(seq, asked);
    byChannel.set(asked.channel, asked);
    const { host, port } = unit.kind === "forward" ? unit : { host: "", port: 0 };
    const forward = { type: "direct-tcpip", host, port, ...FROM_GATEWAY } as const;
    const request = deps.request();
    byRequest.set(request, asked);
    deps.input({
      kind: "channel-asked",
      channel: asked.channel,
      request,
      asked: unit.kind === "command" ? { type: "session" } : forward,
    });
    return asked;
  }

  /** The oldest decided one makes room; what is undecided stays. */
  function roomForOne(): boolean {
    if (units.size < UNITS_MAX) return true;
    for (const [seq, one] of units) {
      if (one.verdict === "hold") continue;
      byChannel.delete(one.channel);
      return units.delete(seq);
    }
    return false;
  }

  async function decided(asked: Asked, waitMs: number): Promise<void> {
    if (asked.verdict !== "hold" || asked.waiting.size >= WAITING_MAX) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        asked.waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, waitMs);
      asked.waiting.add(done);
    });
  }

  function settle(asked: Asked, verdict: UnitVerdict["verdict"]): void {
    asked.verdict = verdict;
    for (const done of [...asked.waiting]) done();
  }

  /** For the machine it is over as soon as it is decided. */
  function close(asked: Asked, started: boolean): void {
    const { channel } = asked;
    if (started) deps.input({ kind: "target-exited", channel, exit: { type: "none" } });
    deps.input({ kind: "channel-closed", channel, bytes: NO_BYTES });
  }

  return {
    async inspect(seq, unit, waitMs) {
      const known = units.get(seq);
      if (known !== undefined && known.what !== JSON.stringify(unit)) {
        return { seq, verdict: "block", told: "this number was used for something else" };
      }
      const asked = known ?? begin(seq, unit);
      if (asked === null) return { seq, verdict: "block", told: "too many units wait" };
      await decided(asked, waitMs);
      const { verdict, told } = asked;
      return { seq, told, verdict: verdict === "block" && deps.over() ? "kill" : verdict };
    },
    answered(request, answer) {
      const asked = byRequest.get(request);
      if (asked === undefined) return false;
      if (answer.type === "asking") return true;
      byRequest.delete(request);
      if (answer.type === "granted" && asked.request !== null) {
        // The channel is there: now what it is for.
        const next = deps.request();
        byRequest.set(next, asked);
        const { channel, request: wanted } = asked;
        deps.input({ kind: "request-asked", channel, request: next, asked: wanted });
        return true;
      }
      const allowed = answer.type === "granted" || answer.type === "started";
      if (answer.type === "refused") asked.told += answer.reason;
      if (answer.type === "ended") asked.told += answer.message;
      settle(asked, allowed ? "allow" : "block");
      close(asked, answer.type === "started");
      return true;
    },
    owns: (channel) => byChannel.has(channel),
    told(channel, bytes) {
      const asked = byChannel.get(channel);
      if (asked !== undefined) asked.told += decodeUtf8(bytes);
    },
    end() {
      for (const one of units.values()) if (one.verdict === "hold") settle(one, "kill");
    },
  };
}

/** Where the connection came from is not known here. */
const FROM_GATEWAY = { originHost: "127.0.0.1", originPort: 0 } as const;
