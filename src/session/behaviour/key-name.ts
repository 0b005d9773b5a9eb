import { decodeUtf8 } from "../../kernel/index.js";

/** What a key is called in a profile: its character, or a name (`Enter`, `Ctrl-R`, `Esc[A`). */
export function keyName(bytes: Uint8Array): string {
  const first = bytes[0];
  if (first === undefined) return "";
  if (bytes.length === 1 && first < NAMES.length) return NAMES[first] ?? "";
  if (first === 0x7f) return "Backspace";
  if (first === 0x1b) return `Esc${decodeUtf8(bytes.subarray(1))}`;
  return decodeUtf8(bytes);
}

/** ASCII control characters, 0 to 31. */
const NAMES: readonly string[] = Array.from({ length: 32 }, (_, code) => {
  switch (code) {
    case 0x08:
      return "Backspace";
    case 0x09:
      return "Tab";
    case 0x0a:
    case 0x0d:
      return "Enter";
    case 0x1b:
      return "Esc";
    default:
      return `Ctrl-${String.fromCharCode(code + 0x40)}`;
  }
});
