import type { Readable } from "node:stream";
import { fault } from "../../../kernel/index.js";
import { takeBeginning } from "../body/taken.js";
import type { RequestHead } from "../head/request-head.js";
import { ANSWER_BYTES_MAX, KEY_REPORT_BYTES_MAX, VIEW_REPORT_BYTES_MAX } from "../limits.js";
import { OWN_FOLDER, questionPage, stoppedPage } from "../pages/pages.js";
import { readKeyReport } from "../script/key-report.js";
import { readViewReport } from "../script/view-report.js";
import { SCRIPT_TEXT } from "../script/script-text.js";
import { newNonce } from "./stopped.js";
import type { Hold } from "./holds.js";
import { redirect, sendPage, type Reply } from "./reply.js";
import type { WebSession } from "./web-session.js";

export interface OwnRequest {
  readonly head: RequestHead;
  readonly source: Readable;
  readonly reply: Reply;
  /** It comes from a page of this very host. */
  readonly sameOrigin: boolean;
  /** `Set-Cookie` that lets the held request be asked for again. */
  readonly resumeCookie: (hold: string) => string;
}

/** How long an answer is waited for: the registry may have to hash a password behind others. */
const ANSWER_MS = 12_000;

/** What the sidecar itself answers below `/.chaperone/` to somebody who is known. */
export async function serveOwnPage(session: WebSession, request: OwnRequest): Promise<void> {
  const { head, reply } = request;
  const page = head.path.slice(baseOf(session).length);
  const query = new URLSearchParams(head.query ?? "");
  if (page === "answer" && head.method === "POST") {
    await answer(session, request);
    return;
  }
  if (page === "wait" && head.method === "GET") {
    const hold = session.holds.get(query.get("hold") ?? "");
    show(session, request, hold);
    return;
  }
  if (page === "step-up" && head.method === "GET") {
    show(session, request, undefined);
    return;
  }
  if (page === "pulse" && head.method === "GET") {
    pulse(session, reply, Number(query.get("since") ?? 0));
    return;
  }
  if (session.route.script && (await ofScript(session, request, page))) return;
  notFound(reply);
}

/** The script, and what it reports; false: something else is asked for. */
async function ofScript(session: WebSession, request: OwnRequest, page: string): Promise<boolean> {
  switch (`${request.head.method} ${page}`) {
    case "GET script.js":
      sendPage(request.reply, { status: 200, headers: SCRIPT_HEADERS, body: SCRIPT_TEXT });
      return true;
    case "POST keys":
      await keys(session, request);
      return true;
    case "POST view":
      await view(session, request);
      return true;
    default:
      return false;
  }
}

const SCRIPT_HEADERS = {
  "content-type": "text/javascript; charset=utf-8",
  "cache-control": "private, max-age=3600",
  "x-content-type-options": "nosniff",
} as const;

/** What the script has timed. A report that is none is no crime: nothing follows from it. */
async function keys(session: WebSession, { source, reply, sameOrigin }: OwnRequest): Promise<void> {
  const taken = sameOrigin ? await takeBeginning(source, KEY_REPORT_BYTES_MAX) : null;
  const report = taken?.ended === true ? readKeyReport(taken.bytes) : null;
  taken?.bytes.fill(0);
  if (report === null) {
    reply.destroy();
    return;
  }
  session.pressed(report);
  sendPage(reply, { status: 204, headers: { "cache-control": "no-store" }, body: "" });
}

/** What the person looks at. As with keys, a report that is none is no crime. */
async function view(session: WebSession, request: OwnRequest): Promise<void> {
  const { head, source, reply, sameOrigin } = request;
  const taken = sameOrigin ? await takeBeginning(source, VIEW_REPORT_BYTES_MAX) : null;
  const origin = `${session.secure ? "https" : "http"}://${head.authority}`;
  const page = { origin, route: session.route };
  const report = taken?.ended === true ? readViewReport(taken.bytes, page) : null;
  if (report === null) {
    reply.destroy();
    return;
  }
  session.viewed(report);
  sendPage(reply, { status: 204, headers: { "cache-control": "no-store" }, body: "" });
}

function baseOf(session: WebSession): string {
  return `${session.route.prefix}${OWN_FOLDER}`;
}

function notFound(reply: Reply): void {
  const text = {
    status: 404,
    title: "There is no such page",
    reason: "the sidecar has no page of this name",
    trigger: "",
    type: "not-found",
  };
  sendPage(reply, stoppedPage(text, newNonce()));
}

