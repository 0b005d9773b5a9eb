import { decodeUtf8 } from "../kernel/index.js";
import type { FileAsked, FileContent, FileDeed, TransferActivity } from "../model/index.js";
import { fileTypeOf } from "./file-type.js";

/**
 * A deed with files as rules see it. What changes the target's files is an upload, what reads them a
 * download; a rename reads one place and changes two, and a link opens what it leads to both ways. Each is
 * told for the path as asked for and as the target resolves it.
 */
export function activitiesOf({ deed, content }: FileAsked): readonly TransferActivity[] {
  const known = contentFacts(content);
  const made: TransferActivity[] = [];
  const add = (direction: TransferActivity["direction"], paths: readonly string[]): void => {
    for (const path of paths) {
      const { operation, via } = deed;
      made.push({ kind: "transfer", direction, via, path, operation, ...known });
    }
  };
  const paths = [
    ...pathsOf(deed.path, deed.real),
    ...(deed.or === undefined ? [] : pathsOf(deed.or, undefined)),
  ];
  const others = deed.to === undefined ? [] : pathsOf(deed.to, deed.toReal);
  if (READS.has(deed.operation)) add("download", paths);
  else add("upload", paths);
  if (deed.operation === "rename") {
    add("download", paths);
    add("upload", others);
  } else if (deed.operation === "link") {
    add("download", others);
    add("upload", others);
  }
  return made;
}

const READS: ReadonlySet<FileDeed["operation"]> = new Set(["read", "list"]);

function contentFacts(
  content: FileContent | undefined,
): Pick<TransferActivity, "bytes" | "sha256" | "type" | "text"> {
  if (content === undefined) return {};
  const { bytes, head, sha256 } = content;
  return {
    bytes,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(head === undefined || (head.length === 0 && bytes > 0)
      ? {}
      : { type: fileTypeOf(head), text: decodeUtf8(head) }),
  };
}

/**
 * Where the target was not asked, a relative path that climbs is also taken to climb to the root: the home
 * directory that it starts in is not known.
 */
function pathsOf(asked: string, real: string | null | undefined): readonly string[] {
  if (typeof real === "string") return real === asked ? [asked] : [asked, real];
  const climbs = /^(?:\.\/+)*(?:\.\.\/+)+/.exec(asked);
  return climbs === null ? [asked] : [asked, `/${asked.slice(climbs[0].length)}`];
}

/** `upload of /etc/passwd`, for people. */
export function describeDeed({ operation, path, to }: FileDeed): string {
  return `${WORDS[operation]} ${path}${to === undefined ? "" : ` to ${to}`}`;
}

const WORDS: Readonly<Record<FileDeed["operation"], string>> = {
  read: "download of",
  write: "upload of",
  list: "listing of",
  remove: "removal of",
  rename: "renaming of",
  link: "link from",
  mkdir: "new folder",
  rmdir: "removal of folder",
  setstat: "new attributes of",
};
