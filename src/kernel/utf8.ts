/**
 * Incremental UTF-8 for the core, which has no TextDecoder. A character cut by the network is kept
 * until its rest arrives; bytes that are not UTF-8 become U+FFFD, as RFC 3629 section 10 asks, one
 * per maximal subpart.
 */
export interface Utf8Decoder {
  decode(bytes: Uint8Array): string;
  /** True while a character is cut in the middle. */
  readonly pending: boolean;
}

const REPLACEMENT = 0xfffd;
/** fromCharCode.apply with more arguments than this can overflow the stack. */
const CODE_UNITS_PER_CALL = 4096;

export function createUtf8Decoder(): Utf8Decoder {
  let code = 0;
  let missing = 0;
  let lower = 0x80;
  let upper = 0xbf;

  function lead(byte: number, out: number[]): void {
    lower = 0x80;
    upper = 0xbf;
    if (byte < 0x80) out.push(byte);
    else if (byte >= 0xc2 && byte <= 0xdf) [code, missing] = [byte & 0x1f, 1];
    else if (byte >= 0xe0 && byte <= 0xef) {
      if (byte === 0xe0) lower = 0xa0;
      if (byte === 0xed) upper = 0x9f;
      [code, missing] = [byte & 0x0f, 2];
    } else if (byte >= 0xf0 && byte <= 0xf4) {
      if (byte === 0xf0) lower = 0x90;
      if (byte === 0xf4) upper = 0x8f;
      [code, missing] = [byte & 0x07, 3];
    } else out.push(REPLACEMENT);
  }

  function take(byte: number, out: number[]): void {
    if (missing === 0) {
      lead(byte, out);
    } else if (byte < lower || byte > upper) {
      missing = 0;
      out.push(REPLACEMENT);
      lead(byte, out);
    } else {
      lower = 0x80;
      upper = 0xbf;
      code = (code << 6) | (byte & 0x3f);
      missing -= 1;
      if (missing === 0) out.push(code);
    }
  }

  return {
    get pending() {
      return missing > 0;
    },
    decode(bytes) {
      const out: number[] = [];
      for (const byte of bytes) take(byte, out);
      return fromCodePoints(out);
    },
  };
}

/** Decodes a complete byte string; a cut last character becomes U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  const decoder = createUtf8Decoder();
  const text = decoder.decode(bytes);
  return decoder.pending ? text + String.fromCharCode(REPLACEMENT) : text;
}

export function encodeUtf8(text: string): Uint8Array {
  const out = new Uint8Array(text.length * 3);
  let length = 0;
  for (const character of text) {
    const code = scalar(character.codePointAt(0) ?? REPLACEMENT);
    if (code < 0x80) out[length++] = code;
    else if (code < 0x800) {
      out[length++] = 0xc0 | (code >> 6);
      out[length++] = 0x80 | (code & 0x3f);
    } else if (code < 0x10000) {
      out[length++] = 0xe0 | (code >> 12);
      out[length++] = 0x80 | ((code >> 6) & 0x3f);
      out[length++] = 0x80 | (code & 0x3f);
    } else {
      out[length++] = 0xf0 | (code >> 18);
      out[length++] = 0x80 | ((code >> 12) & 0x3f);
      out[length++] = 0x80 | ((code >> 6) & 0x3f);
      out[length++] = 0x80 | (code & 0x3f);
    }
  }
  return out.slice(0, length);
}

/** A lone surrogate has no UTF-8 form. */
function scalar(code: number): number {
  return code >= 0xd800 && code <= 0xdfff ? REPLACEMENT : code;
}

function fromCodePoints(codes: readonly number[]): string {
  let text = "";
  for (let i = 0; i < codes.length; i += CODE_UNITS_PER_CALL) {
    text += String.fromCodePoint(...codes.slice(i, i + CODE_UNITS_PER_CALL));
  }
  return text;
}
