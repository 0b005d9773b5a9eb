import { StringDecoder } from "node:string_decoder";

/** The operator's keys on their way to a session whose keyboard they have. */
export interface Keyboard {
  typed(bytes: Uint8Array): void;
}

export interface KeyboardDeps {
  /** Sends keys; answers with the reason when they were not taken. */
  readonly send: (text: string) => Promise<string | null>;
  /** Once: the operator leaves (no reason), or their keys are not taken any more. */
  readonly over: (reason: string | null) => void;
}

/** Ctrl-], as telnet has it: no shell or editor needs it. */
export const LEAVE_KEY = "\u001d";
/** What a call takes (`keysBody` of the API). */
const KEYS_LENGTH_MAX = 4_096;
/** A paste that the network does not keep up with; what is typed beyond it is dropped whole. */
const WAITING_LENGTH_MAX = 64 * 1_024;

export function createKeyboard({ send, over }: KeyboardDeps): Keyboard {
  const decoder = new StringDecoder("utf8");
  let waiting = "";
  let sending = false;
  let ended = false;

  /** One call at a time: keys arrive in the order in which they were typed. */
  async function pump(): Promise<void> {
    if (sending) return;
    sending = true;
    while (waiting !== "" && !ended) {
      const part = firstOf(waiting);
      waiting = waiting.slice(part.length);
      const refused = await send(part);
      if (refused !== null) end(refused);
    }
    sending = false;
  }

  function end(reason: string | null): void {
    if (ended) return;
    ended = true;
    waiting = "";
    over(reason);
  }

  return {
    typed(bytes) {
      if (ended) return;
      const text = decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      // Whoever wants to leave leaves, whatever still waits.
      if (text.includes(LEAVE_KEY)) {
        end(null);
        return;
      }
      if (waiting.length + text.length <= WAITING_LENGTH_MAX) waiting += text;
      void pump();
    },
  };
}

/** As much as one call takes, without cutting a character. */
function firstOf(text: string): string {
  if (text.length <= KEYS_LENGTH_MAX) return text;
  const last = text.charCodeAt(KEYS_LENGTH_MAX - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? KEYS_LENGTH_MAX - 1 : KEYS_LENGTH_MAX);
}
