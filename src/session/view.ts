import type { SessionView } from "../model/index.js";
import type { ChannelRegister } from "./channel-register.js";
import type { CommandDesk } from "./command-desk.js";
import type { Observers } from "./observers.js";
import type { QuestionDesk } from "./question-desk.js";
import type { SessionSeed } from "./session.js";
import type { SuspensionDesk } from "./suspension-desk.js";

/** A session as it stands, for those who steer it. */
export function viewOf(parts: {
  readonly seed: SessionSeed;
  readonly register: ChannelRegister;
  readonly questions: QuestionDesk;
  readonly suspension: SuspensionDesk;
  readonly observers: Observers;
  readonly counts: CommandDesk["counts"];
  readonly risk: number | undefined;
}): SessionView {
  const { register, questions, suspension, observers, risk } = parts;
  const { current } = suspension;
  const controller = observers.controller?.name;
  return {
    id: parts.seed.facts.id,
    state: current !== null ? "suspended" : questions.open ? "challenged" : "open",
    ...(current === null
      ? {}
      : {
          suspension: {
            by: `${current.by.kind}:${current.by.name}`,
            reason: current.reason,
            since: current.since,
          },
        }),
    channels: [...register.all()].map(({ id, told, traffic }) => ({
      id,
      ...told,
      terminal: traffic.type === "terminal",
    })),
    counts: {
      channels: register.totals.channels,
      ...parts.counts,
      reauths: questions.reauths,
    },
    ...(risk === undefined ? {} : { risk }),
    observers: observers.names,
    ...(controller === undefined ? {} : { controller }),
  };
}
