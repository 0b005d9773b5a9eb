import type { ChannelId } from "../kernel/index.js";
import type { ObservedEntry, PtyFacts } from "../model/index.js";
import type { CommandDesk } from "./command-desk.js";
import type { IntegrationSeed } from "./integration/seed.js";
import type { Judgement } from "./judgement.js";
import type { Outbox } from "./outbox.js";
import type { QuestionOrder } from "./question.js";
import type { ChannelKnowledge } from "./session-files.js";

/** What a terminal needs of its session. */
export interface TerminalDeps {
  readonly id: ChannelId;
  readonly kind: "shell" | "exec";
  readonly pty: PtyFacts;
  /** The exec command that owns the terminal, when there is one, and the programs it starts. */
  readonly exec?: { readonly command: string; readonly programs: readonly string[] };
  readonly outbox: Outbox;
  readonly desk: CommandDesk;
  readonly knowledge: ChannelKnowledge;
  readonly recording: { readonly terminal: "asciicast" | "off"; readonly input: "masked" | "off" };
  /** True while a question is open anywhere in the session, or it is suspended. */
  readonly gated: () => boolean;
  readonly ask: (order: QuestionOrder) => void;
  readonly killSession: (judgement: Judgement) => void;
  readonly suspendSession: (judgement: Judgement) => void;
  /** How the shell is asked to tell of itself; absent: it is not. */
  readonly integration?: IntegrationSeed;
  /** The person has to prove who they are before they go on. */
  readonly prove: (owed: { readonly trigger: string; readonly reason: string }) => void;
  /** Shows those who look on what is shown here; costs nothing while nobody does. */
  readonly observed: (entry: () => ObservedEntry) => void;
}
