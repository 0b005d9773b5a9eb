import type { Direction, Instruction } from "../instruction.js";
import type { Digest, StreamFacts, StreamKind } from "../stream-facts.js";
import { detectType, HEAD_BYTES } from "./file-type.js";
import type { StreamAsked } from "./stream-asked.js";

/**
 * One stream while it is open: counts, digest, the beginning for its type, what waits. Of an `argv`
 * nothing is kept at all, because it may be a credential.
 */
export class OpenStream {
  readonly id: number;
  readonly index: number;
  readonly kind: StreamKind;
  readonly direction: Direction;
  readonly object: number | undefined;
  state: StreamState = "asked";
  /** A verdict was waited for and came: it is not waited for again. */
  decided = false;
  readonly waiting: Instruction[] = [];
  #waitingChars = 0;
  readonly #mimetype: string;
  readonly #name: string;
  readonly #digest: Digest | null;
  readonly #looked: boolean;
  #bytes = 0;
  #detected: string | undefined;
  #sha256: string | undefined;
  #head: Uint8Array = new Uint8Array(0);
  #headLength = 0;
  /** Of a clipboard: a password was asked for when it came. */
  secret = false;

  constructor(
    asked: StreamAsked & { readonly kind: StreamKind },
    given: {
      readonly id: number;
      readonly direction: Direction;
      readonly createDigest: () => Digest;
    },
  ) {
    this.id = given.id;
    this.index = asked.index;
    this.kind = asked.kind;
    this.direction = given.direction;
    this.object = asked.object;
    this.#mimetype = asked.mimetype;
    this.#name = asked.name;
    const looked = LOOKED_AT.has(asked.kind);
    this.#digest = looked ? given.createDigest() : null;
    this.#looked = looked;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Counts a piece. Answers true when it tells a type that was not known before. */
  take(bytes: Uint8Array): boolean {
    if (this.kind === "argv") return false;
    this.#bytes += bytes.length;
    this.#digest?.update(bytes);
    return this.#look(bytes);
  }

  #look(bytes: Uint8Array): boolean {
    if (!this.#looked || this.#headLength >= HEAD_BYTES) return false;
    const kept = bytes.subarray(0, HEAD_BYTES - this.#headLength);
    this.#head = grown(this.#head, this.#headLength, kept);
    this.#headLength += kept.length;
    const detected = detectType(this.#head.subarray(0, this.#headLength)) ?? undefined;
    if (detected === this.#detected) return false;
    this.#detected = detected;
    return true;
  }

  /** The last byte has come. */
  finish(): void {
    this.#sha256 ??= this.#digest?.hex();
  }

  /** An instruction that may not pass yet; false when no more may wait. */
  wait(given: Instruction): boolean {
    const chars = given.args.reduce((sum, arg) => sum + arg.length, given.opcode.length);
    if (this.#waitingChars + chars > WAITING_CHARS_MAX) return false;
    this.#waitingChars += chars;
    this.waiting.push(given);
    return true;
  }

  takeWaiting(): readonly Instruction[] {
    this.#waitingChars = 0;
    return this.waiting.splice(0);
  }

  /** With what only judges see. */
  judged(text?: string): StreamFacts {
    const head = this.#head.subarray(0, this.#headLength);
    return this.#looked ? { ...this.facts(text), head } : this.facts(text);
  }

  facts(text?: string): StreamFacts {
    return {
      id: this.id,
      kind: this.kind,
      direction: this.direction,
      mimetype: this.#mimetype,
      name: this.#name,
      bytes: this.#bytes,
      ...(this.#detected === undefined ? {} : { detected: this.#detected }),
      ...(this.#sha256 === undefined ? {} : { sha256: this.#sha256 }),
      ...(this.secret ? { secret: true } : {}),
      ...(text === undefined ? {} : { text }),
    };
  }
}

export type StreamState =
  /** Nothing of it has passed. */
  | "asked"
  /** Its pieces pass as they come. */
  | "passing"
  /** A clipboard waits for its end, because it is judged as a whole. */
  | "collecting"
  /** A verdict is awaited. */
  | "held"
  /** Its pieces are swallowed until its index is free again. */
  | "swallowed";

const LOOKED_AT: ReadonlySet<StreamKind> = new Set(["clipboard", "upload", "download", "pipe"]);

/** What one stream may have waiting, as base64: a clipboard waits as a whole, three mebibytes of it. */
const WAITING_CHARS_MAX = 4 * 1024 * 1024;

function grown(head: Uint8Array, length: number, piece: Uint8Array): Uint8Array {
  if (length + piece.length <= head.length) {
    head.set(piece, length);
    return head;
  }
  const room = Math.min(HEAD_BYTES, Math.max(1_024, 2 * (length + piece.length)));
  const larger = new Uint8Array(room);
  larger.set(head.subarray(0, length));
  larger.set(piece, length);
  return larger;
}

export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
