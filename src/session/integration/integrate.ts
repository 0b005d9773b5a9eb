import type { ChannelId } from "../../kernel/index.js";
import type { TerminalSize } from "../../model/index.js";
import { standingIn } from "../../shell/index.js";
import type { TypedLine } from "../../terminal/index.js";
import type { CommandDesk } from "../command-desk.js";
import type { Judgement } from "../judgement.js";
import type { Outbox } from "../outbox.js";
import type { ChannelKnowledge } from "../session-files.js";
import type { IntegrationSeed } from "./seed.js";
import { createShellIntegration, type ShellIntegration } from "./shell-integration.js";

/** What a terminal lends to the third witness. */
export interface IntegratedTerminal {
  readonly id: ChannelId;
  readonly kind: "shell" | "exec";
  readonly integration?: IntegrationSeed;
  readonly outbox: Outbox;
  readonly line: TypedLine;
  readonly desk: CommandDesk;
  readonly knowledge: ChannelKnowledge;
  readonly pty: TerminalSize;
  readonly gated: () => boolean;
  readonly show: (bytes: Uint8Array) => void;
  readonly opened: () => void;
  readonly close: (reason: string, trigger: string) => void;
  readonly killSession: (judgement: Judgement) => void;
  readonly suspendSession: (judgement: Judgement) => void;
  /** The person has to prove who they are before they go on. */
  readonly prove: (owed: { readonly trigger: string; readonly reason: string }) => void;
}

/** Seats the third witness beside the two others; null: it was not asked for. */
export function integrate(terminal: IntegratedTerminal): ShellIntegration | null {
  const { integration: seed, desk, knowledge } = terminal;
  if (seed === undefined || terminal.kind !== "shell") return null;
  return createShellIntegration({
    ...terminal,
    seed,
    ranOtherwise: (ran) => answerFor(terminal, ran),
    stands(cwd, failed) {
      const believed = knowledge.current.cwd;
      // A line that failed has not gone where it said. Else what was believed is judged as well.
      if (believed === undefined || (failed && believed !== cwd)) {
        knowledge.learn(NOTHING_RAN, (before) => standingIn(before, cwd));
      }
    },
  });

  /** What runs is not what was judged: it is judged now, and what can still be done is done. */
  function answerFor(
    { id, killSession, suspendSession, close, prove }: IntegratedTerminal,
    { text, hidden }: { readonly text: string; readonly hidden: boolean },
  ): void {
    const judgement = desk.judge({
      candidates: [text],
      channelKind: "shell",
      knowledge: knowledge.current,
      confidence: AFTERWARDS,
      hidden,
    });
    const stops = judgement.line === "block" || judgement.line === "approve";
    const alert = judgement.alert || stops || judgement.line === "reauth";
    const killed = judgement.session === "kill";
    const suspended = judgement.session === "suspend";
    desk.tell(judgement, {
      channel: id,
      decision: killed ? "killed" : suspended ? "suspended" : alert ? "alerted" : "allowed",
      text,
      hidden,
      source: "hook",
      confidence: 1,
      context: "shell",
      candidates: [text],
    });
    knowledge.learn(judgement.analysis);
    if (killed) killSession(judgement);
    else if (suspended) suspendSession(judgement);
    else if (stops) close(`${RAN_OTHERWISE} (${judgement.reason})`, judgement.trigger);
    else if (judgement.line === "reauth")
      prove({ trigger: judgement.trigger, reason: `${RAN_OTHERWISE}.` });
  }
}

/** Sure of the text, but not in time: below what counts as certain, so that `policy.onUncertain` is asked. */
const AFTERWARDS = 0.5;
const RAN_OTHERWISE = "Another command ran than the one that was judged";

const NOTHING_RAN = { line: "", invocations: [], complete: true, tokens: [] };
