import type { Direction, Instruction } from "../instruction.js";
import type { StreamKind } from "../stream-facts.js";
import { indexOf, nameOf, typeOf } from "./stream-words.js";

/** A stream as the instruction that opens it asks for it. */
export interface StreamAsked {
  readonly index: number;
  /** Null: a picture of the screen, which is nobody's data. */
  readonly kind: StreamKind | null;
  readonly mimetype: string;
  readonly name: string;
  /** Index of the object that it belongs to. */
  readonly object?: number;
}

interface Shape {
  readonly kinds: { readonly [D in Direction]?: StreamKind | "picture" };
  /** Places of the arguments. */
  readonly stream: number;
  readonly mimetype: number;
  readonly name?: number;
  readonly object?: number;
}

/** Instructions that open a stream, and who may send them (guacamole protocol reference, 1.5). */
const SHAPES: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  [
    "clipboard",
    { kinds: { "from-client": "clipboard", "from-server": "clipboard" }, stream: 0, mimetype: 1 },
  ],
  [
    "file",
    {
      kinds: { "from-client": "upload", "from-server": "download" },
      stream: 0,
      mimetype: 1,
      name: 2,
    },
  ],
  ["put", { kinds: { "from-client": "upload" }, object: 0, stream: 1, mimetype: 2, name: 3 }],
  ["body", { kinds: { "from-server": "download" }, object: 0, stream: 1, mimetype: 2, name: 3 }],
  [
    "pipe",
    { kinds: { "from-client": "pipe", "from-server": "pipe" }, stream: 0, mimetype: 1, name: 2 },
  ],
  [
    "argv",
    { kinds: { "from-client": "argv", "from-server": "argv" }, stream: 0, mimetype: 1, name: 2 },
  ],
  ["audio", { kinds: { "from-client": "audio", "from-server": "audio" }, stream: 0, mimetype: 1 }],
  ["video", { kinds: { "from-server": "video" }, stream: 0, mimetype: 2 }],
  ["img", { kinds: { "from-server": "picture" }, stream: 0, mimetype: 3 }],
]);

export function opensStream(opcode: string): boolean {
  return SHAPES.has(opcode);
}

/** Null when it is not formed as the protocol asks, or comes from the wrong side. */
export function readAsked({ opcode, args }: Instruction, direction: Direction): StreamAsked | null {
  const shape = SHAPES.get(opcode);
  const kind = shape?.kinds[direction];
  if (shape === undefined || kind === undefined) return null;
  const index = indexOf(args[shape.stream]);
  const mimetype = args[shape.mimetype];
  if (index === null || mimetype === undefined) return null;
  const name = shape.name === undefined ? "" : args[shape.name];
  if (name === undefined) return null;
  const object = shape.object === undefined ? undefined : indexOf(args[shape.object]);
  if (object === null) return null;
  const asked = { index, mimetype: typeOf(mimetype), name: nameOf(name) };
  const placed = object === undefined ? asked : { ...asked, object };
  if (kind === "picture") return { ...placed, kind: null };
  return { ...placed, kind: opcode === "body" && isListing(asked.mimetype) ? "listing" : kind };
}

function isListing(mimetype: string): boolean {
  return mimetype === "application/vnd.glyptodon.guacamole.stream-index+json";
}
