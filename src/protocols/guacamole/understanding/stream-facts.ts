import type { Direction } from "./instruction.js";

/** What passes beside keys and pictures. */
export const STREAM_KINDS = [
  "clipboard",
  /** A file on its way to the desktop (`file` or `put` of the client). */
  "upload",
  /** A file on its way to the person (`body` of an object, or `file` of the server). */
  "download",
  /** The content of a folder of a shared drive. */
  "listing",
  "pipe",
  /** An answer to `required`, or an option of the terminal: it may be a credential. */
  "argv",
  "audio",
  "video",
  "usb",
] as const;
export type StreamKind = (typeof STREAM_KINDS)[number];

export interface StreamFacts {
  /** Unique within the connection, never reused (the index of the protocol is). */
  readonly id: number;
  readonly kind: StreamKind;
  readonly direction: Direction;
  /** As declared, lower case, without parameters; empty when none was. */
  readonly mimetype: string;
  /** Path or name as asked for, control characters escaped, bounded; empty when it has none. */
  readonly name: string;
  /** What the first bytes say it is (`application/zip`); absent while unknown. */
  readonly detected?: string;
  /** Decoded bytes so far. Always 0 for `argv`: it may be a credential. */
  readonly bytes: number;
  /** Lower-case hex over all bytes, once the stream has ended. Never for `argv`. */
  readonly sha256?: string;
  /** Of a clipboard: it came while a password was asked for, and may be one. */
  readonly secret?: true;
  /** The first bytes (64 KiB at most), lent to a judge; in no fact that is told. */
  readonly head?: Uint8Array;
  /** Whole text of a clipboard, for rules; what is told of it is the caller's decision. */
  readonly text?: string;
}

export type StreamOutcome =
  /** Every byte passed. */
  | "completed"
  /** By policy, rule or limit; what came before the refusal may have passed. */
  | "refused"
  /** The other side refused it. */
  | "failed"
  /** Its index was used anew, or the connection ended. */
  | "aborted";

export type StreamVerdict =
  | { readonly type: "allowed" }
  | { readonly type: "refused"; readonly reason: string; readonly status?: number }
  /** Waits for `decideStream`; only at `opened`, and for a clipboard at `ended`. */
  | { readonly type: "held" };

/** When a judge is asked: before anything passes, when the first bytes tell the type, and at the end. */
export type StreamStage = "opened" | "typed" | "ended";

/** Asked once a stage, after the policy has let it pass. Must not throw; one that does refuses. */
export type JudgeStream = (stream: StreamFacts, stage: StreamStage) => StreamVerdict;

/** What passes at all. Types are patterns like `text/plain`, `image/*`, `*`. */
export interface StreamPolicy {
  readonly clipboard: { readonly upload: WayPolicy; readonly download: WayPolicy };
  readonly upload: WayPolicy;
  readonly download: WayPolicy;
  readonly listing: boolean;
  readonly pipe: { readonly upload: boolean; readonly download: boolean };
  /** The person's microphone. */
  readonly microphone: boolean;
  readonly usb: boolean;
}

export interface WayPolicy {
  readonly allowed: boolean;
  /** Decoded bytes of one stream. */
  readonly bytesMax: number;
  /** Declared or detected types that may pass; absent: all. */
  readonly types?: readonly string[];
  /** Types that may not, even when `types` names them. */
  readonly refusedTypes?: readonly string[];
}

/** Incremental SHA-256, injected: the core has no digest of its own. */
export interface Digest {
  update(bytes: Uint8Array): void;
  /** Lower-case hex; the digest is used up. */
  hex(): string;
}
