import { decodeUtf8 } from "../kernel/index.js";
import type { Analysis, FileDeed, FileDone, FileType } from "../model/index.js";
import {
  changedFiles,
  learnFiles,
  learnFromLine,
  type FileChange,
  type ShellKnowledge,
} from "../shell/index.js";
import { fileTypeOf } from "./file-type.js";

/**
 * What files on the target hold, as this session wrote them: on whatever channel, by a line or by an
 * upload. A shell on one channel runs what another channel brought.
 */
export interface SessionFiles {
  /** What a new shell of this session knows. */
  fresh(): ChannelKnowledge;
  /** Something was done to files by SFTP or SCP. */
  learn(done: FileDone): void;
}

/** What one channel knows: its own shell, and the files of all. */
export interface ChannelKnowledge {
  readonly current: ShellKnowledge;
  learn(released: Analysis, how?: typeof learnFromLine): void;
}

/** Changes that a channel may lag behind; one that slept through more does not know its files. */
const CHANGES_MAX = 1024;

export function createSessionFiles(): SessionFiles {
  let all: ShellKnowledge = {};
  let changes: { readonly change: FileChange; readonly by: object | null }[] = [];
  /** Number of the first change that is still kept. */
  let first = 0;

  function publish(made: readonly FileChange[], by: object | null): void {
    if (made.length === 0) return;
    all = learnFiles(all, made);
    for (const change of made) changes.push({ change, by });
    if (changes.length <= CHANGES_MAX) return;
    const gone = changes.length - CHANGES_MAX;
    changes = changes.slice(gone);
    first += gone;
  }

  return {
    fresh() {
      let seen = first + changes.length;
      let knowledge = all;
      const self: ChannelKnowledge = {
        get current() {
          const now = first + changes.length;
          if (seen === now) return knowledge;
          const others = changes.slice(Math.max(0, seen - first)).filter(({ by }) => by !== self);
          const missed = seen < first;
          seen = now;
          knowledge = learnFiles(
            knowledge,
            others.map(({ change }) => change),
            missed,
          );
          return knowledge;
        },
        learn(released, how = learnFromLine) {
          const before = self.current;
          knowledge = how(before, released);
          publish(changedFiles(before, knowledge), self);
          seen = first + changes.length;
        },
      };
      return self;
    },
    learn: (done) => publish(changesBy(done, all), null),
  };
}

/** What a deed changes of what is known. One that failed in the middle may have done its work. */
function changesBy(done: FileDone, known: ShellKnowledge): readonly FileChange[] {
  const { deed, outcome } = done;
  switch (deed.operation) {
    case "write":
      return [
        ...placesOf(deed.path, deed.real),
        ...(deed.or === undefined ? [] : placesOf(deed.or, undefined)),
      ].map((path) => ({ path, text: textOf(done) }));
    case "remove":
      return outcome === "passed" ? gone(deed) : [];
    case "rename":
    case "link":
      return outcome === "passed" ? moved(deed, known) : [];
    case "read":
    case "list":
    case "mkdir":
    case "rmdir":
    case "setstat":
      return [];
  }
}

/** What a program would do that is no text can not be known. */
function textOf({ head, whole, outcome }: FileDone): string | null {
  if (head === undefined || whole !== true || outcome !== "passed") return null;
  return READABLE.has(fileTypeOf(head)) ? decodeUtf8(head) : null;
}

const READABLE: ReadonlySet<FileType> = new Set(["text", "script"]);

function gone({ path, real }: FileDeed): readonly FileChange[] {
  return placesOf(path, real).map((one) => ({ path: one, gone: true }));
}

/** A name that now stands for what another one stood for, and in a renaming no longer does. */
function moved(deed: FileDeed, known: ShellKnowledge): readonly FileChange[] {
  const rename = deed.operation === "rename";
  const from = rename ? placesOf(deed.path, deed.real) : placesOf(deed.to ?? "", deed.toReal);
  const to = rename ? placesOf(deed.to ?? "", deed.toReal) : placesOf(deed.path, deed.real);
  const file = from.map((path) => known.files?.get(path)).find((one) => one !== undefined);
  const made = to.map((path): FileChange =>
    file === undefined ? { path, gone: true } : { path, file },
  );
  return rename ? [...made, ...from.map((path): FileChange => ({ path, gone: true }))] : made;
}

function placesOf(path: string, real: string | null | undefined): readonly string[] {
  const asked = path.startsWith("/") ? path : `~/${path.replace(/^(?:\.\/)+/, "")}`;
  return typeof real === "string" && real !== path ? [asked, real] : [asked];
}
