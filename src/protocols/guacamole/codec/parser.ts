import { err, fault, ok, type Fault, type Result } from "../../../kernel/index.js";
import type { Instruction } from "../../../model/index.js";

/** guacd's own limit (GUAC_INSTRUCTION_MAX_LENGTH), terminator included. */
export const INSTRUCTION_BYTES_MAX = 8_192;
/** guacd's own limit (GUAC_INSTRUCTION_MAX_ELEMENTS), opcode included. */
export const ELEMENTS_MAX = 128;
/** guacd's own limit (GUAC_INSTRUCTION_MAX_DIGITS). */
const LENGTH_DIGITS_MAX = 5;

const ZERO = 0x30;
const NINE = 0x39;
const DOT = 0x2e;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;

/**
 * Reads a stream of `LENGTH.VALUE,LENGTH.VALUE;` where LENGTH counts Unicode code points. Stricter
 * than guacd, which takes ` 65x` for 65 and counts characters by their lead byte: two parsers that
 * disagree about where an instruction ends would let one be smuggled past the other. The result does
 * not depend on how the network cut the bytes; memory is bounded by one instruction.
 */
export interface InstructionParser {
  /**
   * Hands every instruction that ends within these bytes to `take`, in order. After a fault nothing
   * more is read: where the next instruction would begin is not known. `take` may answer false to
   * stop: the rest is then given to nobody, as the connection is over.
   */
  feed(bytes: Uint8Array, take: (instruction: Instruction) => boolean): Result<void, Fault>;
}

export function createInstructionParser(): InstructionParser {
  return new Parser();
}

type State = "length-start" | "length" | "value" | "terminator" | "dead";

class Parser implements InstructionParser {
  // `fatal`: bytes that are not UTF-8 are a fault. `ignoreBOM`: U+FEFF is a character like any other.
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  readonly #value = new Uint8Array(INSTRUCTION_BYTES_MAX);
  #valueBytes = 0;
  #state: State = "length-start";
  /** Bytes of the present instruction so far. */
  #size = 0;
  #length = 0;
  #digits = 0;
  /** Code points of the present value whose first byte was seen. */
  #points = 0;
  #elements: string[] = [];
  #failure: Fault | null = null;

  feed(bytes: Uint8Array, take: (instruction: Instruction) => boolean): Result<void, Fault> {
    let at = 0;
    while (at < bytes.length && this.#state !== "dead") {
      at = this.#state === "value" ? this.#takeValue(bytes, at) : this.#takeByte(bytes, at, take);
    }
    return this.#failure === null ? ok(undefined) : err(this.#failure);
  }

  #takeByte(bytes: Uint8Array, at: number, take: (instruction: Instruction) => boolean): number {
    const byte = bytes[at] ?? 0;
    if (!this.#grow(1)) return at;
    switch (this.#state) {
      case "length-start":
      case "length":
        this.#takeLength(byte);
        break;
      case "terminator":
        this.#endElement(byte, take);
        break;
      case "value":
      case "dead":
        break;
    }
    return at + 1;
  }

  #takeLength(byte: number): void {
    if (byte >= ZERO && byte <= NINE) {
      if (this.#digits > 0 && this.#length === 0) this.#fail("a length begins with 0");
      else if (this.#digits >= LENGTH_DIGITS_MAX) this.#fail("a length has too many digits");
      else {
        this.#length = this.#length * 10 + (byte - ZERO);
        this.#digits += 1;
        this.#state = "length";
      }
    } else if (byte === DOT && this.#state === "length") {
      this.#valueBytes = 0;
      this.#points = 0;
      this.#state = "value";
      if (this.#length === 0) this.#state = "terminator";
    } else this.#fail("an element does not begin with its length");
  }

  /** Copies up to the end of the value: the last byte of its last code point. */
  #takeValue(bytes: Uint8Array, start: number): number {
    // What an instruction may still hold; one more shows that it is too long.
    const until = Math.min(bytes.length, start + INSTRUCTION_BYTES_MAX - this.#size + 1);
    let points = this.#points;
    let at = start;
    for (; at < until; at += 1) {
      if (((bytes[at] ?? 0) & 0xc0) === 0x80) continue;
      // The first byte behind the last character: the terminator.
      if (points === this.#length) break;
      points += 1;
    }
    this.#points = points;
    const taken = bytes.subarray(start, at);
    if (!this.#grow(taken.length)) return at;
    this.#value.set(taken, this.#valueBytes);
    this.#valueBytes += taken.length;
    if (at < until) this.#state = "terminator";
    return at;
  }

  #endElement(byte: number, take: (instruction: Instruction) => boolean): void {
    if (byte !== COMMA && byte !== SEMICOLON) {
      this.#fail("an element does not end where its length says");
      return;
    }
    const text = this.#decode();
    if (text === null) return;
    this.#elements.push(text);
    this.#length = 0;
    this.#digits = 0;
    this.#state = "length-start";
    if (byte === SEMICOLON) {
      const [opcode = "", ...args] = this.#elements;
      this.#elements = [];
      this.#size = 0;
      if (!take({ opcode, args })) this.#state = "dead";
    } else if (this.#elements.length >= ELEMENTS_MAX) {
      this.#fail("an instruction has too many elements");
    }
  }

  #decode(): string | null {
    if (this.#length === 0) return "";
    try {
      return this.#decoder.decode(this.#value.subarray(0, this.#valueBytes));
    } catch {
      this.#fail("a value is not UTF-8");
      return null;
    }
  }

  /** False when the instruction has become too long. */
  #grow(bytes: number): boolean {
    this.#size += bytes;
    if (this.#size <= INSTRUCTION_BYTES_MAX) return true;
    this.#failure = fault(
      "CHP_GUACAMOLE_TOO_LONG",
      `an instruction is longer than ${INSTRUCTION_BYTES_MAX} bytes`,
    );
    this.#end();
    return false;
  }

  #fail(why: string): void {
    this.#failure = fault("CHP_GUACAMOLE_SYNTAX", why);
    this.#end();
  }

  #end(): void {
    this.#state = "dead";
    this.#elements = [];
    this.#value.fill(0);
  }
}
