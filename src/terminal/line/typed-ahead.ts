import { encodeUtf8 } from "../../kernel/index.js";
import { createKeyDecoder } from "../keys/index.js";
import { createLineEditor } from "./line-editor.js";
import type { SessionHistory } from "./session-history.js";

/**
 * What readline makes of a line that was typed ahead of it: the kernel hands over what it kept, and there
 * the keys that are no text mean again what they mean to an editor. null: nothing else than the text, or
 * what keys do not tell.
 */
export function takenByReadline(cooked: string, history: SessionHistory): string | null {
  if (!KEYS.test(cooked)) return null;
  const editor = createLineEditor(asItIs(history));
  const decoder = createKeyDecoder({ honoursPaste: () => false });
  for (const { key } of decoder.decode(encodeUtf8(cooked))) editor.press(key);
  return editor.trust === "unclear" || editor.searching !== "no" ? null : editor.buffer.text;
}

// eslint-disable-next-line no-control-regex -- keys are control characters
const KEYS = /[\u0000-\u001f\u007f]/;

/** Nothing that is tried here changes it. */
function asItIs(history: SessionHistory): SessionHistory {
  return {
    length: history.length,
    beyondAscii: history.beyondAscii,
    at: (index) => history.at(index),
    // It is one of several readings anyway.
    sureOf: () => true,
    endSureOf: (index) => history.endSureOf(index),
    add: nothing,
    lose: nothing,
    takeBack: nothing,
    rewrite: nothing,
    ran: nothing,
  };
}

function nothing(): void {
  // The line has not been taken yet.
}
