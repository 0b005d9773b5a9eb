import type { SessionSeed } from "../../../session/index.js";
import type { ContentLimits } from "./content-desk.js";
import type { JudgeStream, Understanding } from "../understanding/index.js";

/** What a session on a desktop is made of. */
export interface DesktopSeed extends SessionSeed {
  /** Reads what the person does; obeys the policy for desktops, and asks rules about files and clipboards. */
  readonly understand: (judge: JudgeStream) => Understanding;
  /** Neither keys nor mouse reach the desktop. */
  readonly readOnly: boolean;
  /** Everything that is drawn is recorded. */
  readonly dump: boolean;
  /** What passes as files and clipboards is kept, up to here; absent: it is not. */
  readonly content?: ContentLimits;
}
