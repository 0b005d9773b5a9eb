import { INTERMEDIATES_MAX } from "./limits.js";
import { Parameters } from "./parameters.js";
import {
  ACTION_SHIFT,
  BEYOND,
  CLEAR,
  COLLECT,
  CSI_DISPATCH,
  ESC_DISPATCH,
  EXECUTE,
  GROUND,
  PARAMETER,
  PRINT,
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
        if (this.collectedCount <= INTERMEDIATES_MAX)
          this.handler.escape(this.collected * 256 + code);
        break;
      case CSI_DISPATCH:
        if (this.collectedCount <= INTERMEDIATES_MAX)
          this.handler.control(this.collected * 256 + code, this.parameters);
        break;
      default:
        break;
    }
  }

  private lead(byte: number): void {
    this.lower = 0x80;
    this.upper = 0xbf;
    if (byte >= 0xc2 && byte <= 0xdf) {
      this.code = byte & 0x1f;
      this.missing = 1;
    } else if (byte >= 0xe0 && byte <= 0xef) {
      if (byte === 0xe0) this.lower = 0xa0;
      if (byte === 0xed) this.upper = 0x9f;
      this.code = byte & 0x0f;
      this.missing = 2;
    } else if (byte >= 0xf0 && byte <= 0xf4) {
      if (byte === 0xf0) this.lower = 0x90;
      if (byte === 0xf4) this.upper = 0x8f;
      this.code = byte & 0x07;
      this.missing = 3;
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

function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f;
}
