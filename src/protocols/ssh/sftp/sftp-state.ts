import type { FileDeed } from "../../../model/index.js";
import type { FileStreamPorts } from "../files/file-stream.js";
import type { OpenFolder } from "./open-file.js";
import { OpenFile } from "./open-file.js";

/** What a request wants that waits for its answer. */
export type Pending =
  | { readonly kind: "open"; readonly file: OpenFile }
  | { readonly kind: "opendir"; readonly folder: OpenFolder }
  | { readonly kind: "close"; readonly handle: string; readonly refused: string | null }
  | { readonly kind: "deed"; readonly deed: FileDeed }
  | { readonly kind: "read"; readonly file: OpenFile; readonly offset: number }
  | { readonly kind: "write"; readonly file: OpenFile }
  | { readonly kind: "readdir"; readonly folder: OpenFolder }
  | { readonly kind: "own"; readonly then: (path: string | null) => void }
  | { readonly kind: "other" };

/** What both directions of a stream know. */
export interface SftpState {
  readonly ports: FileStreamPorts;
  readonly pending: Map<number, Pending>;
  readonly handles: Map<string, OpenFile | OpenFolder>;
  over: boolean;
  /** The stream is not SFTP: gives up on both directions. */
  lose(reason: string): void;
}

type Ended = "passed" | "failed" | "cut-off";

export function tellFile({ ports }: SftpState, file: OpenFile, outcome: Ended): void {
  for (const done of file.done(outcome)) ports.done(done);
}

export function tellFolder({ ports }: SftpState, folder: OpenFolder, outcome: Ended): void {
  ports.done({ deed: folder.deed, outcome, entries: folder.entries });
}

/** Everything that is open was cut off. */
export function tellLeft(state: SftpState): void {
  const left = [...state.pending.values()];
  state.pending.clear();
  for (const one of left) {
    if (one.kind === "deed") state.ports.done({ deed: one.deed, outcome: "cut-off" });
    else if (one.kind === "open") tellFile(state, one.file, "cut-off");
  }
  for (const open of state.handles.values()) {
    if (open instanceof OpenFile) tellFile(state, open, "cut-off");
    else tellFolder(state, open, "cut-off");
  }
  state.handles.clear();
}
