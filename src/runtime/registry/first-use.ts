import { timingSafeEqual } from "node:crypto";
import { fault } from "../../kernel/index.js";
import type { Journal } from "./journal.js";
import type { HostKeyFacts, HostKeyJudgement } from "./ports.js";

/**
 * Trust on first use: the first key of a target is remembered before it is trusted; any other one is
 * refused from then on, until an administrator removes the old one.
 */
export async function judgeFirstUse(
  journal: Journal,
  target: string,
  key: HostKeyFacts,
): Promise<HostKeyJudgement> {
  const known = journal.memory.hostKeys.get(target);
  if (known !== undefined) {
    if (equal(Buffer.from(known.blob, "base64"), key.blob)) return { type: "trusted" };
    const message = `${target} shows another key (${key.algorithm}) than the ${known.algorithm} key it showed first`;
    return { type: "refused", fault: fault("CHP_RUNTIME_HOST_KEY_CHANGED", message) };
  }
  const blob = Buffer.from(key.blob).toString("base64");
  const noted = await journal.note({ kind: "host-key", target, algorithm: key.algorithm, blob });
  if (!noted.ok) return { type: "refused", fault: noted.error };
  // Two sessions that saw two different keys at the same moment: only the first one counts.
  return journal.memory.hostKeys.get(target)?.blob === blob
    ? { type: "trusted" }
    : await judgeFirstUse(journal, target, key);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
