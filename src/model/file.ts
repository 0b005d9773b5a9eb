/** What is done to files by SFTP and SCP, in the words of rules and events. */
export const FILE_OPERATIONS = [
  "read",
  "write",
  "list",
  "remove",
  "rename",
  "link",
  "mkdir",
  "rmdir",
  "setstat",
] as const;
export type FileOperation = (typeof FILE_OPERATIONS)[number];

/** Bytes from the start of a file that rules about content see, and that the session remembers. */
export const FILE_HEAD_BYTES = 64 * 1024;

/** Something done to files on the target, as the client asked for it. */
export interface FileDeed {
  /** Serial number within its channel: the same in every question about it and when it is over. */
  readonly file: number;
  readonly operation: FileOperation;
  readonly via: "sftp" | "scp";
  /** As asked for; of a link, where it stands. */
  readonly path: string;
  /** Where it may be instead: the protocol does not tell which of the two. */
  readonly or?: string;
  /** The same path as the target resolves it: absolute, links followed. Null: it would not tell. */
  readonly real?: string | null;
  /** `rename`: the new name. `link`: what it leads to. */
  readonly to?: string;
  readonly toReal?: string | null;
  /** `setstat` of permissions: the mode, as chmod takes it. */
  readonly mode?: number;
}

/** What is known of the content by now. */
export interface FileContent {
  /** Where the file ends as far as it has been seen. */
  readonly bytes: number;
  /** The beginning of it, at most `FILE_HEAD_BYTES`; gaps are zero. */
  readonly head?: Uint8Array;
  /** Lower-case hex, once the whole file has passed from start to end. */
  readonly sha256?: string;
}

/**
 * A question about a deed. Without `content`: before it begins. With it: when a size that was named in
 * the grant is passed, while content is looked at, and once more at the end.
 */
export interface FileAsked {
  readonly deed: FileDeed;
  readonly content?: FileContent;
}

/** What has to be told and asked while a file passes. */
export interface FileGrant {
  /** Sizes, in bytes, on passing which the question is asked again; ascending. */
  readonly sizes: readonly number[];
  /** Its beginning has to be seen before it passes. */
  readonly content: boolean;
  /** It has to be asked about again when all of it has passed. */
  readonly end: boolean;
  /** Its SHA-256 is wanted, however large it is. */
  readonly sha256: boolean;
}

/** `failed`: the target said no. `cut-off`: the channel ended in the middle. */
export type FileOutcome = "passed" | "failed" | "blocked" | "cut-off";

/** A deed is over. */
export interface FileDone {
  readonly deed: FileDeed;
  readonly outcome: FileOutcome;
  /** `read` and `write` only: bytes of content that passed, repeated ones counted each time. */
  readonly moved?: number;
  /** `write`: what the file now begins with. Absent: it is not known. */
  readonly head?: Uint8Array;
  /** `write`: the head is the whole file as it was written, from an empty one. */
  readonly whole?: boolean;
  readonly sha256?: string;
  /** `list`: names that were told. */
  readonly entries?: number;
}

/** How the files of a stream can be followed. */
export type FileWatch =
  | { readonly protocol: "sftp"; readonly strict: boolean }
  | {
      readonly protocol: "scp";
      readonly direction: "upload" | "download";
      /** As the command names it; null: it can not be known. */
      readonly path: string | null;
      /** The command says that the place is a folder. */
      readonly isFolder: boolean;
      readonly strict: boolean;
    };
