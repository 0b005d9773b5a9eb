import type { WebBody, WebExchange } from "../../../model/index.js";
import { headerOf } from "../head/header-fields.js";
import type { HeaderField } from "../head/request-head.js";
import type { Incoming } from "../session/incoming.js";
import { KeptBody, type BodyRoom } from "./kept-body.js";
import { maskedQuery } from "./masked-address.js";
import { maskedFields } from "./masked-fields.js";
import { maskedPath } from "./masked-path.js";

/** What the request log will say of one request: noted on the way, masked when it is over. */
export class KeptExchange {
  readonly #incoming: Incoming;
  readonly #scheme: string;
  readonly #room: BodyRoom;
  readonly #began = performance.now();
  #answered: readonly HeaderField[] = [];
  #headMs: number | null = null;
  #wanted = false;
  #request: KeptBody | null = null;
  #response: KeptBody | null = null;

  constructor(incoming: Incoming, scheme: string, room: BodyRoom) {
    this.#incoming = incoming;
    this.#scheme = scheme;
    this.#room = room;
  }

  /** A rule wants what passes from now on. */
  wantBodies(): void {
    this.#wanted = true;
  }

  asked(piece: Uint8Array): void {
    if (!this.#wanted) return;
    const { headers } = this.#incoming.head;
    this.#request ??= this.#bodyOf("request", headers);
    this.#request.feed(piece);
  }

  /** The head of the answer, as the person gets it. */
  head(fields: readonly HeaderField[]): void {
    this.#headMs = performance.now() - this.#began;
    this.#answered = fields;
  }

  answered(piece: Uint8Array): void {
    if (!this.#wanted) return;
    this.#response ??= this.#bodyOf("response", this.#answered);
    this.#response.feed(piece);
  }

  /** `whole`: both bodies have passed to their end. Once. */
  end(whole: boolean): WebExchange {
    const bodies: WebBody[] = [];
    for (const kept of [this.#request, this.#response]) {
      const body = kept?.take(whole) ?? null;
      if (body !== null) bodies.push(body);
    }
    return this.#exchange(bodies);
  }

  /** It becomes a WebSocket, which is over later. */
  switched(): WebExchange {
    return this.#exchange([]);
  }

  /** Written out: this is done for every request. */
  #exchange(bodies: readonly WebBody[]): WebExchange {
    const { head, http2 } = this.#incoming;
    const query = head.query === null ? "" : `?${maskedQuery(head.query)}`;
    const path = head.path.includes(";") ? head.path.replace(PARAMETERS, "") : head.path;
    const protocol = http2 ? "HTTP/2" : "HTTP/1.1";
    const url = `${this.#scheme}://${head.authority}${maskedPath(path)}${query}`;
    const asked = maskedFields(head.headers);
    const answered = maskedFields(this.#answered);
    if (this.#headMs === null) return { protocol, url, asked, answered, bodies };
    const headMs = Math.round(this.#headMs);
    return { protocol, url, asked, answered, headMs, bodies };
  }

  #bodyOf(of: WebBody["of"], fields: readonly HeaderField[]): KeptBody {
    const facts = {
      of,
      contentType: headerOf(fields, "content-type"),
      encoding: headerOf(fields, "content-encoding"),
    };
    return new KeptBody(facts, this.#room);
  }
}

/** `/app;jsessionid=...`: parameters of segments hold sessions. */
const PARAMETERS = /;[^/]*/g;
