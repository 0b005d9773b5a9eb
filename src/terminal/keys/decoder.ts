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

export function createKeyDecoder({ honoursPaste }: KeyDecoderOptions): KeyDecoder {
  const utf8 = createUtf8Decoder();
  let state: State = "ground";
  let body = "";
  let inPaste = false;
  let quoting = false;
  let pasteEndSeen = 0;
  const one = new Uint8Array(1);

  function decode(bytes: Uint8Array): readonly PlacedKey[] {
    const out: PlacedKey[] = [];
    for (let i = 0; i < bytes.length; i += 1) {
      const byte = bytes[i] ?? 0;
      if (inPaste) pasted(byte, i + 1, out);
      else take(byte, i + 1, out);
    }
    return out;
  }

  function take(byte: number, end: number, out: PlacedKey[]): void {
    switch (state) {
      case "ground":
      case "utf8": {
        ground(byte, end, out);
        return;
      }
      case "escape": {
        escaped(byte, end, out);
        return;
      }
      case "csi": {
        csi(byte, end, out);
        return;
      }
      case "linux-function": {
        finish({ kind: "sequence", intro: "[", body: `[${char(byte)}` }, end, out);
        return;
      }
      case "ss3": {
        ss3(byte, end, out);
        return;
      }
      case "string":
      case "string-escape": {
        controlString(byte, end, out);
        return;
      }
    }
  }

  function ground(byte: number, end: number, out: PlacedKey[]): void {
    if (state === "utf8" || byte >= 0x80) {
      multibyte(byte, end, out);
      return;
    }
    if (quoting) {
      quoted(char(byte), end, out);
      return;
    }
    if (byte === CONTROL.escape) {
      state = "escape";
    } else if (byte < 0x20 || byte === CONTROL.delete) {
      out.push({ key: { kind: "control", code: byte }, end });
      // Not Ctrl-Q: with flow control on (the usual case) it never reaches the reader.
      quoting = byte === CONTROL.v;
    } else {
      out.push({ key: TEXT_KEYS[byte] ?? { kind: "text", text: char(byte) }, end });
    }
  }

  function multibyte(byte: number, end: number, out: PlacedKey[]): void {
    one[0] = byte;
    const text = utf8.decode(one);
    state = utf8.pending ? "utf8" : "ground";
    let rest = text;
    // A broken character and the key that broke it arrive together: U+FFFD first, then the key.
    if (text.length > 1 && text.startsWith(REPLACEMENT) && byte < 0x80) {
      emitText(REPLACEMENT, end - 1, out);
      rest = "";
      state = "ground";
      ground(byte, end, out);
    }
    for (const character of rest) emitText(character, end, out);
  }

  function emitText(text: string, end: number, out: PlacedKey[]): void {
    if (quoting) quoted(text, end, out);
    else out.push({ key: { kind: "text", text }, end });
  }

  function quoted(text: string, end: number, out: PlacedKey[]): void {
    quoting = false;
    out.push({ key: { kind: "quoted", text }, end });
  }

  function escaped(byte: number, end: number, out: PlacedKey[]): void {
    if (byte === 0x5b) {
      open("csi");
      return;
    }
    if (byte === 0x4f) {
      open("ss3");
      return;
    }
    // OSC, DCS, PM, APC: reports. ESC ] and ESC P are also Meta-keys; either way the line is unsure.
    if (byte === 0x5d || byte === 0x50 || byte === 0x5e || byte === 0x5f) {
      open("string");
      return;
    }
    if (byte >= 0x80) {
      state = "ground";
      out.push({ key: { kind: "garbled" }, end: end - 1 });
      ground(byte, end, out);
      return;
    }
    finish({ kind: "meta", text: char(byte) }, end, out);
  }

  function csi(byte: number, end: number, out: PlacedKey[]): void {
    if (byte < 0x20 || byte >= 0x7f || body.length >= SEQUENCE_BYTES_MAX) {
      breakOff(byte, end, out);
      return;
    }
    if (byte === 0x5b && body === "") {
      open("linux-function");
      return;
    }
    if (byte < 0x40) {
      body += char(byte);
      return;
    }
    finish(sequenceKey(body + char(byte)), end, out);
  }

  function ss3(byte: number, end: number, out: PlacedKey[]): void {
    if (byte < 0x20 || byte >= 0x7f || body.length >= SEQUENCE_BYTES_MAX) {
      breakOff(byte, end, out);
      return;
    }
    body += char(byte);
    // Modified SS3 keys of old terminals: ESC O 5 C.
    if (byte >= 0x30 && byte <= 0x3b) return;
    finish({ kind: "sequence", intro: "O", body }, end, out);
  }

  function controlString(byte: number, end: number, out: PlacedKey[]): void {
    if (state === "string-escape") {
      if (byte === 0x5c) {
        finish({ kind: "reply" }, end, out);
        return;
      }
      out.push({ key: { kind: "garbled" }, end: end - 1 });
      state = "escape";
      escaped(byte, end, out);
      return;
    }
    if (byte === CONTROL.g) {
      finish({ kind: "reply" }, end, out);
      return;
    }
    if (byte === CONTROL.escape) {
      state = "string-escape";
      return;
    }
    body += ".";
    if (byte < 0x20 || byte === CONTROL.delete || body.length > STRING_BYTES_MAX) {
      breakOff(byte, end, out);
    }
  }

  /** A control character ends any sequence and keeps its own meaning: Enter stays Enter. */
  function breakOff(byte: number, end: number, out: PlacedKey[]): void {
    out.push({ key: { kind: "garbled" }, end: end - 1 });
    state = "ground";
    ground(byte, end, out);
  }

  function finish(key: Key, end: number, out: PlacedKey[]): void {
    state = "ground";
    quoting = false;
    out.push({ key, end });
    if (key.kind === "paste-begin" && honoursPaste()) {
      inPaste = true;
      pasteEndSeen = 0;
    }
  }

  function open(next: State): void {
    state = next;
    body = "";
  }

  function pasted(byte: number, end: number, out: PlacedKey[]): void {
    if (byte === PASTE_END[pasteEndSeen]) {
      pasteEndSeen += 1;
      if (pasteEndSeen < PASTE_END.length) return;
      inPaste = false;
      out.push({ key: { kind: "paste-end" }, end });
      return;
    }
    for (let i = 0; i < pasteEndSeen; i += 1) {
      out.push({ key: { kind: "pasted", text: char(PASTE_END[i] ?? 0) }, end: end - 1 });
    }
    pasteEndSeen = 0;
    if (byte === CONTROL.escape) {
      pasteEndSeen = 1;
      return;
    }
    one[0] = byte;
    for (const text of utf8.decode(one)) out.push({ key: { kind: "pasted", text }, end });
  }

  return {
    decode,
    get open() {
      return state !== "ground" || (inPaste && pasteEndSeen > 0);
    },
    reset() {
      state = "ground";
      body = "";
      inPaste = false;
      quoting = false;
      pasteEndSeen = 0;
      if (utf8.pending) utf8.decode(new Uint8Array([0x20]));
    },
  };
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
