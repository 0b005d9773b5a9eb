import type { Key } from "../keys/index.js";

/**
 * Control characters that were put into lines as they are (Ctrl-V), which editors draw as `^X`: where a line
 * is read off the screen later, these two signs are that character again.
 */
export interface QuotedControls {
  pressed(key: Key): void;
  /** The text with the characters back. */
  restored(shown: string): string;
}

export function createQuotedControls(): QuotedControls {
  return new TypedControls();
}

class TypedControls implements QuotedControls {
  readonly #quoted = new Set<string>();
  /** A caret was typed: then two signs can be two. */
  #caret = false;

  pressed(key: Key): void {
    if (key.kind === "text" || key.kind === "pasted") this.#caret ||= key.text === "^";
    if (key.kind !== "quoted" && key.kind !== "pasted") return;
    if (isControl(key.text)) this.#quoted.add(key.text);
  }

  restored(shown: string): string {
    if (this.#caret || this.#quoted.size === 0) return shown;
    return shown.replace(SHOWN, (signs, sign: string) => {
      const control = String.fromCharCode(sign.charCodeAt(0) ^ 0x40);
      return this.#quoted.has(control) ? control : signs;
    });
  }
}

/** Tabs and newlines show as blanks and rows. */
function isControl(text: string): boolean {
  const code = text.charCodeAt(0);
  return text.length === 1 && (code < 0x20 || code === 0x7f) && !"\t\n\r".includes(text);
}

const SHOWN = /\^([@A-Z[\\\]^_?])/g;
