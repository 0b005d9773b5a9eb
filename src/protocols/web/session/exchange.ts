import { Readable } from "node:stream";
import { fault, type Fault, type RequestId, type Result } from "../../../kernel/index.js";
import type { WebAnswer, WebOutcome, WebVerdict } from "../../../model/index.js";
import { watchFile, type FileWatch } from "../body/file-watch.js";
import { holdBody, type HeldBody } from "../body/held-body.js";
import { wholeBody } from "../body/taken.js";
import { headerOf } from "../head/header-fields.js";
import type { KeptExchange } from "../log/kept-exchange.js";
import { maskedPath } from "../log/masked-path.js";
import type { HeaderField } from "../head/request-head.js";
import {
  challengeProblem,
  OWN_FOLDER,
  questionPage,
  stoppedPage,
  stoppedProblem,
  type StoppedText,
} from "../pages/pages.js";
import { leadsBack } from "../target/form-login.js";
import type { Reached, SessionCore } from "./core.js";
import { bodyOf, drop, isDownload, lengthOf, watchUpload, type Body } from "./exchange-body.js";
import { forward, type Content, type ForwardEnd, type ForwardWatch } from "./forward.js";
import {
  hasBody,
  understandBody,
  understandHead,
  type Incoming,
  type Understood,
} from "./incoming.js";
import { sendPage, type Reply } from "./reply.js";
import { faultText, newNonce, stoppedText } from "./stopped.js";

/** One request of a web session: judged, perhaps held, led to the target, told. */
export interface ExchangeFacts {
  readonly core: SessionCore;
  readonly incoming: Incoming;
  /** `Set-Cookie` that its answer has to carry. */
  readonly cookies: readonly string[];
  /** What goes into pages; null: nothing. */
  readonly script: PageScript | null;
}

/** Puts the script into pages. */
export interface PageScript {
  change(fields: readonly HeaderField[]): {
    readonly fields: readonly HeaderField[];
    readonly change: NonNullable<Content["change"]>;
  } | null;
}

export function runExchange(facts: ExchangeFacts, reply: Reply): void {
  const exchange = new Exchange(facts, reply);
  if (hasBody(facts.incoming.head)) {
    exchange.runWithBody().catch((error: unknown) => exchange.failed(error));
    return;
  }
  try {
    exchange.run(understandHead(facts.incoming, facts.core.secure ? "https" : "http"));
  } catch (error) {
    exchange.failed(error);
  }
}

/** How a request goes to the target; a second time when the target had forgotten our log-in. */
interface Way {
  readonly reached: Reached;
  readonly body: Body;
  /** Our script is put into a page. */
  readonly injects: boolean;
  /** Path of the log-in form; null: nobody looks for it. */
  readonly login: string | null;
  readonly upload: FileWatch | null;
}

class Exchange implements ForwardWatch {
  readonly #facts: ExchangeFacts;
  readonly #began = performance.now();
  readonly #kept: KeptExchange | null;
  #reply: Reply;
  #cookies: readonly string[];
  #request: RequestId | null = null;
  #toTarget = 0;
  #told = false;
  #whole = true;
  #handed = false;
  /** Nobody asks about the answer. */
  #final = false;
  #way: Way | null = null;

  constructor(facts: ExchangeFacts, reply: Reply) {
    this.#facts = facts;
    this.#reply = reply;
    this.#cookies = facts.cookies;
    this.#kept = facts.core.keep(facts.incoming);
  }

