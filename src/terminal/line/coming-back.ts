import { micros, type Micros } from "../../kernel/index.js";
import { CONTROL, type Key } from "../keys/index.js";
import type { LineState, Times } from "./line-state.js";
import type { KeyRun, SubmitForm } from "./typed-line.js";
import type { Witnesses } from "./witnesses.js";

/**
 * Lines that zsh puts into the next prompt by itself: put aside (Alt-q, Ctrl-Q), or left for a command about
 * their first word. An Enter that is typed before that prompt shows would run them unseen.
 */
export interface ComingBack {
  pressed(key: Key): void;
  released(submit: KeyRun): void;
  /** An editor has begun a line; `same`: it is the one that was typed in. */
  prompted(same: boolean): void;
  /** Lines are put aside that have not come back. */
  readonly owed: boolean;
  /** Enter now would run what does not show yet. */
  readonly unseen: boolean;
  /** When it is not waited for any more; null: nothing is. */
  decide(at: Micros): Micros | null;
}

/** zsh itself keeps as many as are put aside; who puts aside more is not told them apart. */
const ASIDE_MAX = 100;

export function createComingBack(
  { dialect, context, clock }: Pick<Witnesses, "dialect" | "context" | "clock">,
  line: LineState,
  times: Times,
): ComingBack {
  let aside = 0;
  const add = (): void => {
    if (dialect.current === "zle") aside = Math.min(ASIDE_MAX, aside + 1);
  };
  const unseen = (): boolean =>
    aside > 0 &&
    line.pressed === 0 &&
    !line.marked &&
    dialect.current === "zle" &&
    !context.inProgram;
  return {
    pressed(key) {
      if (key.kind === "meta" && key.text.toLowerCase() === "q") add();
      if (key.kind === "control" && key.code === CONTROL.q) add();
    },
    released(submit) {
      if (submit.kind === "submit" && LEAVING.has(submit.form)) add();
    },
    prompted(same) {
      if (!same && aside > 0) aside -= 1;
    },
    get owed() {
      return aside > 0;
    },
    get unseen() {
      return unseen();
    },
    decide(at) {
      const until = micros(Math.max(times.lastKeyAt, line.releasedAt) + clock.answerUs);
      return unseen() && at < until ? until : null;
    },
  };
}

const LEAVING: ReadonlySet<SubmitForm> = new Set<SubmitForm>([
  "operate-and-get-next",
  "run-help",
  "which-command",
]);
