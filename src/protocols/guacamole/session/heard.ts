import type { Input } from "../../../model/index.js";

type Of<K extends Input["kind"]> = Extract<Input, { kind: K }>;

/** Late answers to what the session has asked. */
const ANSWERS = [
  "factor-verified",
  "factor-offered",
  "factor-answered",
  "approval-decided",
  "grace-granted",
] as const;
export type Answer = Of<(typeof ANSWERS)[number]>;

/** What a desktop hears; everything else belongs to connections with channels of their own. */
const HEARD = [
  "opened",
  "instruction",
  "timer",
  "profile-known",
  "core-judged",
  "command",
  "observe",
  "watched",
  "kill-ordered",
  "target-failed",
  "channel-closed",
  "disconnected",
  ...ANSWERS,
] as const;
export type Heard = Of<(typeof HEARD)[number]>;

export function isHeard(input: Input): input is Heard {
  return (HEARD as readonly string[]).includes(input.kind);
}

export function isAnswer(input: Input): input is Answer {
  return (ANSWERS as readonly string[]).includes(input.kind);
}
