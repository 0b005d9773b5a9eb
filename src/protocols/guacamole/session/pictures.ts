import type { Instruction } from "../../../model/index.js";

/**
 * What of guacd's instructions is a picture: what draws on layers, the streams of images, and where the
 * pointer of somebody else is. Clipboards, files and everything else that passes beside the screen is none.
 */
export interface Pictures {
  /** Asked of every instruction of guacd, in their order: streams are remembered. */
  draws(instruction: Instruction): boolean;
}

/** Drawing on layers, and what belongs to it; https://guacamole.apache.org/doc/gug/protocol-reference.html */
const DRAWING: ReadonlySet<string> = new Set([
  "arc",
  "cfill",
  "clip",
  "close",
  "copy",
  "cstroke",
  "cursor",
  "curve",
  "dispose",
  "distort",
  "identity",
  "lfill",
  "line",
  "lstroke",
  "mouse",
  "move",
  "pop",
  "push",
  "rect",
  "reset",
  "set",
  "shade",
  "size",
  "start",
  "sync",
  "transfer",
  "transform",
]);

/** guacd has at most so many streams open; more are none of its own. */
const STREAMS_MAX = 1_024;

export function createPictures(): Pictures {
  const images = new Set<string>();
  return {
    draws({ opcode, args }) {
      const [stream = ""] = args;
      if (opcode === "img") {
        if (images.size >= STREAMS_MAX) images.clear();
        images.add(stream);
        return true;
      }
      if (opcode === "blob") return images.has(stream);
      if (opcode === "end") return images.delete(stream);
      return DRAWING.has(opcode);
    },
  };
}
