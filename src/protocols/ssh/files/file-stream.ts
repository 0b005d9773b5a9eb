import type { FileAsked, FileDone, FileGrant } from "../../../model/index.js";

/**
 * The files in one stream between a client and a target. Content passes as it is, in the chunks in which
 * it came; only what announces it is held until it has been answered for.
 */
export interface FileStream {
  /** Borrowed for the time of the call, as all bytes here. */
  fromPerson(chunk: Uint8Array): void;
  fromTarget(chunk: Uint8Array): void;
  /** Calls back when everything that came from the person before has gone on, or went nowhere. */
  whenPersonIdle(act: () => void): void;
  /** The channel is over: what is still open was cut off. Called once. */
  end(): void;
}

export type FileAnswer =
  | { readonly type: "granted"; readonly grant: FileGrant }
  | { readonly type: "resolve" }
  | { readonly type: "refused"; readonly reason: string };

export interface FileStreamPorts {
  readonly toTarget: (bytes: Uint8Array) => void;
  readonly toPerson: (bytes: Uint8Array) => void;
  /** Bytes that went nowhere: the sender gets its room back. */
  readonly personSwallowed: (count: number) => void;
  readonly targetSwallowed: (count: number) => void;
  /** Answered at once or much later, exactly once. */
  readonly ask: (asked: FileAsked, answered: (answer: FileAnswer) => void) => void;
  readonly done: (done: FileDone) => void;
  /** The stream is not what it should be. Where that is not `strict` it passes unseen from now on. */
  readonly lost: (reason: string) => void;
  readonly sha256: () => Digest;
}

export interface Digest {
  update(bytes: Uint8Array): void;
  /** Lower-case hex; once. */
  finish(): string;
}
