import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { Readable } from "node:stream";
import type {
  Caller,
  LiveWatch,
  PageStream,
  RecordingsPort,
  SessionsPort,
  ViewingPages,
  ViewingsPort,
} from "../../admin/index.js";
import { createOneTimeLinks } from "../../identity/index.js";
import { err, fault, ok, type Fault } from "../../kernel/index.js";
import { isDesktopProtocol } from "../../model/index.js";

/** Links under which operators see a desktop in a browser, live or recorded. */
export interface Viewings {
  readonly page: ViewingPages;
  /** For the control API. */
  readonly port: ViewingsPort;
  /** Where desktops are found; until then no link is issued. */
  serve(sources: ViewingSources): void;
}

export interface ViewingSources {
  readonly sessions: Pick<SessionsPort, "get" | "watch">;
  readonly recordings: RecordingsPort;
}

interface Viewing {
  readonly what: "recording" | "session";
  readonly id: string;
  readonly by: Caller;
  /** Digest of what the browser that opened it has; null: nobody has. */
  claim: Buffer | null;
}

const CLAIM_BYTES = 16;
const MS_PER_SECOND = 1_000;
/** What the protocol has for "nothing". */
const IDLE = "3.nop;";

export function createViewings(deps: {
  readonly wallMs: () => number;
  /** Null: there are no pages. */
  readonly linkOf: ((token: string) => string) | null;
}): Viewings {
  const links = createOneTimeLinks<Viewing>({ wallMs: deps.wallMs, dropped: () => undefined });
  let sources: ViewingSources | null = null;

  async function whyNot({ what, id }: Pick<Viewing, "what" | "id">): Promise<Fault | null> {
    if (sources === null) return UNAVAILABLE;
    if (what === "session") {
      const session = await sources.sessions.get(id);
      if (session === undefined) return NO_SESSION;
      return isDesktopProtocol(session.protocol) ? null : NO_DESKTOP;
    }
    const opened = await sources.recordings.open(id);
    if (!opened.ok) return opened.error;
    discard(opened.value.content);
    if (opened.value.encrypted) return ENCRYPTED;
    return opened.value.format === "guacamole" ? null : NO_DESKTOP;
  }

  async function watch({ what, id, by }: Viewing): Promise<PageStream | null> {
    if (sources === null) return null;
    if (what === "session") {
      const watched = await sources.sessions.watch({ session: id, by });
      return watched.ok ? liveStream(watched.value) : null;
    }
    const opened = await sources.recordings.open(id);
    if (!opened.ok) return null;
    const { content, encrypted } = opened.value;
    if (encrypted) {
      discard(content);
      return null;
    }
    return {
      text: content as AsyncIterable<Buffer>, // a file's, in binary
      idle: "",
      close: () => discard(content),
    };
  }

  const port: ViewingsPort = {
    async issue({ what, id, ttlSeconds, by }) {
      if (deps.linkOf === null) return err(NO_PAGES);
      const refused = await whyNot({ what, id });
      if (refused !== null) return err(refused);
      const expiresMs = deps.wallMs() + ttlSeconds * MS_PER_SECOND;
      const token = links.open({ what, id, by, claim: null }, expiresMs);
      if (token === null) return err(UNAVAILABLE);
      return ok({ link: deps.linkOf(token), expiresAt: new Date(expiresMs).toISOString() });
    },
  };

  const page: ViewingPages = {
    look(token, claim) {
      const found = links.find(token);
      if (found === null) return null;
      const { what, id, by } = found;
      const state = found.claim === null ? "fresh" : holds(found.claim, claim) ? "opened" : "taken";
      return { what, id, by: by.name, state };
    },
    open(token) {
      const found = links.find(token);
      if (found?.claim !== null) return null;
      const claim = randomBytes(CLAIM_BYTES).toString("base64url");
      found.claim = digestOf(claim);
      return claim;
    },
    async watch(token, claim) {
      const found = links.find(token);
      if (found === null || found.claim === null || !holds(found.claim, claim)) return null;
      return await watch(found);
    },
  };

  return {
    page,
    port,
    serve(given) {
      sources = given;
    },
  };
}

function liveStream(watched: LiveWatch): PageStream {
  async function* text(): AsyncGenerator<string> {
    for await (const frame of watched.frames) {
      if (frame.type === "drawn") yield frame.data;
      else if (frame.type === "end") return;
    }
  }
  return { text: text(), idle: IDLE, close: () => watched.close() };
}

function discard(content: NodeJS.ReadableStream): void {
  if (content instanceof Readable) content.destroy();
}

function holds(claim: Buffer, shown: string): boolean {
  return timingSafeEqual(claim, digestOf(shown));
}

function digestOf(claim: string): Buffer {
  return createHash("sha256").update(claim, "latin1").digest();
}

const NO_PAGES = fault(
  "CHP_ADMIN_CONFLICT",
  "there are no pages: `listen.pages` is not configured",
);
const UNAVAILABLE = fault("CHP_ADMIN_BUSY", "no link can be given now");
const NO_SESSION = fault("CHP_ADMIN_NOT_FOUND", "there is no such session");
const NO_DESKTOP = fault("CHP_ADMIN_CONFLICT", "only desktops are shown in a browser");
/** Whoever has a private key decrypts the file, and plays it with guacenc or a player of their own. */
const ENCRYPTED = fault(
  "CHP_ADMIN_CONFLICT",
  "the recording is encrypted: nobody here can read it",
);
