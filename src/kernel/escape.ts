/**
 * Makes text from a target or a person safe to show outside a terminal player: control characters
 * (C0, DEL, C1) and bidirectional overrides are written as `\x1b` / `\u{202e}`, so that a log line or
 * a warning can not move the cursor, hide itself or read backwards.
 */
export function escapeControls(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code <= 0xff ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
  });
}

// eslint-disable-next-line no-control-regex -- control characters are what this expression is for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * The same JSON, without what a terminal could act on: of the controls JSON itself escapes only C0, and C1 (U+009B
 * begins a sequence), DEL and bidirectional overrides would pass. They can stand in strings only, where `\u009b`
 * means the same to every reader (RFC 8259 section 7).
 */
export function plainJson(json: string): string {
  return json.replace(
    LEFT_BY_JSON,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const LEFT_BY_JSON = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;
