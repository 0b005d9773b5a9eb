import { encodeUtf8 } from "../../kernel/index.js";
import { INTERMEDIATES_MAX } from "./limits.js";
import { Parameters } from "./parameters.js";
import {
  ACTION_SHIFT,
  BEYOND,
  CLEAR,
  COLLECT,
  CSI_DISPATCH,
  CSI_ENTRY,
  CSI_IGNORE,
  CSI_INTERMEDIATE,
  CSI_PARAMETER,
  ESC_DISPATCH,
  ESCAPE,
  ESCAPE_INTERMEDIATE,
  EXECUTE,
  GROUND,
  OSC,
  PARAMETER,
  PRINT,
  STRING,
  STATE_MASK,
  STATE_SHIFT,
  TRANSITIONS,
} from "./transitions.js";

/** What the parser found; called in the order of the bytes. */
export interface ParserHandler {
  /** A run of printable ASCII, bytes[from, to). The bytes are borrowed. */
  printAscii(bytes: Uint8Array, from: number, to: number): void;
  /** One printable code point, U+0020..U+007E or from U+00A0 up. */
  print(code: number): void;
  /** A C0 or C1 control. */
  execute(code: number): void;
  /** `key` as made by `sequenceKey`. */
  escape(key: number): void;
  /** `key` as made by `sequenceKey`; the parameters are borrowed. */
  control(key: number, parameters: Parameters): void;
}

/** The intermediates and the final byte of a sequence as a number: `?h` is 0x3f68. */
export function sequenceKey(bytes: string): number {
  let key = 0;
  for (let i = 0; i < bytes.length; i += 1) key = key * 256 + bytes.charCodeAt(i);
  return key;
}

/** The key of no sequence. */
const UNKNOWN_KEY = 0;

const REPLACEMENT = 0xfffd;

/**
 * Bytes to controls and characters: UTF-8 (RFC 3629, one U+FFFD per maximal wrong part) in front of
 * the state machine of transitions.ts. Keeps a cut character or sequence between two feeds, so any
 * cut of the bytes gives the same calls but for the lengths of the printed runs.
 */
export class Parser {
  private state = GROUND;
  private readonly parameters = new Parameters();
  private collected = 0;
  private collectedCount = 0;
  private code = 0;
  private missing = 0;
  private characterBytes = 0;
  private lower = 0x80;
  private upper = 0xbf;

  constructor(handler: ParserHandler) {
    this.handler = handler;
  }

  private readonly handler: ParserHandler;

  feed(bytes: Uint8Array): void {
    const end = bytes.length;
    let i = 0;
    while (i < end) {
      const byte = bytes[i] ?? 0;
      if (this.missing > 0) {
        // A byte that can not go on is looked at again, after the replacement character.
        if (this.continues(byte)) i += 1;
      } else if (byte >= 0x80) {
        this.lead(byte);
        i += 1;
      } else if (this.state === GROUND && byte >= 0x20 && byte < 0x7f) {
        const from = i;
        i += 1;
        while (i < end && isPrintable(bytes[i] ?? 0)) i += 1;
        this.handler.printAscii(bytes, from, i);
      } else {
        this.take(byte);
        i += 1;
      }
    }
  }

  /**
   * Bytes that bring a fresh parser to where this one stands: the beginning of a sequence or of a
   * character that the network has cut. Of a string only its opening is given: nobody here keeps it.
   */
  pending(): Uint8Array {
    return concatenate(encodeUtf8(this.pendingSequence()), this.pendingCharacter());
  }

  private pendingSequence(): string {
    const { state } = this;
    const collected = this.collectedText();
    const isPrivate = /^[<=>?]/.test(collected);
    switch (state) {
      case ESCAPE:
      case ESCAPE_INTERMEDIATE:
        return `\x1b${collected}`;
      case CSI_ENTRY:
        return "\x1b[";
      case CSI_PARAMETER:
      case CSI_INTERMEDIATE: {
        const prefix = isPrivate ? collected.charAt(0) : "";
        return `\x1b[${prefix}${this.parameters.text()}${collected.slice(prefix.length)}`;
      }
      case CSI_IGNORE:
        return "\x1b[0<";
      case OSC:
        return "\x1b]";
      case STRING:
        return "\x1b_";
      default:
        return "";
    }
  }

  private collectedText(): string {
    let text = "";
    for (let rest = this.collected; rest > 0; rest = Math.floor(rest / 256)) {
      text = String.fromCharCode(rest % 256) + text;
    }
    return this.collectedCount > INTERMEDIATES_MAX ? `${text} ` : text;
  }

  private pendingCharacter(): Uint8Array {
    if (this.missing === 0) return new Uint8Array(0);
    const known = this.characterBytes - this.missing;
    const bytes = new Uint8Array(known);
    for (let i = known - 1, rest = this.code; i > 0; i -= 1, rest >>= 6) {
      bytes[i] = 0x80 | (rest & 0x3f);
    }
    const lead = this.code >> (6 * (known - 1));
    bytes[0] = ((0xf00 >> this.characterBytes) & 0xff) | lead;
    return bytes;
  }

  private take(code: number): void {
    const transition =
      TRANSITIONS[(this.state << STATE_SHIFT) | (code < BEYOND ? code : BEYOND)] ?? 0;
    this.state = transition & STATE_MASK;
    switch (transition >> ACTION_SHIFT) {
      case PRINT:
        this.handler.print(code);
        break;
      case EXECUTE:
        this.handler.execute(code);
        break;
      case CLEAR:
        this.parameters.reset();
        this.collected = 0;
        this.collectedCount = 0;
        break;
      case COLLECT:
        this.collectedCount += 1;
        if (this.collectedCount <= INTERMEDIATES_MAX) this.collected = this.collected * 256 + code;
        break;
      case PARAMETER:
        this.parameters.accept(code);
        break;
      case ESC_DISPATCH:
        this.handler.escape(this.key(code));
        break;
      case CSI_DISPATCH:
        this.handler.control(this.key(code), this.parameters);
        break;
      default:
        break;
    }
  }

  /** With too many intermediates the sequence is one that nobody knows. */
  private key(final: number): number {
    return this.collectedCount > INTERMEDIATES_MAX ? UNKNOWN_KEY : this.collected * 256 + final;
  }

  private lead(byte: number): void {
    this.lower = 0x80;
    this.upper = 0xbf;
    if (byte >= 0xc2 && byte <= 0xdf) {
      this.code = byte & 0x1f;
      this.missing = 1;
      this.characterBytes = 2;
    } else if (byte >= 0xe0 && byte <= 0xef) {
      if (byte === 0xe0) this.lower = 0xa0;
      if (byte === 0xed) this.upper = 0x9f;
      this.code = byte & 0x0f;
      this.missing = 2;
      this.characterBytes = 3;
    } else if (byte >= 0xf0 && byte <= 0xf4) {
      if (byte === 0xf0) this.lower = 0x90;
      if (byte === 0xf4) this.upper = 0x8f;
      this.code = byte & 0x07;
      this.missing = 3;
      this.characterBytes = 4;
    } else {
      this.take(REPLACEMENT);
    }
  }

  /** False when the byte is no continuation: the cut character is replaced, the byte not consumed. */
  private continues(byte: number): boolean {
    if (byte < this.lower || byte > this.upper) {
      this.missing = 0;
      this.take(REPLACEMENT);
      return false;
    }
    this.lower = 0x80;
    this.upper = 0xbf;
    this.code = (this.code << 6) | (byte & 0x3f);
    this.missing -= 1;
    if (this.missing === 0) this.take(this.code);
    return true;
  }
}

export function concatenate(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}

function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f;
}
