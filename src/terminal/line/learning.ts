import type { Reader } from "./line-context.js";
import type { LineState } from "./line-state.js";
import type { SessionHistory } from "./session-history.js";
import type { ShellSettings } from "./shell-settings.js";
import type { Launched } from "./typed-line.js";
import type { Witnesses } from "./witnesses.js";

/** Every witness learns from what was released. Answers whether somebody else may read the next line. */
export function learnFrom(
  launched: Launched,
  by: Reader,
  to: Witnesses & { readonly settings: ShellSettings; readonly ahead: boolean },
): boolean {
  const { text, programs, complete } = launched;
  if (launched.unseen) learnUnseen(by, to);
  to.context.ran(launched, by);
  const another = to.dialect.released(programs) || to.context.inProgram;
  to.trust.launched(programs, launched.playsInterrupt === true);
  if (text === undefined) return another;
  to.abbreviations.ran(text, programs);
  to.disturbance.ran(text);
  to.history.ran(text);
  if (complete && text.trim() !== "") keep(launched, text, to);
  to.settings.ran(text);
  to.cooked.ran(text);
  return another;
}

/** readline hands over the lines of a paste together, and bash takes them one after the other. */
function keep(
  { lines = [], doubtful, endUnsure }: Launched,
  text: string,
  { history, dialect }: Pick<Witnesses, "history" | "dialect">,
): void {
  const sure = doubtful !== true;
  if (dialect.current !== "readline" || lines?.length === 0) {
    history.add(text, { sure, endSure: endUnsure !== true });
    return;
  }
  if (lines === null) history.lose();
  for (const [index, line] of (lines ?? []).entries())
    history.add(line, { sure, endSure: index + 1 < (lines ?? []).length || endUnsure !== true });
}

/** What its editor could have gone on with ran. */
export function ranAfterAll(line: LineState, history: SessionHistory): void {
  line.before = null;
  line.stays = false;
  if (line.beforeRuns !== null) history.add(line.beforeRuns === "" ? null : line.beforeRuns);
  line.beforeRuns = null;
}

/** At a prompt it was a command; ahead of one it may have been; elsewhere it answered a question. */
function learnUnseen(
  by: Reader,
  { history, ahead }: Pick<Witnesses, "history"> & { readonly ahead: boolean },
): void {
  if (by.context === "shell") history.add(null);
  else if (ahead) history.lose();
}
