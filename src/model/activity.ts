import type { FileOperation } from "./file.js";

/**
 * What a person does besides commands, as rules see it. Rooms that do not import the session fill
 * these in where the thing is asked for, before it happens.
 */
export type RuledActivity =
  TransferActivity | ForwardActivity | HttpActivity | ClipboardActivity | AnomalyActivity;

/** What a detector finds unlike the person; told again when it becomes much surer. */
export interface AnomalyActivity {
  readonly kind: "anomaly";
  readonly detector: AnomalyDetector;
  /** Of the person's own behaviour that share looks less odd, 0..1. */
  readonly score: number;
  readonly warm: boolean;
}

export const ANOMALY_DETECTORS = [
  "keystroke",
  "automation",
  "sequence",
  "time",
  "origin",
  "target",
  "credential",
  "duration",
  "count",
  "rate",
  "volume",
  "peer-group",
] as const;
export type AnomalyDetector = (typeof ANOMALY_DETECTORS)[number];

/** A file on its way, seen from the person: `upload` goes to the target. */
export interface TransferActivity {
  readonly kind: "transfer";
  readonly direction: "upload" | "download";
  readonly via: TransferWay;
  /** On the target, as asked for, or as the target resolves it. */
  readonly path: string;
  /** What is done; absent: the file is read (download) or written (upload). */
  readonly operation?: FileOperation;
  /** Absent until it is known: rules about sizes do not hold before. */
  readonly bytes?: number;
  /** Lower-case hex, once the whole file has passed. */
  readonly sha256?: string;
  /** By its first bytes; absent until they have been seen. */
  readonly type?: FileType;
  /** Its beginning, as far as it has been seen. */
  readonly text?: string;
}

/** Kinds of files that can be told by their first bytes. */
export const FILE_TYPES = [
  "program",
  "script",
  "archive",
  "key",
  "document",
  "image",
  "database",
  "text",
  "binary",
] as const;
export type FileType = (typeof FILE_TYPES)[number];

export const TRANSFER_WAYS = ["sftp", "scp", "rsync", "terminal", "web", "desktop"] as const;
export type TransferWay = (typeof TRANSFER_WAYS)[number];

/** What is copied or pasted between person and target: `upload` goes to the target. */
export interface ClipboardActivity {
  readonly kind: "clipboard";
  readonly direction: "upload" | "download";
  /** As declared, lower case, without parameters. */
  readonly mimetype: string;
  /** Absent until all of it is known: rules about sizes do not hold before. */
  readonly bytes?: number;
  /** Lower-case hex, once the whole clipboard has been seen. */
  readonly sha256?: string;
  /** All of its text; absent until it is known, and of what is no text. */
  readonly text?: string;
}

/** A connection, agent or display that is led past the terminal. */
export interface ForwardActivity {
  readonly kind: "forward";
  readonly forward: ForwardWay;
  /** Where it leads (local) or listens (remote); absent for agent and x11. */
  readonly host?: string;
  readonly port?: number;
  /** Of a socket in the file system. */
  readonly path?: string;
}

/** A dynamic forward (`ssh -D`) asks for one `local` after the other: a server sees no difference. */
export const FORWARD_WAYS = ["local", "remote", "streamlocal", "agent", "x11"] as const;
export type ForwardWay = (typeof FORWARD_WAYS)[number];

/** A request of a web session, before it is sent; once more when the answer's head is known. */
export interface HttpActivity {
  readonly kind: "http";
  /** Upper case. */
  readonly method: string;
  /** Lower case, without port, as the target's owner knows it. */
  readonly host: string;
  /** Decoded and without `.` and `..`: the one that targets act on, however it was spelt. */
  readonly path: string;
  /** As people may be told it, where something in it is a secret. Rules look at `path`. */
  readonly shownPath?: string;
  readonly query: readonly NamedValue[];
  /** Fields of a form or the top level of a JSON body; absent: there is no body that could be read. */
  readonly body?: readonly NamedValue[];
  /** There is a body, and it is too long or of a kind that is not read: its fields are not known. */
  readonly bodyUnread?: true;
  /** Operation of GraphQL or JSON-RPC, when the body is one. */
  readonly operation?: string;
  /** `websocket`, `event-stream`; absent: an ordinary request. */
  readonly upgrade?: string;
  /** Absent until the target has answered: rules about answers do not hold before. */
  readonly status?: number;
  /** Of the answer; absent also when the target does not say. */
  readonly responseBytes?: number;
  /** Of the answer, lower case, without parameters. */
  readonly contentType?: string;
}

/** A query parameter or a form field. `value` absent: it is secret, or too long to look at. */
export interface NamedValue {
  readonly name: string;
  readonly value?: string;
}
