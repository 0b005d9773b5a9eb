import { standingIn, type ShellKnowledge } from "../shell/index.js";

/** A text in a place where it may run. */
interface Placed {
  readonly candidate: string;
  readonly knowledge: ShellKnowledge;
}

/** Each text that a command may have, in each place where it may run; the likeliest first. */
export function* readingsOf({
  candidates,
  knowledge,
  elsewhere,
}: {
  readonly candidates: readonly string[];
  readonly knowledge: ShellKnowledge;
  readonly elsewhere?: string;
}): Generator<Placed> {
  for (const candidate of candidates) {
    yield { candidate, knowledge };
    if (elsewhere !== undefined && elsewhere !== knowledge.cwd)
      yield { candidate, knowledge: standingIn(knowledge, elsewhere) };
  }
}
