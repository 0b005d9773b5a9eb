import type { Instruction } from "../../../model/index.js";
import type { Card } from "../../../session/index.js";
import { GLYPH_HEIGHT, GLYPH_WIDTH } from "./font.js";
import { drawText, type Colours, type Picture } from "./picture.js";
import { cardLines, wrapped } from "./wording.js";

/**
 * What Chaperone draws over a desktop, with nothing but instructions that every client understands. The
 * desktop goes on underneath and is current when the cover is taken off. Layers and streams have numbers
 * that guacd does not reach (it counts from 1, and has at most 512 streams).
 */
export interface Overlay {
  /** The layer 0 of the desktop, as guacd said it; what is shown is drawn again. */
  resized(width: number, height: number): readonly Instruction[];
  /** A frame of guacd: the number that a client takes without answering it. */
  synced(timestamp: string): void;
  /** Covers everything. */
  show(card: Card): readonly Instruction[];
  hide(): readonly Instruction[];
  /** A few lines at the top for a while; nothing while a card covers everything. */
  say(lines: readonly string[], tone?: Tone): readonly Instruction[];
  hush(): readonly Instruction[];
  /** An answer of the client to what was drawn here: guacd must not see it. */
  owns(stream: string): boolean;
}

/** Something was refused, or somebody says something. */
export type Tone = "refused" | "said";

const CARD_LAYER = "9000";
const TOAST_LAYER = "9001";
const CARD_STREAM = "90001";
const TOAST_STREAM = "90002";
/** Above every layer of guacd. */
const CARD_Z = "1000001";
const TOAST_Z = "1000000";
/** Channel mask of `cfill` and `img`: the destination is replaced where the source is drawn. */
const OVER = "14";
const OPAQUE = "255";
/** The largest payload of a blob that guacd sends: 6048 bytes, 8064 characters of base64. */
const BLOB_BYTES = 6_048;
const COLUMNS_MAX = 76;
const COLUMNS_MIN = 20;
const MARGIN = 16;

/** Around the lines of a card and of a message, in characters and lines. */
const PADDING = { columns: 2, lines: 1 };
const LEADING = 4;
/** A screen of this size shows characters as large as they are drawn; one of twice that, twice as large. */
const SCREEN_OF_SCALE_1 = { width: 900, height: 540 };

/** Every change of a card is drawn anew: larger ones would take milliseconds of everybody's time. */
const SCALE_MAX = 4;

/** Behind the card, and the card itself. */
const COVER = [18, 24, 38] as const;
const CARD_COLOURS: Colours = { paper: [34, 43, 64], ink: [244, 246, 250] };
const TOAST_COLOURS: Readonly<Record<Tone, Colours>> = {
  refused: { paper: [120, 20, 20], ink: [255, 255, 255] },
  said: { paper: [24, 62, 120], ink: [255, 255, 255] },
};

export function createOverlay(): Overlay {
  return new Drawn();
}

interface Toast {
  readonly lines: readonly string[];
  readonly tone: Tone;
}

class Drawn implements Overlay {
  #width = 1_024;
  #height = 768;
  #timestamp = "0";
  #card: Card | null = null;
  #toast: Toast | null = null;

