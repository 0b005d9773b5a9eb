import type { KeyPress } from "../behaviour/index.js";
import type { ChannelId, Micros } from "../kernel/index.js";
import type { PageCard, WebKey } from "../model/index.js";
import type { Outbox } from "./outbox.js";
import type { Card, Surface } from "./question.js";

/** The pages of a web session, as one surface: what is answered there comes as keys of this channel. */
export const PAGE_CHANNEL = 0 as ChannelId; // adapters number terminals from 1

/** As their page timed them, on the clock of the session. Some have been pressed together: the order counts. */
export function keysAt(now: Micros, keys: readonly WebKey[]): readonly KeyPress[] {
  let last = 0;
  return keys.map(({ key, agoUs, heldUs }) => {
    last = Math.max(last, now - agoUs);
    const at = last as Micros; // a time of the session, shifted
    return { key, at, up: heldUs === null ? null : ((at + heldUs) as Micros) };
  });
}

export interface WebPage {
  readonly surface: Surface;
  readonly message: (text: string) => void;
}

export function createWebPage(outbox: Outbox): WebPage {
  let covers = 0;
  return {
    surface: {
      channel: PAGE_CHANNEL,
      columns: 0,
      cover() {
        covers += 1;
      },
      uncover() {
        covers -= 1;
        if (covers === 0) outbox.add({ kind: "page", card: null });
      },
      paint: (card) => outbox.add({ kind: "page", card: cardOf(card) }),
    },
    message: (text) => outbox.add({ kind: "page-message", text }),
  };
}

/** Columns say nothing about a page. */
function cardOf(card: Card): PageCard {
  if (card.type === "suspension") return card;
  const { type, headline, held, reason, phrase, lines, notes, prompt, answer } = card;
  const shown = { type, headline, reason, phrase, lines, notes, prompt, answer };
  return held === undefined ? shown : { ...shown, held };
}
