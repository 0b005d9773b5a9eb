import { after, type ChannelId } from "../../../kernel/index.js";
import type { Instruction } from "../../../model/index.js";
import type { Notice, Outbox, Surface } from "../../../session/index.js";
import { createOverlay, type Tone } from "../overlay/index.js";

/** What of the session's own is shown on a desktop: questions, suspensions, messages, refusals. */
export interface DesktopScreen {
  readonly surface: Surface;
  readonly covered: boolean;
  /** What guacd draws, before the person sees it. */
  sees(instruction: Instruction): void;
  /** After it: what is shown of our own may have to be drawn again. */
  seen(instruction: Instruction): void;
  /** The client confirms something that only we have drawn. */
  swallows(acknowledged: Instruction): boolean;
  readonly message: (text: string) => void;
  readonly notice: (notice: Notice) => void;
  /** A message was shown long enough. */
  hush(): void;
}

/** Long enough to be read. */
const SHOWN_MS = 12_000;
const COLUMNS = 76;

export function createDesktopScreen(deps: {
  readonly channel: ChannelId;
  readonly outbox: Outbox;
  /** Nothing reaches the desktop from now on, or it does again. */
  readonly turned: (covered: boolean) => void;
}): DesktopScreen {
  const { channel, outbox } = deps;
  const overlay = createOverlay();
  let covers = 0;

  function say(instructions: readonly Instruction[]): void {
    for (const instruction of instructions) {
      outbox.add({ kind: "instruct", to: "person", instruction });
    }
  }

  function toast(lines: readonly string[], tone: Tone): void {
    say(overlay.say(lines, tone));
    outbox.setTimer("message", channel, after(outbox.at, SHOWN_MS));
  }

  const surface: Surface = {
    channel,
    columns: COLUMNS,
    cover() {
      covers += 1;
      if (covers === 1) deps.turned(true);
    },
    uncover() {
      if (covers === 0) return;
      covers -= 1;
      if (covers > 0) return;
      say(overlay.hide());
      deps.turned(false);
    },
    paint: (card) => say(overlay.show(card)),
  };

  return {
    surface,
    get covered() {
      return covers > 0;
    },
    sees({ opcode, args }) {
      if (opcode === "sync") overlay.synced(args[0] ?? "0");
    },
    seen({ opcode, args }) {
      if (opcode !== "size" || args[0] !== "0") return;
      say(overlay.resized(Number(args[1]), Number(args[2])));
    },
    swallows: ({ opcode, args }) => opcode === "ack" && overlay.owns(args[0] ?? ""),
    message: (text) => toast([text], "said"),
    notice: ({ headline, reason, next }) => toast([headline, reason, next], "refused"),
    hush: () => say(overlay.hush()),
  };
}
