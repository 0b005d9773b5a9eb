import type { Reader } from "./line-context.js";
import type { ShellSettings } from "./shell-settings.js";
import type { Launched } from "./typed-line.js";
import type { Witnesses } from "./witnesses.js";

/** Every witness learns from what was released. Answers whether somebody else may read the next line. */
export function learnFrom(
  launched: Launched,
  by: Reader,
  to: Witnesses & { readonly settings: ShellSettings },
): boolean {
  const { text, programs, complete } = launched;
  to.context.ran(launched, by);
  const another = to.dialect.released(programs) || to.context.inProgram;
  to.trust.launched(programs);
  if (text === undefined) return another;
  to.abbreviations.ran(text, programs);
  to.disturbance.ran(text);
  to.history.ran(text);
  if (complete && text.trim() !== "") to.history.add(text);
  to.settings.ran(text);
  to.cooked.ran(text);
  return another;
}
