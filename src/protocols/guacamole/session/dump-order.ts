import { MICROS_PER_MS, type ChannelId, type Micros } from "../../../kernel/index.js";
import type { Instruction, RecordEntry } from "../../../model/index.js";
import type { Outbox } from "../../../session/index.js";
import type { KeyTiming } from "../understanding/index.js";
import { keysymOf } from "./key-symbols.js";
import { createPictures } from "./pictures.js";

/**
 * What of a desktop goes into its recording: everything that was drawn, and what the person did, as far
 * as nothing of it is secret. The contents of clipboards and files never do. The times of keys and of
 * the mouse stand on guacd's own clock, like those of its frames.
 */
export interface DumpOrder {
  drawn(instruction: Instruction): void;
  moved(mouse: Instruction): void;
  /** Of lines that were entered and may be shown; they come later than what was drawn meanwhile. */
  typed(keys: readonly KeyTiming[]): void;
  mark(label: string): void;
  start(): void;
  end(): void;
}

export function createDumpOrder(deps: {
  readonly channel: ChannelId;
  readonly outbox: Outbox;
  readonly desktop: boolean;
  readonly input: boolean;
}): DumpOrder {
  return deps.desktop ? new Dump(deps) : NOTHING;
}

class Dump implements DumpOrder {
  readonly #channel: ChannelId;
  readonly #outbox: Outbox;
  readonly #input: boolean;
  readonly #pictures = createPictures();
  /** guacd's clock (ms) and ours at its last frame. */
  #frame: { readonly ms: number; readonly at: Micros } | null = null;

  constructor(deps: {
    readonly channel: ChannelId;
    readonly outbox: Outbox;
    readonly input: boolean;
  }) {
    this.#channel = deps.channel;
    this.#outbox = deps.outbox;
    this.#input = deps.input;
  }

  start(): void {
    this.#add({ type: "start", at: this.#outbox.at, columns: 0, rows: 0, term: "guacamole" });
  }

  drawn(instruction: Instruction): void {
    const { opcode, args } = instruction;
    if (opcode === "sync") this.#frame = { ms: Number(args[0]), at: this.#outbox.at };
    if (this.#pictures.draws(instruction)) this.#instruction(instruction);
  }

  moved({ args }: Instruction): void {
    const [x = "0", y = "0", mask = "0"] = args;
    const ms = this.#ms(this.#outbox.at);
    if (this.#input && ms !== null) {
      this.#instruction({ opcode: "mouse", args: [x, y, mask, ms] });
    }
  }

  typed(keys: readonly KeyTiming[]): void {
    if (!this.#input) return;
    for (const { key, at, up } of keys) {
      const symbol = keysymOf(key);
      const down = this.#ms(at);
      if (symbol === null || down === null) continue;
      this.#instruction({ opcode: "key", args: [String(symbol), "1", down] });
      this.#instruction({
        opcode: "key",
        args: [String(symbol), "0", up === null ? down : (this.#ms(up) ?? down)],
      });
    }
  }

  /** guacd's dumps have no marks; `log` is what its players skip. */
  mark(label: string): void {
    this.#instruction({ opcode: "log", args: [label] });
  }

  end(): void {
    this.#add({ type: "end", at: this.#outbox.at });
  }

  #ms(at: Micros): string | null {
    if (this.#frame === null) return null;
    return String(Math.max(0, Math.round(this.#frame.ms + (at - this.#frame.at) / MICROS_PER_MS)));
  }

  #instruction(instruction: Instruction): void {
    this.#add({ type: "instruction", at: this.#outbox.at, instruction });
  }

  #add(entry: RecordEntry): void {
    this.#outbox.add({ kind: "record", channel: this.#channel, entry });
  }
}

const NOTHING: DumpOrder = {
  drawn: () => undefined,
  moved: () => undefined,
  typed: () => undefined,
  mark: () => undefined,
  start: () => undefined,
  end: () => undefined,
};
