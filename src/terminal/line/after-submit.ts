import type { Key } from "../keys/index.js";
import type { Dialect } from "./dialect.js";
import type { LineEditor } from "./edited-line.js";
import type { KeyRun, SubmitForm } from "./typed-line.js";

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
  if (leavesLine(submit.form, key, dialect)) return "same-line";
  if (editor.takesNext && dialect === "readline") return "same-line";
  if (key?.kind === "quoted") return "same-line";
  return PREFILLING.has(submit.form) ? "prefilled" : "new-line";
}

/** The line stands there again, or was never left: told as what runs when something is seen to run. */
function leavesLine(form: SubmitForm, key: Key | undefined, dialect: Dialect): boolean {
  // In zsh they run what may be another command than the line; in fish they do nothing.
  if ((dialect === "zle" || dialect === "fish") && COMING_BACK.has(form)) return true;
  const sequence = form === "keypad" && key?.kind === "sequence" && key.intro === "[";
  return sequence && (dialect === "readline" || dialect === "zle");
}

const COMING_BACK: ReadonlySet<string> = new Set([
  "operate-and-get-next",
  "run-help",
  "which-command",
]);
const PREFILLING: ReadonlySet<string> = new Set(["operate-and-get-next", "edit-and-execute"]);
