import type { Readable } from "node:stream";
import type { WebAnswer, WebVerdict } from "../../../model/index.js";
import type { PoolControl } from "../../../net/index.js";
import type { FileWatch } from "../body/file-watch.js";
import { headerOf } from "../head/header-fields.js";
import type { HeaderField } from "../head/request-head.js";
import type { WebTarget } from "../target/target.js";
import { headersOf, type Reply } from "./reply.js";

/** A request on its way to the target, and its answer back. */
export interface ForwardOrder {
  readonly target: WebTarget;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly HeaderField[];
  readonly body: Readable | Uint8Array | null;
  readonly reply: Reply;
  /** Asked when the head of the answer is there; nothing of it passes before. */
  judge(answer: WebAnswer, verdict: (verdict: WebVerdict) => void): void;
  /** The head as the person gets it. */
  rewrite(status: number, fields: readonly HeaderField[]): readonly HeaderField[];
  /** Who looks at the content of the answer, or changes it. */
  content(status: number, fields: readonly HeaderField[]): Content;
  /** Sees what the target answers, piece by piece; null: nobody looks. */
  readonly passed: ((piece: Uint8Array) => void) | null;
  /** True for an answer that says that our log-in is over; null: nobody looks. */
  readonly forgotten: ((status: number, fields: readonly HeaderField[]) => boolean) | null;
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
export function forward(order: ForwardOrder): void {
  const { reply } = order;
  let control: PoolControl | null = null;
  let over = false;
  let status = 0;
  let bytes = 0;
  let contentType: string | undefined;
  /** As the target says; -1: it does not, or something is put into it. */
  let length = -1;
  /** Waits until what is told of the request is kept. */
  let last: Uint8Array | undefined;
  let content: Content = UNWATCHED;

  function finish(end: ForwardEnd): void {
    if (over) return;
    over = true;
    if (content.watch === null) order.ended(end);
    else void content.watch.end(end.type === "passed").then(() => order.ended(end));
  }

  reply.once("close", () => {
    if (over) return;
    finish({ type: "cut-off", status, bytes });
    control?.abort();
  });

  function pass(fields: readonly HeaderField[]): void {
    content = order.content(status, fields);
    if (content.change !== null) length = -1;
    const kept =
      content.change === null
        ? fields
        : (content.fields ?? fields).filter(([name]) => name !== "content-length");
    reply.writeHead(status, headersOf(order.rewrite(status, kept)));
  }

  function send(piece: Uint8Array): void {
    if (piece.length === 0) return;
    bytes += piece.length;
    if (bytes === length) {
      last = piece;
      return;
    }
    if (reply.write(piece)) return;
    control?.pause();
    reply.once("drain", () => control?.resume());
  }

  function release(kept: boolean): void {
    if (reply.destroyed) return;
    if (!kept) reply.destroy();
    else if (last === undefined) reply.end();
    else reply.end(last);
  }

  order.target.pool.send(
    { method: order.method, path: order.path, headers: flat(order.headers), body: order.body },
    {
      begins(given) {
        control = given;
        if (over) given.abort();
      },
      head(code, fields) {
        if (over) return;
        status = code;
        if (order.forgotten?.(code, fields) === true) {
          finish({ type: "forgotten" });
          control?.abort();
          return;
        }
        const answer = answerOf(code, fields);
        contentType = answer.contentType;
        length = answer.responseBytes ?? -1;
        const judged = { now: true, known: false };
        order.judge(answer, (verdict) => {
          judged.known = true;
          if (verdict.type === "pass") {
            if (over) return;
            pass(fields);
            if (!judged.now) control?.resume();
          } else {
            finish({ type: "stopped", verdict });
            control?.abort();
          }
        });
        judged.now = false;
        if (!judged.known) control?.pause();
      },
      data(piece) {
        if (over) return;
        content.watch?.feed(piece);
        order.passed?.(piece);
        send(content.change === null ? piece : content.change.feed(piece));
      },
      end() {
        if (over) return;
        if (content.change !== null) send(content.change.end());
        finish(
          contentType === undefined
            ? { type: "passed", status, bytes, release }
            : { type: "passed", status, bytes, release, contentType },
        );
      },
      failed(error) {
        if (over) return;
        if (!reply.headersSent) finish({ type: "failed", error });
        else {
          finish({ type: "cut-off", status, bytes });
          reply.destroy();
        }
      },
    },
  );
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

const LENGTH = /^\d{1,15}$/;
const UNWATCHED: Content = { watch: null, change: null };

function flat(fields: readonly HeaderField[]): readonly string[] {
  const all: string[] = [];
  for (const [name, value] of fields) all.push(name, value);
  return all;
}