  resized(width: number, height: number): readonly Instruction[] {
    this.#width = Math.max(1, width);
    this.#height = Math.max(1, height);
    if (this.#card !== null) return this.#drawCard(this.#card);
    return this.#toast === null ? [] : this.#drawToast(this.#toast);
  }

  synced(timestamp: string): void {
    this.#timestamp = timestamp;
  }

  show(card: Card): readonly Instruction[] {
    this.#card = card;
    return [...this.hush(), ...this.#drawCard(card)];
  }

  hide(): readonly Instruction[] {
    if (this.#card === null) return [];
    this.#card = null;
    return [{ opcode: "dispose", args: [CARD_LAYER] }, this.#flush()];
  }

  say(lines: readonly string[], tone: Tone = "said"): readonly Instruction[] {
    if (this.#card !== null) return [];
    this.#toast = { lines, tone };
    return this.#drawToast(this.#toast);
  }

  hush(): readonly Instruction[] {
    if (this.#toast === null) return [];
    this.#toast = null;
    return [{ opcode: "dispose", args: [TOAST_LAYER] }, this.#flush()];
  }

  owns(stream: string): boolean {
    return stream === CARD_STREAM || stream === TOAST_STREAM;
  }

  #drawCard(card: Card): readonly Instruction[] {
    const scale = this.#scale;
    const lines = cardLines(card, this.#columns());
    const room = Math.floor(this.#height / ((GLYPH_HEIGHT + LEADING) * scale)) - 2 * PADDING.lines;
    // The end is where the prompt stands; a screen of a few lines shows that much.
    const picture = drawn(lines.slice(-Math.max(1, room)), CARD_COLOURS, scale);
    const [width, height] = [String(this.#width), String(this.#height)];
    return [
      { opcode: "size", args: [CARD_LAYER, width, height] },
      { opcode: "move", args: [CARD_LAYER, "0", "0", "0", CARD_Z] },
      { opcode: "rect", args: [CARD_LAYER, "0", "0", width, height] },
      { opcode: "cfill", args: [OVER, CARD_LAYER, ...COVER.map(String), OPAQUE] },
      ...image(CARD_STREAM, CARD_LAYER, picture, {
        x: Math.max(0, Math.floor((this.#width - picture.width) / 2)),
        y: Math.max(0, Math.floor((this.#height - picture.height) / 3)),
      }),
      this.#flush(),
    ];
  }

  #drawToast(toast: Toast): readonly Instruction[] {
    const columns = this.#columns();
    const lines = toast.lines.flatMap((line) => wrapped(line, columns));
    const picture = drawn(lines, TOAST_COLOURS[toast.tone], this.#scale);
    const x = Math.max(0, Math.floor((this.#width - picture.width) / 2));
    return [
      { opcode: "size", args: [TOAST_LAYER, String(picture.width), String(picture.height)] },
      { opcode: "move", args: [TOAST_LAYER, "0", String(x), String(MARGIN), TOAST_Z] },
      ...image(TOAST_STREAM, TOAST_LAYER, picture, { x: 0, y: 0 }),
      this.#flush(),
    ];
  }

  /** Readable on a screen of many pixels, whole on one of few. */
  get #scale(): number {
    const wide = Math.floor(this.#width / SCREEN_OF_SCALE_1.width);
    const high = Math.floor(this.#height / SCREEN_OF_SCALE_1.height);
    return Math.max(1, Math.min(wide, high, SCALE_MAX));
  }

  #columns(): number {
    const fit = Math.floor((this.#width - 2 * MARGIN) / (GLYPH_WIDTH * this.#scale));
    return Math.max(COLUMNS_MIN, Math.min(COLUMNS_MAX, fit - 2 * PADDING.columns));
  }

  /** The same number again shows what was drawn, and the client does not answer it. */
  #flush(): Instruction {
    return { opcode: "sync", args: [this.#timestamp] };
  }
}

/** Lines with room around them, as wide as the longest. */
function drawn(lines: readonly string[], colours: Colours, scale: number): Picture {
  const widest = Math.max(...lines.map((line) => Array.from(line).length));
  const blank = Array<string>(PADDING.lines).fill("");
  const indented = lines.map((line) => " ".repeat(PADDING.columns) + line);
  const columns = widest + 2 * PADDING.columns;
  return drawText([...blank, ...indented, ...blank], columns, colours, { scale, leading: LEADING });
}

function image(
  stream: string,
  layer: string,
  { png }: Picture,
  at: { readonly x: number; readonly y: number },
): readonly Instruction[] {
  const blobs: Instruction[] = [];
  for (let start = 0; start < png.length; start += BLOB_BYTES) {
    const part = Buffer.from(png.subarray(start, start + BLOB_BYTES)).toString("base64");
    blobs.push({ opcode: "blob", args: [stream, part] });
  }
  return [
    { opcode: "img", args: [stream, OVER, layer, "image/png", String(at.x), String(at.y)] },
    ...blobs,
    { opcode: "end", args: [stream] },
  ];
}