  async runWithBody(): Promise<void> {
    const { core, incoming } = this.#facts;
    const understood = await understandBody(incoming, core.secure ? "https" : "http");
    if (understood === null || this.#reply.destroyed) this.#reply.destroy();
    else this.run(understood);
  }

  /** Nothing is waited for unless something is: most requests are judged at once, by a session that is there. */
  run(understood: Understood): void {
    const { core } = this.#facts;
    const { activity, url, fields } = understood;
    const asked: { verdict: WebVerdict | null; settle: (verdict: WebVerdict) => void } = {
      verdict: null,
      settle: () => undefined,
    };
    const told = fields === undefined ? { activity, url } : { activity, url, fields };
    this.#request = core.ask(told, (given) => {
      asked.verdict = given;
      asked.settle(given);
    });
    if (this.#request === null) {
      this.#sendStopped(BUSY);
      return;
    }
    if (asked.verdict !== null) {
      this.#follow(asked.verdict, bodyOf(understood));
      return;
    }
    const later = new Promise<WebVerdict>((resolve) => (asked.settle = resolve));
    this.#wait(later, understood)
      .then((verdict) => {
        // Null: held on a page, or gone.
        if (verdict !== null) this.#follow(verdict, bodyOf(understood));
      })
      .catch((error: unknown) => this.failed(error));
  }

  failed(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#sendFault(fault("CHP_WEB_TARGET", message));
  }

  /** While the session is suspended requests wait; a question is put to whoever can answer it. */
  async #wait(later: Promise<WebVerdict>, understood: Understood): Promise<WebVerdict | null> {
    const { core } = this.#facts;
    for (;;) {
      const card = core.card;
      if (card?.type === "question") {
        if (this.#facts.incoming.navigates) return await this.#hold(later, understood);
        if (card.answer !== "elsewhere") {
          this.#challenge(card.reason);
          return null;
        }
      }
      let forget = (): void => undefined;
      const changed = new Promise<null>((resolve) => {
        forget = core.onCard(() => resolve(null));
      });
      const gone = new Promise<"gone">((resolve) =>
        this.#reply.once("close", () => resolve("gone")),
      );
      const first = await Promise.race([later, changed, gone]);
      forget();
      if (first === "gone") {
        this.#leave();
        return null;
      }
      if (first !== null) return first;
    }
  }

  #leave(): void {
    if (this.#request === null) return;
    this.#facts.core.left(this.#request);
    this.#tell(0, 0);
  }

  /** An API client is told to send the person to a page; the request itself is not kept. */
  #challenge(reason: string): void {
    const { core, incoming } = this.#facts;
    const scheme = core.secure ? "https" : "http";
    const page = challengeProblem(
      reason,
      `${scheme}://${incoming.head.authority}${core.route.prefix}${OWN_FOLDER}step-up`,
    );
    sendPage(this.#reply, page, this.#cookies);
    if (this.#request !== null) core.left(this.#request);
    this.#tell(page.status, page.body.length);
  }

  /** The browser gets the question as its page, and its request waits here with its body. */
  async #hold(later: Promise<WebVerdict>, understood: Understood): Promise<null> {
    const { core, incoming } = this.#facts;
    const { head } = incoming;
    let held: HeldBody | null = null;
    if (understood.body !== null) {
      const kept = await holdBody(
        wholeBody(understood.body, incoming.source, () => undefined),
        core.folder,
      );
      if (!kept.ok) {
        this.#leave();
        this.#sendFault(kept.error);
        return null;
      }
      held = kept.value;
    }
    const body: Body = held === null ? { type: "none" } : { type: "held", held };
    const hold = core.holds.add({
      url: `${core.route.prefix}${incoming.path.raw}${head.query === null ? "" : `?${head.query}`}`,
      body: held,
      resume: (reply, verdict) => {
        this.#reply = reply;
        this.#handed = true;
        this.#follow(verdict, body);
      },
      abandon: () => {
        held?.drop();
        if (!this.#handed) this.#leave();
      },
    });
    if (hold === null) {
      held?.drop();
      this.#leave();
      this.#sendStopped(BUSY);
      return null;
    }
    const nonce = newNonce();
    const base = `${core.route.prefix}${OWN_FOLDER}`;
    const { card } = core;
    void later.then((verdict) => core.holds.settled(hold, verdict));
    if (card?.type === "question") {
      sendPage(this.#reply, questionPage(card, { hold: hold.id, nonce, base }), this.#cookies);
    } else {
      // Answered meanwhile, in another window.
      const page = {
        status: 303,
        body: "",
        headers: { location: `${base}wait?hold=${hold.id}` },
      };
      sendPage(this.#reply, page, this.#cookies);
    }
    this.#cookies = [];
    return null;
  }

  #follow(verdict: WebVerdict, body: Body): void {
    const { core } = this.#facts;
    if (verdict.type !== "busy" && verdict.bodies === true) this.#kept?.wantBodies();
    this.#final = verdict.type === "pass" && verdict.final === true;
    if (verdict.type !== "pass") {
      // What was read of it for the rules is what it would have carried.
      if (body.type === "coming" && body.taken.ended) this.#kept?.asked(body.taken.bytes);
      drop(body);
      this.#sendStopped(verdict);
    } else if (core.reached !== null) this.#forward(core.reached, body, true);
    else {
      core
        .reach()
        .then((reached) => this.#begin(reached, body))
        .catch((error: unknown) => this.failed(error));
    }
  }

  #begin(reached: Result<Reached, Fault>, body: Body): void {
    if (!reached.ok) {
      drop(body);
      this.#sendFault(reached.error);
      return;
    }
    if (this.#reply.destroyed) {
      drop(body);
      this.#tell(0, 0);
      return;
    }
    this.#forward(reached.value, body, true);
  }

  #forward(reached: Reached, body: Body, mayRepeat: boolean): void {
    const { incoming, script } = this.#facts;
    const { head, path } = incoming;
    const { credential } = reached.target.plan;
    const repeats = mayRepeat && body.type === "none" && credential.type === "form";
    const injects = script !== null && incoming.navigates;
    const way: Way = {
      reached,
      body,
      injects,
      login: repeats ? credential.path : null,
      upload: body.type === "none" ? null : this.#watchUpload(),
    };
    this.#way = way;
    const headers = reached.fields.toTarget(head.headers, {
      authority: head.authority,
      length: lengthOf(head.headers, body),
      unpacked: injects,
    });
    forward(
      {
        target: reached.target,
        method: head.method,
        path: head.query === null ? path.raw : `${path.raw}?${head.query}`,
        headers,
        body: this.#stream(way),
        reply: this.#reply,
      },
      this,
    );
  }

  // --- what is asked on the way back ---------------------------------------------------------------------

  judge(answer: WebAnswer, verdict: (verdict: WebVerdict) => void): void {
    const { core } = this.#facts;
    const request = this.#request;
    // The answer of a session that is over is not for the person, whoever asks about it.
    if (request === null || (this.#final && !core.over)) {
      verdict(PASS);
      return;
    }
    core.answered(request, answer, (given) => {
      if (given.type === "pass" && given.bodies === true) this.#kept?.wantBodies();
      verdict(given);
    });
  }

  rewrite(fields: readonly HeaderField[]): readonly HeaderField[] {
    const { authority } = this.#facts.incoming.head;
    const shown = this.#way?.reached.fields.toPerson(fields, authority) ?? [];
    for (const cookie of this.#cookies) shown.push(["set-cookie", cookie]);
    this.#kept?.head(shown);
    return shown;
  }

  content(status: number, fields: readonly HeaderField[]): Content {
    const { core, incoming, script } = this.#facts;
    const request = this.#request;
    const injects = this.#way?.injects === true && incoming.head.method !== "HEAD";
    if (injects && script !== null && status === 200) {
      const changed = script.change(fields);
      if (changed !== null) return { watch: null, change: changed.change, fields: changed.fields };
    }
    if (request === null || status !== 200 || !isDownload(fields)) return NOTHING;
    const watch = watchFile(
      {
        direction: "download",
        path: maskedPath(incoming.path.plain),
        encoding: headerOf(fields, "content-encoding"),
      },
      (file) => core.file(request, file),
    );
    return { watch, change: null };
  }

  passed(piece: Uint8Array): void {
    this.#kept?.answered(piece);
  }

  forgotten(status: number, fields: readonly HeaderField[]): boolean {
    const login = this.#way?.login ?? null;
    return login !== null && (status === 401 || leadsBack(headerOf(fields, "location"), login));
  }

  ended(end: ForwardEnd): void {
    const way = this.#way;
    if (way === null) return;
    if (way.upload === null) this.#ended(end, way);
    else void way.upload.end(end.type === "passed").then(() => this.#ended(end, way));
  }

  #watchUpload(): FileWatch | null {
    const { core, incoming } = this.#facts;
    const request = this.#request;
    return request === null ? null : watchUpload(incoming, (file) => core.file(request, file));
  }

  #stream({ body, upload }: Way): Readable | Uint8Array | null {
    if (body.type === "none") return null;
    const seen = (piece: Uint8Array): void => {
      this.#toTarget += piece.length;
      upload?.feed(piece);
      this.#kept?.asked(piece);
    };
    if (body.type === "held") {
      const stream = body.held.stream();
      return Readable.from(wholeBody({ bytes: Buffer.alloc(0), ended: false }, stream, seen));
    }
    const { source } = this.#facts.incoming;
    if (!body.taken.ended) return Readable.from(wholeBody(body.taken, source, seen));
    seen(body.taken.bytes);
    return body.taken.bytes;
  }

  #ended(end: ForwardEnd, { body, reached }: Way): void {
    drop(body);
    switch (end.type) {
      case "passed":
        this.#tell(end.status, end.bytes, end.contentType);
        this.#facts.core.told(end.release);
        return;
      case "cut-off":
        this.#whole = false;
        this.#tell(end.status, end.bytes);
        return;
      case "stopped":
        this.#sendStopped(end.verdict);
        return;
      case "failed":
        this.#sendFault(fault("CHP_WEB_TARGET", end.error.message || end.error.name));
        return;
      case "forgotten":
        reached.forgotten();
        void this.#facts.core.reach().then((again) => {
          if (again.ok) this.#forward(again.value, { type: "none" }, false);
          else this.#sendFault(again.error);
        });
    }
  }

  #sendStopped(verdict: Exclude<WebVerdict, { type: "pass" }>): void {
    this.#send(stoppedText(verdict));
  }

  #sendFault(why: Fault): void {
    this.#send(faultText(why));
  }

  #send(text: StoppedText): void {
    const page = this.#facts.incoming.navigates
      ? stoppedPage(text, newNonce())
      : stoppedProblem(text);
    if (this.#reply.headersSent) this.#reply.destroy();
    else sendPage(this.#reply, page, this.#cookies);
    this.#tell(text.status, page.body.length, page.headers["content-type"]?.split(";", 1)[0]);
  }

  #tell(status: number, bytes: number, contentType?: string): void {
    if (this.#told || this.#request === null) return;
    this.#told = true;
    const sent = { toTarget: this.#toTarget, toPerson: bytes };
    const durationMs = Math.round(performance.now() - this.#began);
    const told: WebOutcome =
      contentType === undefined
        ? { status, bytes: sent, durationMs }
        : { status, bytes: sent, durationMs, contentType };
    this.#facts.core.ended(this.#request, told, this.#kept?.end(this.#whole));
  }
}

const NOTHING: Content = { watch: null, change: null };
const BUSY = { type: "busy" } as const;
const PASS = { type: "pass" } as const;
