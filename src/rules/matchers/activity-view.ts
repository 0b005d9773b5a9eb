import type { RuledActivity } from "../../model/index.js";
import { isSimplePath } from "./http-lead.js";

/** An activity as conditions see it: what every rule would ask again is found out once, when it comes. */
export interface ActivityView {
  readonly activity: RuledActivity;
  /** The path of a request holds nothing to resolve and no wildcard: its plain beginning says which rules it is for. */
  readonly simplePath: boolean;
}

export function viewActivity(activity: RuledActivity): ActivityView {
  return { activity, simplePath: activity.kind === "http" && isSimplePath(activity.path) };
}
