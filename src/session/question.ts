import type { ChannelId } from "../kernel/index.js";
import type { ApprovalAsked, Factor } from "../model/index.js";
import type { ChallengeText, SuspensionText } from "./challenge-screen.js";

/** What can be asked before something goes on. */
export type Question =
  | { readonly type: "confirm" }
  | {
      readonly type: "factor";
      readonly factor: Factor;
      /** What the person may choose instead, on a terminal. */
      readonly others: readonly Factor[];
      readonly attempts: number;
      readonly timeoutMs: number;
      readonly graceMs: number;
    }
  | { readonly type: "approval"; readonly asked: ApprovalAsked };

/** How a question ended. */
export type ChallengeResult =
  /** `by`: who agreed, when it was somebody else. */
  | { readonly type: "passed"; readonly by?: string }
  | { readonly type: "failed"; readonly reason: string }
  | { readonly type: "denied"; readonly by: string; readonly reason: string }
  | { readonly type: "timed-out" }
  | { readonly type: "cancelled" }
  /** The terminal on which it stood, or what it was asked for, is gone. */
  | { readonly type: "abandoned" };

/** A terminal on which a question can be drawn without harm to what stands there. */
export interface Surface {
  readonly channel: ChannelId;
  readonly columns: number;
  /** From now on what the target prints is kept for later. May be called twice: counted. */
  cover(): void;
  /** The last one gives the screen back, with what was printed meanwhile. */
  uncover(): void;
  /** Draws it where no terminal is to write to (a desktop); absent: it is written as terminal output. */
  paint?(card: Card): void;
}

/** What covers a surface while nothing passes. */
export type Card =
  | ({
      readonly type: "question";
      /** What the person has to do: type something, or answer elsewhere. */
      readonly answer: "yes-or-no" | "secret" | "elsewhere";
    } & ChallengeText)
  | ({ readonly type: "suspension" } & SuspensionText);

/** Something that waits until questions are answered. */
export interface QuestionOrder {
  /** The channel that waits; null when it is the session. */
  readonly subject: ChannelId | null;
  /** Null: nobody can be shown anything, so nothing may be asked that is typed. */
  readonly surface: Surface | null;
  /** Asked one after the other; the first that is not passed ends it. */
  readonly questions: readonly Question[];
  /** Rule or policy that asks. */
  readonly trigger: string;
  readonly reason: string;
  /** What is held back, for the person to see. */
  readonly held?: string;
  /** Tells the person a line where no terminal is: on stderr. */
  readonly tell?: (line: string) => void;
  readonly then: (result: ChallengeResult, last: Question) => void;
}
