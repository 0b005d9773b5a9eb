import type { RecordedRequest, WebBody, WebMessage } from "../model/index.js";

/** Characters of messages that wait for the end of their WebSocket; later ones stay in the log alone. */
const WAITING_CHARS_MAX = 256 * 1024 * 1024;
/** What a message takes beside what it says. */
const MESSAGE_CHARS = 128;

/** A WebSocket and what was said in it, while a log is read. */
export interface HarSocket {
  /** As it opened; null: the place where that stood is lost. */
  readonly request: RecordedRequest | null;
  readonly openedAt: number;
  readonly lastAt: number;
  readonly messages: readonly { readonly seconds: number; readonly message: WebMessage }[];
  /** Messages that found no room. */
  readonly left: number;
}

interface Open {
  request: RecordedRequest | null;
  openedAt: number;
  lastAt: number;
  messages: { seconds: number; message: WebMessage }[];
  left: number;
  chars: number;
}

/** The WebSockets of a log that are not over where it is read. */
export class HarSockets {
  readonly #open = new Map<number, Open>();
  #free = WAITING_CHARS_MAX;

  opened(request: RecordedRequest, seconds: number): void {
    const open = this.#at(request.number, seconds);
    open.request = request;
    open.openedAt = seconds;
  }

  said(number: number, message: WebMessage, seconds: number): void {
    const open = this.#at(number, seconds);
    open.lastAt = Math.max(open.lastAt, seconds);
    const chars = MESSAGE_CHARS + charsOf(message);
    if (chars > this.#free) {
      open.left += 1;
      return;
    }
    this.#free -= chars;
    open.chars += chars;
    open.messages.push({ seconds, message });
  }

  /** Forgets it. Null: it is none. */
  take(number: number): HarSocket | null {
    const open = this.#open.get(number);
    if (open === undefined) return null;
    this.#open.delete(number);
    this.#free += open.chars;
    // What the person sent may come from a file of its own.
    open.messages.sort((a, b) => a.seconds - b.seconds);
    return open;
  }

  /** Those that were still open when the log ended. */
  *rest(): Generator<HarSocket> {
    for (const number of [...this.#open.keys()]) {
      const socket = this.take(number);
      if (socket !== null) yield socket;
    }
  }

  #at(number: number, seconds: number): Open {
    const known = this.#open.get(number);
    if (known !== undefined) return known;
    const times = { openedAt: seconds, lastAt: seconds };
    const open: Open = { request: null, ...times, messages: [], left: 0, chars: 0 };
    this.#open.set(number, open);
    return open;
  }
}

/** The fields that Chromium's developer tools write and read. */
export function socketFields({ messages, left }: HarSocket, wallMs: number): object {
  const note = left === 0 ? {} : { comment: `${String(left)} further messages are in the log` };
  return {
    _resourceType: "websocket",
    _webSocketMessages: messages.map(({ seconds, message }) => messageOf(message, seconds, wallMs)),
    ...note,
  };
}

/** `ws:` for `http:`, as browsers say it. */
export function socketAddress(url: string): string {
  return url.replace(/^http/, "ws");
}

function messageOf(message: WebMessage, seconds: number, wallMs: number): object {
  const { of, binary, bytes, content } = message;
  return {
    type: of === "person" ? "send" : "receive",
    time: wallMs / 1_000 + seconds,
    // RFC 6455 section 5.2.
    opcode: binary ? 2 : 1,
    ...dataOf(content, binary),
    ...("left" in content
      ? { comment: leftOut(content.left, bytes) }
      : content.cut
        ? { comment: `only the beginning of ${String(bytes)} bytes` }
        : {}),
  };
}

/** Of binary messages base64, as Chromium has it. */
function dataOf(content: WebMessage["content"], binary: boolean): object {
  if ("left" in content) return { data: "" };
  if ("base64" in content) {
    return binary ? { data: content.base64 } : { data: content.base64, encoding: "base64" };
  }
  return { data: binary ? Buffer.from(content.text, "utf8").toString("base64") : content.text };
}

function charsOf({ content }: WebMessage): number {
  if ("left" in content) return 0;
  return "text" in content ? content.text.length : content.base64.length;
}

type Left = Extract<WebMessage["content"], { left: string }>["left"];

const WHY: Readonly<Record<Extract<WebBody["content"], { left: string }>["left"], string>> = {
  "too-long": "longer than what is kept",
  packed: "packed in a way that is not read",
  unreadable: "not what its type says",
  "no-room": "too much was under way",
  "broken-off": "it broke off",
};

/** Why nothing of it stands here. */
export function leftOut(why: Left, bytes: number): string {
  return why === "keys"
    ? "not kept: it looks like keys of a terminal, and what is sent from here on is not kept either"
    : `${String(bytes)} bytes, not kept: ${WHY[why]}`;
}
