import type { EventData } from "../events/index.js";
import type { Invocation } from "../model/index.js";
import type { LocatedInvocation } from "../shell/index.js";

/**
 * The programs of a line as they are told. One that was judged in each of the folders that the shell may be
 * in is told once; in a line that changes folders itself, the change stands between them.
 */
export function toldInvocations(
  found: readonly Invocation[],
): EventData["command.entered"]["invocations"] {
  return found
    .filter((one, at) => !isAgainElsewhere(one, found[at - 1]))
    .map((one) => ({
      argv: one.argv.map((word) => word ?? "\u2026"),
      via: one.via,
      ...(one.runas === undefined ? {} : { runas: one.runas }),
    }));
}

function isAgainElsewhere(
  one: Invocation & Pick<LocatedInvocation, "cwd">,
  before: (Invocation & Pick<LocatedInvocation, "cwd">) | undefined,
): boolean {
  return (
    before !== undefined &&
    one.cwd !== before.cwd &&
    one.runas === before.runas &&
    one.via.join(" ") === before.via.join(" ") &&
    one.argv.length === before.argv.length &&
    one.argv.every((word, at) => word === before.argv[at])
  );
}
