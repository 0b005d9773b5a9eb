/**
 * What a watched terminal prints, without what would act on the watcher's: sequences that draw pass;
 * those that ask the terminal (its answers would be typed into the watcher's shell), set its title,
 * clipboard, mouse or keyboard, or hold data of their own (OSC, DCS, APC, PM, SOS) are left out. What is not
 * known is left out. Sequences may be cut anywhere between two texts (ECMA-48; xterm's ctlseqs).
 */
export interface DrawnOnly {
  pass(text: string): string;
}

/** Sequences that draw have a few numbers; a longer one is left out. */
const SEQUENCE_LENGTH_MAX = 256;

type State = "ground" | "escape" | "control" | "string";

export function createDrawnOnly(): DrawnOnly {
  return new SequenceFilter();
}

class SequenceFilter implements DrawnOnly {
  #state: State = "ground";
  /** Of the sequence so far, behind its introducer. */
  #held = "";

  pass(text: string): string {
    let drawn = "";
    for (const character of text) drawn += this.#take(character);
    return drawn;
  }

  #take(character: string): string {
    const code = character.codePointAt(0) ?? 0;
    if (code === ESC) return this.#begin("escape");
    if (code === CAN || code === SUB) return this.#begin("ground");
    if (code >= 0x80 && code <= 0x9f) return this.#c1(code);
    if (this.#state === "string") return code === BEL ? this.#begin("ground") : "";
    if (code < 0x20 || code === DEL) return DRAWING_CONTROLS.has(code) ? character : "";
    if (this.#state === "ground") return character;
    return this.#state === "escape" ? this.#escape(character) : this.#control(character, code);
  }

  #begin(state: State): "" {
    this.#state = state;
    this.#held = "";
    return "";
  }

  /** As `ESC` and the character 0x40 below (ECMA-48 section 5.3). */
  #c1(code: number): string {
    this.#begin("escape");
    return this.#escape(String.fromCharCode(code - 0x40));
  }

  #escape(character: string): string {
    if (this.#held === "" && character === "[") return this.#begin("control");
    if (this.#held === "" && STRING_INTRODUCERS.has(character)) return this.#begin("string");
    this.#hold(character);
    if (character < "0") return ""; // an intermediate: the final one follows
    const sequence = this.#held;
    this.#begin("ground");
    return DRAWING_ESCAPE.test(sequence) ? `\u001b${sequence}` : "";
  }

  #control(character: string, code: number): string {
    if (code > 0x7e) return this.#begin("ground");
    this.#hold(character);
    if (code < 0x40) return "";
    const sequence = this.#held;
    this.#begin("ground");
    const drawing = drawingControl(sequence);
    return drawing === "" ? "" : `\u001b[${drawing}`;
  }

  /** Of what is too long a mark stays that makes it unknown. */
  #hold(character: string): void {
    this.#held = this.#held.length < SEQUENCE_LENGTH_MAX ? this.#held + character : TOO_LONG;
  }
}

const ESC = 0x1b;
const BEL = 0x07;
const CAN = 0x18;
const SUB = 0x1a;
const DEL = 0x7f;
const TOO_LONG = "?".repeat(SEQUENCE_LENGTH_MAX);
/** BEL, BS, HT, LF, VT, FF, CR, SO, SI; not ENQ, which is answered. */
const DRAWING_CONTROLS: ReadonlySet<number> = new Set([7, 8, 9, 10, 11, 12, 13, 14, 15]);
/** DCS, SOS, OSC, PM, APC. */
const STRING_INTRODUCERS: ReadonlySet<string> = new Set("PX]^_");
/** Cursor, tabs, index, keypad, reset; character sets; sizes of lines and the test pattern. */
const DRAWING_ESCAPE = /^(?:[78DEHMc=>NOno|}~]|[()*+\-./][0-9A-Z<>=`]|#[34568])$/;
/**
 * Cursor, erasing, inserting, deleting, scrolling, colours, margins. Numbers up to five digits, a separator
 * behind each but the last: there is one way to read them, however long they are.
 */
const DRAWING_CONTROL =
  /^(?:\d{0,5}[;:]){0,31}\d{0,5}[@A-MPSXZ`a-bd-gmrsu]$|^\d{0,5}T$|^\??\d{0,2}[JK]$/;
const MODE_SWITCH = /^(?<mark>\??)(?<modes>[\d;]{0,64})(?<final>[hl])$/;
/** Inserting and new lines; not 2, which would lock the keyboard. */
const MODES: ReadonlySet<string> = new Set(["4", "20"]);
/** Cursor keys, columns, colours, origin, wrapping, the cursor, the other screen; no mouse, focus, paste. */
const PRIVATE_MODES: ReadonlySet<string> = new Set(
  "1 5 6 7 12 25 45 47 69 1047 1048 1049".split(" "),
);

function drawingControl(sequence: string): string {
  if (sequence === "!p" || /^[0-6]? q$/.test(sequence)) return sequence;
  const { mark = "", modes = "", final = "" } = MODE_SWITCH.exec(sequence)?.groups ?? {};
  if (final === "") return DRAWING_CONTROL.test(sequence) ? sequence : "";
  const known = mark === "?" ? PRIVATE_MODES : MODES;
  const left = modes.split(";").filter((mode) => known.has(mode));
  return left.length === 0 ? "" : `${mark}${left.join(";")}${final}`;
}

/** Takes back every mode that may have passed, and leaves the cursor below what was drawn. */
export const END_OF_DRAWING =
  "\u001b[?1049l\u001b[!p\u001b[?69l\u001b[?5l\u001b[?1l\u001b>\u001b[0 q\u001b[r\u001b[?6l\u001b[?7h\u001b[?25h\u001b[4l\u001b[20l\u001b(B\u000f\u001b[0m\u001b[999;1H\r\n";
