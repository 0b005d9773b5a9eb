import { escapeControls } from "../../../../kernel/index.js";

/** Longer names are no names of files (most file systems end at 255 bytes, paths at 4096). */
const NAME_CHARS_MAX = 4_096;
const TYPE_CHARS_MAX = 128;

/** A name as it may be shown: no control characters, none that turn the direction of text, bounded. */
export function nameOf(name: string): string {
  return escapeControls(name.slice(0, NAME_CHARS_MAX));
}

/** `Text/Plain; charset=utf-8` is `text/plain`; what is no type at all is empty. */
export function typeOf(mimetype: string): string {
  const type = mimetype.slice(0, TYPE_CHARS_MAX).split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/.test(type) ? type : "";
}

/** Does a type match a pattern: itself, `image/*`, or `*`? */
export function matchesType(pattern: string, type: string): boolean {
  const wanted = pattern.toLowerCase();
  if (wanted === "*" || wanted === "*/*") return true;
  return wanted.endsWith("/*") ? type.startsWith(wanted.slice(0, -1)) : wanted === type;
}

/** An index of a stream or object as guacd writes it; null for anything else. */
export function indexOf(text: string | undefined): number | null {
  return text !== undefined && /^(?:0|[1-9]\d{0,8})$/.test(text) ? Number(text) : null;
}
