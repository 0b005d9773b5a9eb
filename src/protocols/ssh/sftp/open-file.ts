import type { FileDeed, FileDone, FileGrant, FileOutcome } from "../../../model/index.js";
import { PassingContent } from "../files/content.js";
import type { Digest } from "../files/file-stream.js";
import type { OpenFlags } from "./requests.js";

/** One way in which an open file is used: a handle opened for reading and writing has two. */
export class FileUse {
  readonly deed: FileDeed;
  readonly grant: FileGrant;
  readonly content: PassingContent;
  /** Refused in the middle: nothing of it passes any more. */
  condemned: string | null = null;
  failed = false;
  /** Questions asked about its beginning. */
  looks = 0;

  constructor(deed: FileDeed, grant: FileGrant, digest: () => Digest) {
    this.deed = deed;
    this.grant = grant;
    const keepsHead = deed.operation === "write";
    this.content = new PassingContent({ grant, keepsHead, digest });
  }

  done(outcome: FileOutcome, emptied: boolean): FileDone {
    const { content, deed } = this;
    const { sha256 } = content;
    const ended = this.condemned !== null ? "blocked" : this.failed ? "failed" : outcome;
    return {
      deed,
      outcome: ended,
      moved: content.moved,
      ...(deed.operation === "write" && content.keepsHead ? { head: content.head } : {}),
      whole: emptied && content.headIsWhole,
      ...(sha256 === undefined || ended !== "passed" ? {} : { sha256 }),
    };
  }
}

/** What a handle of the server stands for. */
export class OpenFile {
  readonly flags: OpenFlags;
  readonly reads: FileUse | null;
  readonly writes: FileUse | null;
  /** The same for every write that waits for its answer. */
  readonly writing: { readonly kind: "write"; readonly file: OpenFile };

  /** Nothing of what stood in it before is left. */
  #emptied: boolean;

  constructor(flags: OpenFlags, uses: { reads: FileUse | null; writes: FileUse | null }) {
    this.flags = flags;
    this.#emptied = flags.empties;
    this.reads = uses.reads;
    this.writes = uses.writes;
    this.writing = { kind: "write", file: this };
  }

  get uses(): readonly FileUse[] {
    return [this.reads, this.writes].filter((use) => use !== null);
  }

  /** Cut where its new content ends, as scp does with a file that was there; else its end is not seen. */
  resized(size: number): void {
    const content = this.writes?.content;
    if (content === undefined) return;
    if (content.passedInOrder && content.size === size) this.#emptied = true;
    else content.spoil();
  }

  /** What it was in the end. A file opened both ways of which one was not used is told once. */
  done(outcome: FileOutcome): readonly FileDone[] {
    const used = this.uses.filter(
      (use) => use.content.moved > 0 || use.condemned !== null || this.uses.length === 1,
    );
    const told = used.length > 0 ? used : this.uses.slice(-1);
    return told.map((use) => use.done(outcome, this.#emptied));
  }
}

/** A folder that is being listed. */
export class OpenFolder {
  readonly deed: FileDeed;
  entries = 0;

  constructor(deed: FileDeed) {
    this.deed = deed;
  }
}
