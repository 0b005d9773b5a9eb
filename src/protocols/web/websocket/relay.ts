import { request as plainRequest, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { fault } from "../../../kernel/index.js";
import type { WebVerdict } from "../../../model/index.js";
import { fieldsForPerson, isCleanField } from "../head/header-fields.js";
import type { HeaderField } from "../head/request-head.js";
import { TARGET_HEAD_MS } from "../limits.js";
import type { Reached, SessionCore } from "../session/core.js";
import { stoppedText } from "../session/stopped.js";
import { dialectOf } from "../terminal/dialects.js";
import { relayTerminals } from "../terminal/relay-terminals.js";
import { understandHead, type Incoming } from "../session/incoming.js";
import { challengeProblem, OWN_FOLDER, stoppedProblem } from "../pages/pages.js";
import type { Page } from "../pages/html.js";

/** A connection that asks to leave HTTP behind (RFC 6455); bytes behind its head may have come already. */
export interface Upgrade {
  readonly incoming: Incoming;
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly behind: Buffer;
}

/**
 * Judged like every other request. One that carries terminals is read and goes through the session;
 * what is said in others is not understood, and passes byte by byte. It ends with the session.
 */
export async function relayWebSocket(core: SessionCore, upgrade: Upgrade): Promise<void> {
  const { incoming, socket } = upgrade;
  const began = performance.now();
  const understood = understandHead(incoming, core.secure ? "https" : "http");
  const activity = { ...understood.activity, upgrade: "websocket" };
  let settle: (verdict: WebVerdict) => void = () => undefined;
  const verdict = new Promise<WebVerdict>((resolve) => (settle = resolve));
  const request = core.ask({ activity, url: understood.url }, (given) => settle(given));
  if (request === null) {
    refuse(socket, stoppedProblem(stoppedText({ type: "busy" })));
    return;
  }
  const bytes = { toTarget: 0, toPerson: 0 };
  const kept = core.keep(incoming);
  const end = (status: number): void => {
    const outcome = { status, bytes, durationMs: Math.round(performance.now() - began) };
    core.ended(request, outcome, kept?.end(true));
  };
  if (core.card?.type === "question") {
    const scheme = core.secure ? "https" : "http";
    const stepUp = `${scheme}://${incoming.head.authority}${core.route.prefix}${OWN_FOLDER}step-up`;
    refuse(socket, challengeProblem(core.card.reason, stepUp));
    core.left(request);
    end(401);
    return;
  }
  const given = await verdict;
  if (given.type !== "pass") {
    const text = stoppedText(given);
    refuse(socket, stoppedProblem(text));
    end(text.status);
    return;
  }
  const reached = await core.reach();
  if (!reached.ok) {
    refuse(socket, unavailable(reached.error.message));
    end(502);
    return;
  }
  const asked = {
    path: incoming.path.plain,
    // Whole, as the target reads it: rules know no long values, and none that look like secrets.
    query: [...new URLSearchParams(incoming.head.query ?? "")].map(([name, value]) => ({
      name,
      value,
    })),
    protocols: offeredProtocols(incoming.head.headers),
  };
  const dialect = dialectOf(asked, core.route.terminals);
  if (dialect === null) {
    lead(core, upgrade, { reached: reached.value, bytes, end });
    return;
  }
  const { head, path } = incoming;
  const { fields } = reached.value;
  relayTerminals({
    core,
    reached: reached.value,
    dialect,
    asked,
    path: head.query === null ? path.raw : `${path.raw}?${head.query}`,
    fields: fields.toTarget(head.headers, {
      authority: head.authority,
      length: null,
      unpacked: false,
    }),
    request: upgrade.request,
    socket,
    behind: upgrade.behind,
    rewrite: (answer) => fields.toPerson(fieldsForPerson(answer), head.authority),
    refuse: (status, reason) =>
      refuse(socket, status === 403 ? forbidden(reason) : unavailable(reason, status)),
    ended(status, counted) {
      bytes.toTarget = counted.toTarget;
      bytes.toPerson = counted.toPerson;
      end(status);
    },
  });
}

function offeredProtocols(headers: readonly HeaderField[]): readonly string[] {
  return headers.flatMap(([name, value]) =>
    name === "sec-websocket-protocol"
      ? value
          .split(",")
          .map((one) => one.trim())
          .filter((one) => one !== "")
      : [],
  );
}

interface Leading {
  readonly reached: Reached;
  readonly bytes: { toTarget: number; toPerson: number };
  readonly end: (status: number) => void;
}

function lead(core: SessionCore, { incoming, socket, behind }: Upgrade, leading: Leading): void {
  const { reached, bytes } = leading;
  const { head, path } = incoming;
  let told = false;
  const end = (status: number): void => {
    if (told) return;
    told = true;
    leading.end(status);
  };
  const fields = reached.fields.toTarget(head.headers, {
    authority: head.authority,
    length: null,
    unpacked: false,
  });
  const outgoing = plainRequest({
    method: "GET",
    path: head.query === null ? path.raw : `${path.raw}?${head.query}`,
    createConnection: () => reached.target.dial(),
    setHost: false,
    headers: [...fields, ["connection", "Upgrade"], ["upgrade", "websocket"]].flat() as never, // Node takes names and values in turn
    timeout: TARGET_HEAD_MS,
  });
  outgoing.on("error", (error) => {
    refuse(socket, unavailable(error.message));
    end(502);
  });
  outgoing.on("timeout", () => outgoing.destroy(new Error("no answer in time")));
  outgoing.on("response", (answer) => {
    // The target does not change over: its answer is the person's.
    const own = answer.statusCode ?? 502;
    answer.resume();
    refuse(socket, unavailable(`the application answered ${String(own)}`, own));
    end(own);
  });
  outgoing.on("upgrade", (answer: IncomingMessage, target: Duplex, first: Buffer) => {
    socket.write(switchingHead(reached.fields.toPerson(pairsOf(answer), head.authority), answer));
    join({ person: socket, target, behind, first, bytes, end: () => end(101) });
    core.own(socket);
    core.own(target);
  });
  socket.once("close", () => outgoing.destroy());
  outgoing.end();
}

function pairsOf(answer: IncomingMessage): readonly HeaderField[] {
  const { rawHeaders } = answer;
  return rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name.toLowerCase(), rawHeaders[index + 1] ?? ""] as const] : [],
  );
}

