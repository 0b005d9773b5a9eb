import type { Key } from "../keys/index.js";
import type { Dialect } from "./dialect.js";
import type { LineEditor } from "./line-editor.js";
import type { KeyRun } from "./typed-line.js";

/** What follows a released submit: a line that goes on although it was released ended something else. */
export type After = "new-line" | "same-line" | "prefilled";

/** Who reads the line. */
export interface ReaderNow {
  readonly editor: LineEditor;
  readonly dialect: Dialect;
  readonly viMode: boolean;
}

export function afterSubmit(
  submit: KeyRun,
  key: Key | undefined,
  { editor, dialect, viMode }: ReaderNow,
): After {
  if (submit.kind !== "submit") return "new-line";
  if (editor.searching === "prompted") return "same-line";
  if (editor.searching === "incremental" && submit.form === "lf" && dialect !== "zle")
    return "same-line";
  // Escape and Enter run the line in vi mode only; a quoted Enter only without quoted insert.
  if (key?.kind === "meta" && submit.form === "cr") return viMode ? "new-line" : "same-line";
  if (editor.takesNext && dialect === "readline") return "same-line";
  if (key?.kind === "quoted") return "same-line";
  return PREFILLING.has(submit.form) ? "prefilled" : "new-line";
}

const PREFILLING: ReadonlySet<string> = new Set(["operate-and-get-next", "edit-and-execute"]);
