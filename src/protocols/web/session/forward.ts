import type { Readable } from "node:stream";
import type { WebAnswer, WebVerdict } from "../../../model/index.js";
import type { PoolAnswer, PoolControl } from "../../../net/index.js";
import type { FileWatch } from "../body/file-watch.js";
import { headerOf } from "../head/header-fields.js";
import type { HeaderField } from "../head/request-head.js";
import type { WebTarget } from "../target/target.js";
import { sendHead, type Reply } from "./reply.js";

/** A request on its way to the target. */
export interface ForwardOrder {
  readonly target: WebTarget;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly HeaderField[];
  readonly body: Readable | Uint8Array | null;
  readonly reply: Reply;
}

/** Whose request it is, asked on the way back. */
export interface ForwardWatch {
  /** Asked when the head of the answer is there; nothing of it passes before. */
  judge(answer: WebAnswer, verdict: (verdict: WebVerdict) => void): void;
  /** The head as the person gets it. */
  rewrite(fields: readonly HeaderField[]): readonly HeaderField[];
  /** Who looks at the content of the answer, or changes it. */
  content(status: number, fields: readonly HeaderField[]): Content;
  /** Sees what the target answers, piece by piece. */
  passed(piece: Uint8Array): void;
  /** True for an answer that says that our log-in is over. */
  forgotten(status: number, fields: readonly HeaderField[]): boolean;
  /** Called once. `failed`: the target did not answer, and the person has got nothing. */
  ended(end: ForwardEnd): void;
}

export interface Content {
  readonly watch: FileWatch | null;
  /** Changes what passes; its length is not known any more. */
  readonly change: { feed(bytes: Uint8Array): Uint8Array; end(): Uint8Array } | null;
  /** The head that goes with what was changed. */
  readonly fields?: readonly HeaderField[];
}

export type ForwardEnd =
  | {
      readonly type: "passed";
      readonly status: number;
      readonly bytes: number;
      readonly contentType?: string;
      /** The person has all but the end of it, and gets that now: what was told of it is kept. Or it is broken off. */
      readonly release: (kept: boolean) => void;
    }
  | { readonly type: "stopped"; readonly verdict: Exclude<WebVerdict, { type: "pass" }> }
  | { readonly type: "failed"; readonly error: Error }
  /** Nothing of the answer has passed. */
  | { readonly type: "forgotten" }
  /** The person has gone, or the target broke off in the middle. */
  | { readonly type: "cut-off"; readonly status: number; readonly bytes: number };

/** Streams both ways; whoever is slower sets the pace. */
export function forward(order: ForwardOrder, watch: ForwardWatch): void {
  const { target, method, path, headers, body, reply } = order;
  target.pool.send({ method, path, headers: flat(headers), body }, new Forward(reply, watch));
}

/** An answer on its way back: one for every request, which is why it is no handful of closures. */
class Forward implements PoolAnswer {
  readonly #reply: Reply;
  readonly #watch: ForwardWatch;
  #control: PoolControl | null = null;
  #over = false;
  #status = 0;
  #bytes = 0;
  #contentType: string | undefined;
  /** As the target says; -1: it does not, or something is put into it. */
  #length = -1;
  /** Waits until what is told of the request is kept. */
  #last: Uint8Array | undefined;
  #content: Content = UNWATCHED;

  constructor(reply: Reply, watch: ForwardWatch) {
    this.#reply = reply;
    this.#watch = watch;
    reply.once("close", () => this.#left());
  }

  begins(control: PoolControl): void {
    this.#control = control;
    if (this.#over) control.abort();
  }

  head(status: number, fields: readonly HeaderField[]): void {
    if (this.#over) return;
    this.#status = status;
    if (this.#watch.forgotten(status, fields)) {
      this.#finish({ type: "forgotten" });
      this.#control?.abort();
      return;
    }
    const answer = answerOf(status, fields);
    this.#contentType = answer.contentType;
    this.#length = answer.responseBytes ?? -1;
    const judged = { now: true, known: false };
    this.#watch.judge(answer, (verdict) => {
      judged.known = true;
      if (verdict.type === "pass") {
        if (this.#over) return;
        this.#pass(fields);
        if (!judged.now) this.#control?.resume();
      } else {
        this.#finish({ type: "stopped", verdict });
        this.#control?.abort();
      }
    });
    judged.now = false;
    if (!judged.known) this.#control?.pause();
  }

  data(piece: Uint8Array): void {
    if (this.#over) return;
    const { watch, change } = this.#content;
    watch?.feed(piece);
    this.#watch.passed(piece);
    this.#send(change === null ? piece : change.feed(piece));
  }

  end(): void {
    if (this.#over) return;
    const { change } = this.#content;
    if (change !== null) this.#send(change.end());
    const [status, bytes, contentType] = [this.#status, this.#bytes, this.#contentType];
    const release = (kept: boolean): void => this.#release(kept);
    this.#finish(
      contentType === undefined
        ? { type: "passed", status, bytes, release }
        : { type: "passed", status, bytes, release, contentType },
    );
  }

  failed(error: Error): void {
    if (this.#over) return;
    if (!this.#reply.headersSent) this.#finish({ type: "failed", error });
    else {
      this.#finish({ type: "cut-off", status: this.#status, bytes: this.#bytes });
      this.#reply.destroy();
    }
  }

  /** The person has gone. */
  #left(): void {
    if (this.#over) return;
    this.#finish({ type: "cut-off", status: this.#status, bytes: this.#bytes });
    this.#control?.abort();
  }

  #finish(end: ForwardEnd): void {
    if (this.#over) return;
    this.#over = true;
    const { watch } = this.#content;
    if (watch === null) this.#watch.ended(end);
    else void watch.end(end.type === "passed").then(() => this.#watch.ended(end));
  }

  #pass(fields: readonly HeaderField[]): void {
    const content = this.#watch.content(this.#status, fields);
    this.#content = content;
    if (content.change !== null) this.#length = -1;
    const kept =
      content.change === null && this.#status !== NO_CONTENT
        ? fields
        : (content.fields ?? fields).filter(([name]) => name !== "content-length");
    sendHead(this.#reply, this.#status, this.#watch.rewrite(kept));
  }

  #send(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#bytes += piece.length;
    if (this.#bytes === this.#length) {
      this.#last = piece;
      return;
    }
    if (this.#reply.write(piece)) return;
    this.#control?.pause();
    this.#reply.once("drain", () => this.#control?.resume());
  }

  #release(kept: boolean): void {
    const reply = this.#reply;
    if (reply.destroyed) return;
    if (!kept) reply.destroy();
    else if (this.#last === undefined) reply.end();
    else reply.end(this.#last);
  }
}

function typeOf(fields: readonly HeaderField[]): string | undefined {
  const type = headerOf(fields, "content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  return type === undefined || type === "" ? undefined : type.slice(0, 128);
}

function answerOf(status: number, fields: readonly HeaderField[]): WebAnswer {
  const length = headerOf(fields, "content-length");
  const contentType = typeOf(fields);
  const answer: { -readonly [K in keyof WebAnswer]: WebAnswer[K] } = { status };
  if (length !== undefined && LENGTH.test(length)) answer.responseBytes = Number(length);
  if (contentType !== undefined) answer.contentType = contentType;
  return answer;
}

/** It has no length (RFC 9110 section 8.6). */
const NO_CONTENT = 204;
const LENGTH = /^\d{1,15}$/;
const UNWATCHED: Content = { watch: null, change: null };

function flat(fields: readonly HeaderField[]): readonly string[] {
  const all: string[] = [];
  for (const [name, value] of fields) all.push(name, value);
  return all;
}
