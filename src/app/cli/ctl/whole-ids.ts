import { escapeControls } from "../../../kernel/index.js";
import { field } from "./client.js";
import type { CtlCall } from "./ctl-command.js";
import { cellOf } from "./table.js";

/** Where the ids are listed that people may shorten. */
export interface Shortened {
  readonly path: string;
  /** Of the list in the answer, and in words. */
  readonly name: "sessions" | "approvals" | "recordings";
}

export const SESSION_IDS: Shortened = { path: "/v1/sessions?limit=1000", name: "sessions" };
export const APPROVAL_IDS: Shortened = { path: "/v1/approvals", name: "approvals" };
export const RECORDING_IDS: Shortened = { path: "/v1/recordings?limit=1000", name: "recordings" };

/** Fewer characters could be anybody's; ids themselves are longer than these. */
const BEGINNING = /^[0-9a-f-]{8,35}$/;

/**
 * The ids that begin so. What is no beginning, or that of nothing, stays as it is: the sidecar says then that
 * there is no such thing. Null, and told, where several begin so: an order must never meet another than the
 * one that is meant.
 */
export async function wholeIds(
  call: CtlCall,
  given: readonly string[],
  { path, name }: Shortened,
): Promise<readonly string[] | null> {
  if (!given.some((one) => BEGINNING.test(one))) return given;
  const answer = await call.api.call({ method: "GET", path });
  if (answer.type !== "answer") return given;
  const rows = field(answer.body, name);
  const ids = (Array.isArray(rows) ? rows : []).map((row) => cellOf(field(row, "id")));
  const total = field(answer.body, "total");
  if (typeof total === "number" && total > ids.length) {
    call.console.err(`chaperone ctl: there are too many ${name} to shorten an id: give all of it`);
    return null;
  }
  const whole: string[] = [];
  for (const one of given) {
    const [first = one, ...others] = BEGINNING.test(one)
      ? ids.filter((id) => id.startsWith(one))
      : [one];
    if (others.length > 0) {
      const told = `${others.length + 1} ${name} begin with \`${escapeControls(one)}\``;
      call.console.err(`chaperone ctl: ${told}: give more of the id`);
      return null;
    }
    whole.push(first);
  }
  return whole;
}
