import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import type { WebBody } from "../../../model/index.js";
import { maskedBody, needsWhole } from "./masked-body.js";

/** What is kept of one body, packed and unpacked: of longer texts the beginning, of longer forms nothing. */
export const KEPT_BYTES_MAX = 128 * 1024;
/** What bodies that are under way may take in memory, of one session. */
const ROOM_BYTES = 4 * 1024 * 1024;

/** The memory of one session for bodies that are under way. */
export class BodyRoom {
  #free = ROOM_BYTES;

  take(bytes: number): boolean {
    if (bytes > this.#free) return false;
    this.#free -= bytes;
    return true;
  }

  give(bytes: number): void {
    this.#free += bytes;
  }
}

interface BodyFacts {
  readonly of: WebBody["of"];
  readonly contentType: string | undefined;
  readonly encoding: string | undefined;
}

/** A body that passes, and the beginning of which is kept. */
export class KeptBody {
  readonly #facts: BodyFacts;
  readonly #room: BodyRoom;
  readonly #type: string;
  #pieces: Uint8Array[] = [];
  #held = 0;
  #bytes = 0;
  #left: "too-long" | "no-room" | null = null;

  constructor(facts: BodyFacts, room: BodyRoom) {
    this.#facts = facts;
    this.#room = room;
    this.#type = facts.contentType ?? "";
  }

  feed(piece: Uint8Array): void {
    this.#bytes += piece.length;
    if (this.#left !== null) return;
    const rest = KEPT_BYTES_MAX - this.#held;
    if (piece.length > rest && (this.#packed || needsWhole(this.#type))) {
      this.#leave("too-long");
      return;
    }
    const kept = Math.min(rest, piece.length);
    if (kept === 0) return;
    if (!this.#room.take(kept)) {
      this.#leave("no-room");
      return;
    }
    this.#held += kept;
    // A copy: the piece is a view on a buffer of the socket.
    this.#pieces.push(Uint8Array.prototype.slice.call(piece, 0, kept));
  }

  /** `whole`: it has passed to its end. Once. */
  take(whole: boolean): WebBody | null {
    const bytes = Buffer.concat(this.#pieces);
    const left = this.#left;
    this.#leave("no-room");
    if (this.#bytes === 0) return null;
    const type = this.#type.split(";", 1)[0]?.trim().toLowerCase().slice(0, TYPE_CHARS_MAX) ?? "";
    return {
      of: this.#facts.of,
      type,
      bytes: this.#bytes,
      content: left === null ? this.#content(bytes, whole) : { left },
    };
  }

  #content(bytes: Buffer, whole: boolean): WebBody["content"] {
    if (!whole && (this.#packed || needsWhole(this.#type))) return { left: "broken-off" };
    const cut = !whole || this.#bytes > bytes.length;
    if (!this.#packed) return maskedBody(this.#type, bytes, cut);
    const unpacked = unpack(this.#facts.encoding ?? "", bytes);
    return typeof unpacked === "string"
      ? { left: unpacked }
      : maskedBody(this.#type, unpacked, false);
  }

  get #packed(): boolean {
    const encoding = this.#facts.encoding?.trim().toLowerCase() ?? "";
    return encoding !== "" && encoding !== "identity";
  }

  #leave(why: "too-long" | "no-room"): void {
    this.#left = why;
    this.#room.give(this.#held);
    this.#held = 0;
    this.#pieces = [];
  }
}

const TYPE_CHARS_MAX = 128;

/** At once: the bounds are small. More than that comes out of nothing that is kept, and of bombs. */
function unpack(encoding: string, bytes: Buffer): Buffer | "packed" | "too-long" | "unreadable" {
  const options = { maxOutputLength: KEPT_BYTES_MAX };
  try {
    switch (encoding.trim().toLowerCase()) {
      case "gzip":
      case "x-gzip":
        return gunzipSync(bytes, options);
      case "deflate":
        return inflateSync(bytes, options);
      case "br":
        return brotliDecompressSync(bytes, options);
      default:
        return "packed";
    }
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    return code === "ERR_BUFFER_TOO_LARGE" ? "too-long" : "unreadable";
  }
}
