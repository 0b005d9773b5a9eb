import { after, type ChannelId } from "../kernel/index.js";
import type { TypedLine } from "../terminal/index.js";
import { createAside } from "./aside.js";
import { overlay } from "./notice.js";
import type { Outbox } from "./outbox.js";
import type { Surface } from "./question.js";

/** What Chaperone lays over the target's screen on one terminal, and how it is taken off again. */
export interface TerminalCover {
  readonly surface: Surface;
  /** The target's output: shown, or kept while something covers the screen. */
  show(bytes: Uint8Array): void;
  /** A line of somebody else's for a while; nothing while something covers the screen. */
  readonly message: (text: string) => void;
  /** The message has been shown long enough: the screen is painted again, cell for cell. */
  readonly clearMessage: () => void;
  /** Takes off whatever lies there. */
  readonly reveal: () => void;
}

/** Long enough to be read. */
const MESSAGE_SHOWN_MS = 12_000;

export function createTerminalCover(deps: {
  readonly channel: ChannelId;
  readonly outbox: Outbox;
  readonly line: TypedLine;
  readonly size: () => { readonly columns: number; readonly rows: number };
  readonly closed: () => boolean;
}): TerminalCover {
  const { channel, outbox, line } = deps;
  const aside = createAside({ channel, outbox, line });
  let covers = 0;
  let messageShown = false;

  function clearMessage(): void {
    if (!messageShown) return;
    messageShown = false;
    outbox.clearTimer("message", channel);
    if (!deps.closed()) outbox.toPerson(channel, line.repaint());
  }

  const surface: Surface = {
    channel,
    get columns() {
      return deps.size().columns;
    },
    cover() {
      covers += 1;
      if (covers > 1) return;
      clearMessage();
      aside.cover();
    },
    uncover() {
      if (covers === 0) return;
      covers -= 1;
      if (covers === 0) aside.giveBack();
    },
  };

  return {
    surface,
    show(bytes) {
      if (covers > 0) aside.put(bytes);
      else outbox.toPerson(channel, bytes);
    },
    message: (text) => {
      if (covers > 0) return;
      // Two of them may not lie at different ends of the screen: the older one would seem to hold still.
      clearMessage();
      const { columns, rows } = deps.size();
      outbox.toPerson(channel, overlay(text, { columns, rows, cursorRow: line.cursorRow }));
      messageShown = true;
      outbox.setTimer("message", channel, after(outbox.at, MESSAGE_SHOWN_MS));
    },
    clearMessage,
    reveal: () => {
      while (covers > 0) surface.uncover();
    },
  };
}
