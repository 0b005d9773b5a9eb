/**
 * Continuous identification: what a person does may raise the question who is there, whatever the single
 * rule says. One counter so far: commands of this session that were blocked.
 */
export interface Identification {
  /** Looks at the counters; called after everything that may have changed them. */
  look(): void;
}

/** As it stands in events: the key of the configuration. */
export const BLOCKED_COMMANDS = "identification.blockedCommands";

export function createIdentification(deps: {
  /** Blocked commands after which the person is asked; then it counts anew. 0: never. */
  readonly blockedCommandsMax: number;
  readonly blocked: () => number;
  readonly ask: (reason: string, trigger: string) => "asked" | "later" | "never";
  readonly suspend: (reason: string, trigger: string) => void;
}): Identification {
  const { blockedCommandsMax: limit } = deps;
  let answeredFor = 0;
  return {
    look() {
      const blocked = deps.blocked();
      if (limit === 0 || blocked - answeredFor < limit) return;
      const reason = `${String(blocked - answeredFor)} commands were blocked in this session.`;
      const asked = deps.ask(reason, BLOCKED_COMMANDS);
      // A terminal may still come: it is looked at again with whatever happens next.
      if (asked === "later") return;
      answeredFor = blocked;
      // Nothing degrades to allowed: who can not be asked stands still.
      if (asked === "never") deps.suspend(reason, BLOCKED_COMMANDS);
    },
  };
}
