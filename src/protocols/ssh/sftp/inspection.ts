import { FILE_HEAD_BYTES, type FileContent } from "../../../model/index.js";
import type { FileStreamPorts } from "../files/file-stream.js";
import type { FileUse } from "./open-file.js";

/** Questions about the beginning of one file that comes in very small pieces; then it is refused. */
const LOOKS_MAX = 256;

export const NO_REAL_PATH = "its real path could not be told";

/** Asks about a file in the middle; tells why nothing more of it passes, or null. */
export function inspectPassing(
  ports: FileStreamPorts,
  use: FileUse,
  end: number,
  then: (reason: string | null) => void,
): void {
  use.content.sizeAsked(end);
  use.looks += 1;
  if (use.grant.content && use.looks > LOOKS_MAX && end < FILE_HEAD_BYTES) {
    use.condemned = "it comes in pieces too small to be looked at";
    then(use.condemned);
  } else askAbout(ports, use, use.content.known(end), then);
}

export function askAbout(
  ports: FileStreamPorts,
  use: FileUse,
  content: FileContent,
  then: (reason: string | null) => void,
): void {
  ports.ask({ deed: use.deed, content }, (answer) => {
    if (answer.type !== "granted")
      use.condemned = answer.type === "refused" ? answer.reason : NO_REAL_PATH;
    then(use.condemned);
  });
}
