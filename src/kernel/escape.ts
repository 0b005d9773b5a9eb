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
