import type { Cut, ToldEvent } from "../told-event.js";

const encoder = new TextEncoder();

/**
 * The same event with every text in `data` at most `textBytesMax` long (UTF-8, cut between
 * characters), marked as cut; the event itself when nothing is too long. A text is never shortened
 * without the mark: receivers see that there is more, how much, and where it stood.
 */
export function shorten(event: ToldEvent, textBytesMax: number): ToldEvent {
  const fields: string[] = [];
  const data = shortened(event.data, { path: "", textBytesMax, fields });
  if (fields.length === 0) return event;
  const untruncatedBytes =
    event.cut?.untruncatedBytes ?? encoder.encode(JSON.stringify(event.data)).length;
  const cut: Cut = {
    untruncatedBytes,
    fields: [...new Set([...(event.cut?.fields ?? []), ...fields])],
  };
  return { ...event, data, cut } as ToldEvent; // the same shape with shorter texts
}

interface Place {
  readonly path: string;
  readonly textBytesMax: number;
  readonly fields: string[];
}

function shortened(value: unknown, place: Place): unknown {
  if (typeof value === "string") {
    const cut = cutText(value, place.textBytesMax);
    if (cut !== value) place.fields.push(place.path);
    return cut;
  }
  if (Array.isArray(value)) return value.map((one, index) => shortened(one, inner(place, index)));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, shortened(one, inner(place, key))]),
  );
}

function inner(place: Place, key: string | number): Place {
  return { ...place, path: place.path === "" ? String(key) : `${place.path}.${key}` };
}

/** At most so many bytes of UTF-8, ending between two characters. */
export function cutText(text: string, bytesMax: number): string {
  if (text.length * 3 <= bytesMax) return text;
  const bytes = encoder.encode(text);
  if (bytes.length <= bytesMax) return text;
  let end = bytesMax;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return new TextDecoder().decode(bytes.subarray(0, end));
}
