import { createUtf8Decoder } from "../../kernel/index.js";
import { CONTROL, type Key, type PlacedKey } from "./key.js";

/**
 * The person's byte stream as keys. However the network cuts the bytes, the keys are the same: an
 * escape sequence or a character that is cut stays open until its rest arrives. There is no timer:
 * a target's own escape timeout changes what the keys mean to it, not which bytes they are.
 */
export interface KeyDecoder {
  decode(bytes: Uint8Array): readonly PlacedKey[];
  /** True while a sequence or character is open. */
  readonly open: boolean;
  /** Forgets open sequences and an open paste: the reader threw its input away. */
  reset(): void;
}

/** No sequence that a keyboard or terminal sends is longer; more is an attack or line noise. */
const SEQUENCE_BYTES_MAX = 64;
/** A colour or clipboard report; it never holds control characters. */
const STRING_BYTES_MAX = 4096;

type State =
  "ground" | "utf8" | "escape" | "csi" | "linux-function" | "ss3" | "string" | "string-escape";

const PASTE_END = [0x1b, 0x5b, 0x32, 0x30, 0x31, 0x7e];

export interface KeyDecoderOptions {
  /**
   * Does the reader take a bracketed paste as text? Asked when a paste begins; when it does not, what
   * follows is decoded as ordinary keys: a newline in it is then a newline typed.
   */
  readonly honoursPaste: () => boolean;
}

export function createKeyDecoder(deps: KeyDecoderOptions): KeyDecoder {
  return new StreamKeyDecoder(deps);
}

class StreamKeyDecoder implements KeyDecoder {
  readonly #honoursPaste: () => boolean;
  readonly #utf8 = createUtf8Decoder();
  #state: State = "ground";
  #body = "";
  #inPaste = false;
  #quoting = false;
  #pasteEndSeen = 0;
  readonly #one = new Uint8Array(1);

  constructor({ honoursPaste }: KeyDecoderOptions) {
    this.#honoursPaste = honoursPaste;
  }

  decode(bytes: Uint8Array): readonly PlacedKey[] {
    const out: PlacedKey[] = [];
    for (let i = 0; i < bytes.length; i += 1) {
      const byte = bytes[i] ?? 0;
      if (this.#inPaste) this.#pasted(byte, i + 1, out);
      else this.#take(byte, i + 1, out);
    }
    return out;
  }

  get open(): boolean {
    return this.#state !== "ground" || (this.#inPaste && this.#pasteEndSeen > 0);
  }

  reset(): void {
    this.#state = "ground";
    this.#body = "";
    this.#inPaste = false;
    this.#quoting = false;
    this.#pasteEndSeen = 0;
    if (this.#utf8.pending) this.#utf8.decode(new Uint8Array([0x20]));
  }

  #take(byte: number, end: number, out: PlacedKey[]): void {
    switch (this.#state) {
      case "ground":
      case "utf8": {
        this.#ground(byte, end, out);
        return;
      }
      case "escape": {
        this.#escaped(byte, end, out);
        return;
      }
      case "csi": {
        this.#csi(byte, end, out);
        return;
      }
      case "linux-function": {
        this.#finish({ kind: "sequence", intro: "[", body: `[${char(byte)}` }, end, out);
        return;
      }
      case "ss3": {
        this.#ss3(byte, end, out);
        return;
      }
      case "string":
      case "string-escape": {
        this.#controlString(byte, end, out);
        return;
      }
    }
  }

  #ground(byte: number, end: number, out: PlacedKey[]): void {
    if (this.#state === "utf8" || byte >= 0x80) {
      this.#multibyte(byte, end, out);
      return;
    }
    if (this.#quoting) {
      this.#quoted(char(byte), end, out);
      return;
    }
    if (byte === CONTROL.escape) {
      this.#state = "escape";
    } else if (byte < 0x20 || byte === CONTROL.delete) {
      out.push({ key: { kind: "control", code: byte }, end });
      // Not Ctrl-Q: with flow control on (the usual case) it never reaches the reader.
      this.#quoting = byte === CONTROL.v;
    } else {
      out.push({ key: TEXT_KEYS[byte] ?? { kind: "text", text: char(byte) }, end });
    }
  }

