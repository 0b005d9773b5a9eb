import type { SocketMessage } from "../../../net/index.js";

/** Bytes of a terminal as text messages, which have to be whole characters. */
export interface TextFlow {
  /** Null: nothing whole yet. */
  push(bytes: Uint8Array): string | null;
}

/** The beginning of a character waits for the rest; bytes that are none become U+FFFD. */
export function createTextFlow(): TextFlow {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return {
    push(bytes) {
      const text = decoder.decode(bytes, { stream: true });
      return text === "" ? null : text;
    },
  };
}

/** As the other side speaks: in text, or in bytes. */
export function flowing(
  flow: TextFlow,
  bytes: Uint8Array,
  { binary, wrap }: { readonly binary: boolean; readonly wrap: (text: string) => string },
): readonly SocketMessage[] {
  if (binary) return [{ binary: true, bytes }];
  const text = flow.push(bytes);
  return text === null ? [] : [{ binary: false, bytes: Buffer.from(wrap(text), "utf8") }];
}
