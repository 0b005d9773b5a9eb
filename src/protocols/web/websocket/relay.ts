import { createHash } from "node:crypto";
import { request as plainRequest, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { fault } from "../../../kernel/index.js";
import type { WebVerdict } from "../../../model/index.js";
import { fieldsForPerson, headerOf, isCleanField } from "../head/header-fields.js";
import type { HeaderField } from "../head/request-head.js";
import { TARGET_HEAD_MS } from "../limits.js";
import { KeptMessages } from "../log/kept-messages.js";
import type { Reached, SessionCore } from "../session/core.js";
import { stoppedText } from "../session/stopped.js";
import { dialectOf } from "../terminal/dialects.js";
import { relayTerminals } from "../terminal/relay-terminals.js";
import { understandHead, type Incoming } from "../session/incoming.js";
import { challengeProblem, OWN_FOLDER, stoppedProblem } from "../pages/pages.js";
import type { Page } from "../pages/html.js";
import { relayMessages } from "./relay-messages.js";

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
  if (socket.destroyed) {
    end(0);
    return;
  }
  const { head, path } = incoming;
  const { fields } = reached.value;
  const asked = {
    path: path.plain,
    // Whole, as the target reads it: rules know no long values, and none that look like secrets.
    query: [...new URLSearchParams(head.query ?? "")].map(([name, value]) => ({ name, value })),
    protocols: offeredProtocols(head.headers),
  };
  const rewrite = (answer: readonly HeaderField[]): readonly HeaderField[] => {
    const shown = fields.toPerson(fieldsForPerson(answer), head.authority);
    kept?.head(shown);
    return shown;
  };
  const common = {
    core,
    reached: reached.value,
    path: head.query === null ? path.raw : `${path.raw}?${head.query}`,
    fields: fields.toTarget(head.headers, {
      authority: head.authority,
      length: null,
      unpacked: false,
    }),
    request: upgrade.request,
    socket,
    behind: upgrade.behind,
    ended(status: number, counted: WebBytes) {
      bytes.toTarget = counted.toTarget;
      bytes.toPerson = counted.toPerson;
      end(status);
    },
  };
  const dialect = dialectOf(asked, core.route.terminals);
  if (dialect !== null) {
    relayTerminals({
      ...common,
      dialect,
      asked,
      rewrite,
      refuse: (status, reason) =>
        refuse(socket, status === 403 ? forbidden(reason) : unavailable(reason, status)),
    });
  } else if (kept !== null && given.bodies === true) {
    const messages = new KeptMessages();
    await relayMessages({
      ...common,
      protocols: asked.protocols,
      opened(answer) {
        const shown = rewrite(answer);
        core.switched(request, kept.switched());
        return shown;
      },
      said(of, message) {
        const said = messages.take(of, message);
        if (said !== null) core.message(request, said);
      },
      refuse: (status, reason) => refuse(socket, unavailable(reason, status)),
    });
  } else lead({ ...common, bytes, end, rewrite });
}

interface WebBytes {
  readonly toTarget: number;
  readonly toPerson: number;
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
  readonly core: SessionCore;
  readonly reached: Reached;
  readonly path: string;
  readonly fields: readonly HeaderField[];
  readonly socket: Duplex;
  readonly behind: Buffer;
  readonly bytes: { toTarget: number; toPerson: number };
  readonly rewrite: (answer: readonly HeaderField[]) => readonly HeaderField[];
  readonly end: (status: number) => void;
}

function lead({ core, reached, socket, ...leading }: Leading): void {
  let told = false;
  const end = (status: number): void => {
    if (told) return;
    told = true;
    leading.end(status);
  };
  const outgoing = plainRequest({
    method: "GET",
    path: leading.path,
    createConnection: () => reached.target.dial(),
    setHost: false,
    headers: [
      ...leading.fields,
      ["connection", "Upgrade"],
      ["upgrade", "websocket"],
    ].flat() as never, // Node takes names and values in turn
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
    const { behind, bytes, rewrite } = leading;
    if (!isAccepted(answer, leading.fields)) {
      // Whatever it speaks from here on is no WebSocket, and was judged by nobody.
      target.destroy();
      refuse(socket, unavailable("the application answered with another protocol"));
      end(502);
      return;
    }
    socket.write(switchingHead(rewrite(pairsOf(answer)), answer));
    join({ core, person: socket, target, behind, first, bytes, end: () => end(101) });
    core.own(socket);
    core.own(target);
  });
  socket.once("close", () => outgoing.destroy());
  outgoing.end();
}

/** RFC 6455 section 4.1: what every client looks at before it believes that this is a WebSocket. */
function isAccepted({ headers }: IncomingMessage, asked: readonly HeaderField[]): boolean {
  const key = headerOf(asked, "sec-websocket-key");
  if (key === undefined || headers.upgrade?.toLowerCase() !== "websocket") return false;
  const expected = createHash("sha1").update(`${key}${GUID}`).digest("base64");
  return headers["sec-websocket-accept"] === expected;
}

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

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
  readonly core: SessionCore;
  readonly person: Duplex;
  readonly target: Duplex;
  readonly behind: Uint8Array;
  readonly first: Uint8Array;
  readonly bytes: { toTarget: number; toPerson: number };
  readonly end: () => void;
}

/** Whoever is slower sets the pace; when one side closes, so does the other. */
function join({ core, person, target, behind, first, bytes, end }: Joined): void {
  let covered = false;
  /** What covers the pages holds what is sent here as well. */
  const look = (): void => {
    if ((core.card !== null) === covered) return;
    covered = !covered;
    if (!covered) person.pipe(target);
    else person.unpipe(target).pause();
  };
  const forget = core.onCard(look);
  const over = (): void => {
    forget();
    person.destroy();
    target.destroy();
    end();
  };
  if (behind.length > 0) person.unshift(behind);
  person.on("data", (piece: Buffer) => (bytes.toTarget += piece.length));
  target.on("data", (piece: Buffer) => (bytes.toPerson += piece.length));
  for (const side of [person, target]) side.on("error", over).on("close", over);
  if (first.length > 0) {
    bytes.toPerson += first.length;
    person.write(first);
  }
  person.pipe(target);
  target.pipe(person);
  look();
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