  #multibyte(byte: number, end: number, out: PlacedKey[]): void {
    this.#one[0] = byte;
    const text = this.#utf8.decode(this.#one);
    this.#state = this.#utf8.pending ? "utf8" : "ground";
    let rest = text;
    // A broken character and the key that broke it arrive together: U+FFFD first, then the key.
    if (text.length > 1 && text.startsWith(REPLACEMENT) && byte < 0x80) {
      this.#emitText(REPLACEMENT, end - 1, out);
      rest = "";
      this.#state = "ground";
      this.#ground(byte, end, out);
    }
    for (const character of rest) this.#emitText(character, end, out);
  }

  #emitText(text: string, end: number, out: PlacedKey[]): void {
    if (this.#quoting) this.#quoted(text, end, out);
    else out.push({ key: { kind: "text", text }, end });
  }

  #quoted(text: string, end: number, out: PlacedKey[]): void {
    this.#quoting = false;
    out.push({ key: { kind: "quoted", text }, end });
  }

  #escaped(byte: number, end: number, out: PlacedKey[]): void {
    if (byte === 0x5b) {
      this.#open("csi");
      return;
    }
    if (byte === 0x4f) {
      this.#open("ss3");
      return;
    }
    // OSC, DCS, PM, APC: reports. ESC ] and ESC P are also Meta-keys; either way the line is unsure.
    if (byte === 0x5d || byte === 0x50 || byte === 0x5e || byte === 0x5f) {
      this.#open("string");
      return;
    }
    if (byte >= 0x80) {
      this.#state = "ground";
      out.push({ key: { kind: "garbled" }, end: end - 1 });
      this.#ground(byte, end, out);
      return;
    }
    this.#finish({ kind: "meta", text: char(byte) }, end, out);
  }

  #csi(byte: number, end: number, out: PlacedKey[]): void {
    if (byte < 0x20 || byte >= 0x7f || this.#body.length >= SEQUENCE_BYTES_MAX) {
      this.#breakOff(byte, end, out);
      return;
    }
    if (byte === 0x5b && this.#body === "") {
      this.#open("linux-function");
      return;
    }
    if (byte < 0x40) {
      this.#body += char(byte);
      return;
    }
    this.#finish(sequenceKey(this.#body + char(byte)), end, out);
  }

  #ss3(byte: number, end: number, out: PlacedKey[]): void {
    if (byte < 0x20 || byte >= 0x7f || this.#body.length >= SEQUENCE_BYTES_MAX) {
      this.#breakOff(byte, end, out);
      return;
    }
    this.#body += char(byte);
    // Modified SS3 keys of old terminals: ESC O 5 C.
    if (byte >= 0x30 && byte <= 0x3b) return;
    this.#finish({ kind: "sequence", intro: "O", body: this.#body }, end, out);
  }

  #controlString(byte: number, end: number, out: PlacedKey[]): void {
    if (this.#state === "string-escape") {
      if (byte === 0x5c) {
        this.#finish({ kind: "reply" }, end, out);
        return;
      }
      out.push({ key: { kind: "garbled" }, end: end - 1 });
      this.#state = "escape";
      this.#escaped(byte, end, out);
      return;
    }
    if (byte === CONTROL.g) {
      this.#finish({ kind: "reply" }, end, out);
      return;
    }
    if (byte === CONTROL.escape) {
      this.#state = "string-escape";
      return;
    }
    this.#body += ".";
    if (byte < 0x20 || byte === CONTROL.delete || this.#body.length > STRING_BYTES_MAX) {
      this.#breakOff(byte, end, out);
    }
  }

  /** A control character ends any sequence and keeps its own meaning: Enter stays Enter. */
  #breakOff(byte: number, end: number, out: PlacedKey[]): void {
    out.push({ key: { kind: "garbled" }, end: end - 1 });
    this.#state = "ground";
    this.#ground(byte, end, out);
  }

  #finish(key: Key, end: number, out: PlacedKey[]): void {
    this.#state = "ground";
    this.#quoting = false;
    out.push({ key, end });
    if (key.kind === "paste-begin" && this.#honoursPaste()) {
      this.#inPaste = true;
      this.#pasteEndSeen = 0;
    }
  }

  #open(next: State): void {
    this.#state = next;
    this.#body = "";
  }

  #pasted(byte: number, end: number, out: PlacedKey[]): void {
    if (byte === PASTE_END[this.#pasteEndSeen]) {
      this.#pasteEndSeen += 1;
      if (this.#pasteEndSeen < PASTE_END.length) return;
      this.#inPaste = false;
      out.push({ key: { kind: "paste-end" }, end });
      return;
    }
    for (let i = 0; i < this.#pasteEndSeen; i += 1) {
      out.push({ key: { kind: "pasted", text: char(PASTE_END[i] ?? 0) }, end: end - 1 });
    }
    this.#pasteEndSeen = 0;
    if (byte === CONTROL.escape) {
      this.#pasteEndSeen = 1;
      return;
    }
    this.#one[0] = byte;
    for (const text of this.#utf8.decode(this.#one))
      out.push({ key: { kind: "pasted", text }, end });
  }
}

const REPLACEMENT = "\ufffd";

function char(byte: number): string {
  return String.fromCharCode(byte);
}

/** A key that is pressed ten times a second is not made anew each time. */
const TEXT_KEYS: readonly Key[] = Array.from({ length: 0x80 }, (_, code) => ({
  kind: "text",
  text: char(code),
}));

/** `1;1R` CPR, `?1;2c` DA, `?2004;1$y` DECRPM, `0n` DSR, `I`/`O` focus, `<0;1;1M` mouse. */
const REPLY =
  /^(?:\d+;\d+R|[?>=][\d;]*c|\??[\d;]*\$y|\??[\d;]*n|I|O|<[\d;]*[Mm]|[\d;]*t|\?[\d;]*[uR])$/;

function sequenceKey(body: string): Key {
  if (body === "200~") return { kind: "paste-begin" };
  if (body === "201~") return { kind: "paste-end" };
  if (REPLY.test(body)) return { kind: "reply" };
  return { kind: "sequence", intro: "[", body };
}
