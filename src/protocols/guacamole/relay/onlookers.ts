import type { Instruction } from "../../../model/index.js";
import { checkInstruction } from "../codec/index.js";
import { WANTS_DEFAULT } from "../handshake/index.js";
import { openGuacd, type GuacdAddress, type OpenGuacd } from "./guacd.js";

/**
 * Those who look on at one desktop. For each, the connection is joined at guacd by one who may only look:
 * guacd draws for them what stands on the screen, and goes on with what changes. Nothing that they could
 * send exists.
 */
export interface Onlookers {
  look(observer: string, on: boolean): void;
  /** The desktop is there, and under this number. */
  opened(guacd: GuacdAddress, number: string): void;
  close(): void;
}

interface Seat {
  /** Null until guacd has let them in. */
  joined: OpenGuacd | null;
}

/** guacd's parameters of a user who joins: they see, and that is all. */
const ONLY_LOOKS: ReadonlySet<string> = new Set([
  "read-only",
  "disable-copy",
  "disable-paste",
  "disable-download",
  "disable-upload",
]);

/** `drawn`: what guacd said to an observer in one read; null: they can not be shown it any more. */
export function createOnlookers(
  drawn: (observer: string, instructions: readonly Instruction[] | null) => void,
): Onlookers {
  const looking = new Map<string, Seat>();
  let desktop: { readonly guacd: GuacdAddress; readonly number: string } | null = null;

  async function join(observer: string, seat: Seat): Promise<void> {
    if (desktop === null) return;
    const { guacd, number } = desktop;
    const joined = await openGuacd(guacd, {
      protocol: number,
      wants: WANTS_DEFAULT,
      values: (name) => (ONLY_LOOKS.has(name) ? "true" : ""),
    });
    if (looking.get(observer) !== seat) {
      if (joined.ok) joined.value.leg.end();
    } else if (joined.ok) show(observer, seat, joined.value);
    else lose(observer, seat);
  }

  function show(observer: string, seat: Seat, joined: OpenGuacd): void {
    seat.joined = joined;
    let batch: Instruction[] = [];
    function flush(): void {
      const told = batch;
      batch = [];
      if (looking.get(observer) === seat) drawn(observer, told);
    }
    joined.listen({
      instruction(instruction) {
        const checked = checkInstruction(instruction, "target");
        if (!checked.ok) lose(observer, seat);
        else if (checked.value === "known") {
          // guacd drops who does not answer its frames; clients say the time of the frame and no more.
          if (instruction.opcode === "sync") {
            joined.leg.say({ opcode: "sync", args: instruction.args.slice(0, 1) });
          }
          if (batch.length === 0) queueMicrotask(flush);
          batch.push(instruction);
        }
      },
      broken: () => lose(observer, seat),
      pressed: () => undefined,
      closed: () => lose(observer, seat),
    });
  }

  function lose(observer: string, seat: Seat): void {
    if (looking.get(observer) !== seat) return;
    leave(observer);
    drawn(observer, null);
  }

  function leave(observer: string): void {
    const joined = looking.get(observer)?.joined ?? null;
    looking.delete(observer);
    if (joined === null) return;
    joined.leg.say({ opcode: "disconnect", args: [] });
    joined.leg.end();
  }

  return {
    look(observer, on) {
      if (!on) leave(observer);
      else if (!looking.has(observer)) {
        const seat: Seat = { joined: null };
        looking.set(observer, seat);
        void join(observer, seat);
      }
    },
    opened(guacd, number) {
      desktop = { guacd, number };
      for (const [observer, seat] of looking) void join(observer, seat);
    },
    close() {
      for (const observer of [...looking.keys()]) leave(observer);
    },
  };
}