async function answer(session: WebSession, request: OwnRequest): Promise<void> {
  const { reply, source } = request;
  if (!request.sameOrigin) {
    session.refused(fault("CHP_WEB_FOREIGN", "an answer that came from another site"));
    reply.destroy();
    return;
  }
  const taken = await takeBeginning(source, ANSWER_BYTES_MAX);
  if (taken?.ended !== true) {
    reply.destroy();
    return;
  }
  const form = readAnswer(taken.bytes);
  taken.bytes.fill(0);
  const hold = session.holds.get(form.hold);
  const before = session.card;
  if (before?.type === "question") {
    session.typed(form.typed);
    await settled(session, hold, before);
  }
  form.typed.fill(0);
  show(session, request, hold);
}

/** Until the question has changed: answered, asked again, or over. */
async function settled(
  session: WebSession,
  hold: Hold | undefined,
  before: WebSession["card"],
): Promise<void> {
  const until = performance.now() + ANSWER_MS;
  for (;;) {
    const left = until - performance.now();
    const { card } = session;
    const checking = card?.type === "question" && card.notes.includes(CHECKING);
    if (left <= 0 || (card !== before && !checking) || session.over) return;
    if (hold?.verdict != null) return;
    await changed(session, left);
  }
}

/** What the session says while the registry is asked. */
const CHECKING = "Checking ...";

function changed(session: WebSession, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      forget();
      clearTimeout(timer);
      resolve();
    };
    const forget = session.onCard(done);
    const timer = setTimeout(done, ms);
  });
}

/** The question that is open, or back to where the person was. */
function show(session: WebSession, request: OwnRequest, hold: Hold | undefined): void {
  const { reply } = request;
  if (hold !== undefined && hold.verdict !== null) {
    redirect(reply, hold.url, [request.resumeCookie(hold.id)]);
    return;
  }
  const { card } = session;
  if (card?.type === "question") {
    sendPage(
      reply,
      questionPage(card, { hold: hold?.id ?? "", nonce: newNonce(), base: baseOf(session) }),
    );
  } else redirect(reply, `${session.route.prefix}/`);
}

function pulse(session: WebSession, reply: Reply, since: number): void {
  const messages = session.messages.filter(({ number }) => number > since);
  sendPage(reply, {
    status: 200,
    headers: { "content-type": "application/json", "cache-control": "no-store" },
    body: JSON.stringify({ messages, asked: session.card?.type === "question" }),
  });
}

/** Keys as a terminal would send them: the answer and Enter, or Ctrl-C. */
interface TypedAnswer {
  readonly hold: string;
  readonly typed: Uint8Array;
}

const INTERRUPT = 0x03;
const ENTER = 0x0d;

/** `application/x-www-form-urlencoded` by bytes: what was typed becomes no string. */
export function readAnswer(body: Uint8Array): TypedAnswer {
  let hold = "";
  let typed: Uint8Array = Uint8Array.of(INTERRUPT);
  let cancelled = false;
  for (const pair of split(body, 0x26)) {
    const [name = new Uint8Array(), value = new Uint8Array()] = splitOnce(pair, 0x3d);
    switch (Buffer.from(name).toString("latin1")) {
      case "hold":
        hold = Buffer.from(decoded(value)).toString("latin1");
        break;
      case "cancel":
        cancelled = true;
        break;
      case "answer": {
        const plain = decoded(value);
        // Keys that edit a line or end it are no part of an answer.
        const kept = plain.filter((byte) => byte >= 0x20 && byte !== 0x7f);
        typed = Uint8Array.of(...kept, ENTER);
        plain.fill(0);
        kept.fill(0);
        break;
      }
      default:
    }
  }
  return { hold, typed: cancelled ? Uint8Array.of(INTERRUPT) : typed };
}

function split(bytes: Uint8Array, by: number): readonly Uint8Array[] {
  const out: Uint8Array[] = [];
  let start = 0;
  for (let at = bytes.indexOf(by); at >= 0; at = bytes.indexOf(by, start)) {
    out.push(bytes.subarray(start, at));
    start = at + 1;
  }
  return [...out, bytes.subarray(start)];
}

function splitOnce(bytes: Uint8Array, by: number): readonly Uint8Array[] {
  const at = bytes.indexOf(by);
  return at < 0 ? [bytes] : [bytes.subarray(0, at), bytes.subarray(at + 1)];
}

function decoded(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    const high = hex(bytes[i + 1]);
    const low = hex(bytes[i + 2]);
    if (byte === 0x25 && high >= 0 && low >= 0) {
      out[length++] = high * 16 + low;
      i += 2;
    } else out[length++] = byte === 0x2b ? 0x20 : byte;
  }
  return out.subarray(0, length);
}

function hex(byte: number | undefined): number {
  if (byte === undefined) return -1;
  const digit = "0123456789abcdef".indexOf(String.fromCharCode(byte).toLowerCase());
  return digit;
}
