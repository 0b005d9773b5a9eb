import type { LineReading } from "../model/index.js";
import type { KeyRun } from "../terminal/index.js";
import type { Judgement } from "./judgement.js";
import type { Notice } from "./notice.js";

/** What stands between a terminal and the target just now. */
export type Gate =
  | { readonly state: "open" }
  /** Enter is held until the echo has settled. */
  | { readonly state: "settling"; readonly submit: KeyRun }
  /** Enter is held until the person has answered. */
  | { readonly state: "challenged"; readonly submit: KeyRun; readonly held: HeldLine }
  /** The line will be dropped as soon as anything may pass to the target again. */
  | { readonly state: "doomed"; readonly notice: Notice }
  /** The line was interrupted; nothing passes until a fresh prompt shows that it is gone. */
  | { readonly state: "clearing"; readonly interrupts: number }
  /** The person pressed Ctrl-C: readline may lose what comes in the same breath, so it waits a moment. */
  | { readonly state: "pausing" }
  | { readonly state: "closed" };

export interface HeldLine {
  readonly reading: LineReading;
  readonly judgement: Judgement;
}
