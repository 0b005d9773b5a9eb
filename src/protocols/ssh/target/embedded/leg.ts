import type { SessionFacts } from "../../../../model/index.js";
import { OPEN_FAILURE } from "../../wire/numbers.js";
import type { TargetLeg, TargetLegEvents } from "../leg.js";
import { createEmbeddedChannel, type EmbeddedChannel, type EmbeddedPlan } from "./channel.js";

/**
 * A target inside the sidecar's own machine: programs on a local terminal or on pipes. Forwards, agent
 * and X11 have no meaning here and are refused, whatever the policy says.
 */
export function createEmbeddedLeg(
  plan: EmbeddedPlan,
  _facts: SessionFacts,
  _events: TargetLegEvents,
): TargetLeg {
  const channels = new Set<EmbeddedChannel>();
  return {
    open(opening) {
      if (opening.type !== "session") {
        opening.opened({
          ok: false,
          reason: OPEN_FAILURE.prohibited,
          description: "an embedded target has no forwards",
        });
        return;
      }
      const channel = createEmbeddedChannel(plan, opening, () => channels.delete(channel));
      channels.add(channel);
      opening.opened({ ok: true, channel });
    },
    global: (_name, _body, reply) => reply?.({ success: false }),
    close() {
      for (const channel of [...channels]) channel.close();
    },
  };
}