function switchingHead(fields: readonly HeaderField[], answer: IncomingMessage): string {
  const kept = fieldsForPerson(fields).filter(isCleanField);
  const protocol = answer.headers.upgrade ?? "websocket";
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    `upgrade: ${protocol}`,
    "connection: Upgrade",
    ...kept.map(([name, value]) => `${name}: ${value}`),
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

interface Joined {
  readonly person: Duplex;
  readonly target: Duplex;
  readonly behind: Uint8Array;
  readonly first: Uint8Array;
  readonly bytes: { toTarget: number; toPerson: number };
  readonly end: () => void;
}

/** Whoever is slower sets the pace; when one side closes, so does the other. */
function join({ person, target, behind, first, bytes, end }: Joined): void {
  const over = (): void => {
    person.destroy();
    target.destroy();
    end();
  };
  person.on("data", (piece: Buffer) => (bytes.toTarget += piece.length));
  target.on("data", (piece: Buffer) => (bytes.toPerson += piece.length));
  for (const side of [person, target]) side.on("error", over).on("close", over);
  if (behind.length > 0) {
    bytes.toTarget += behind.length;
    target.write(behind);
  }
  if (first.length > 0) {
    bytes.toPerson += first.length;
    person.write(first);
  }
  person.pipe(target);
  target.pipe(person);
}

function forbidden(reason: string): Page {
  return stoppedProblem({
    status: 403,
    title: "Chaperone has stopped this terminal",
    reason,
    trigger: "",
    type: "blocked",
  });
}

function unavailable(reason: string, status = 502): Page {
  return stoppedProblem({
    status: status < 400 ? 502 : status,
    title: "The application can not be reached",
    reason,
    trigger: fault("CHP_WEB_TARGET", reason).code,
    type: "unavailable",
  });
}

/** On a socket that HTTP has let go of. */
export function refuse(socket: Duplex, page: Page): void {
  if (socket.destroyed || !socket.writable) return;
  const lines = [
    `HTTP/1.1 ${String(page.status)} Refused`,
    ...Object.entries(page.headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${String(Buffer.byteLength(page.body))}`,
    "connection: close",
  ];
  socket.end(`${lines.join("\r\n")}\r\n\r\n${page.body}`);
}
