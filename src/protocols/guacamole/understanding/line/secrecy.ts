import { MICROS_PER_SECOND, type Micros } from "../../../../kernel/index.js";
import { isEvidentCommand, looksLikePassword } from "./evident-command.js";
import { answersAfter, type AnswersAwaited } from "./prompting.js";

/** Knows when what is typed may be a password, from what was entered before and from its form. */
export interface Secrecy {
  /** Is this line to be hidden? Asking changes nothing. */
  hides(line: SecretCandidate, at: Micros): boolean;
  /** Whatever is typed now is hidden: known before its first character. */
  awaits(at: Micros): boolean;
  /** The line was entered; `text` is looked at for what it will ask for, when it was not hidden. */
  entered(line: SecretCandidate, hidden: boolean, at: Micros): void;
  /** So many further lines are answers to a question: a sign-in screen, a prompt of Windows. */
  expect(answers: AnswersAwaited, at: Micros): void;
  /** Ctrl-C and its kin end every question. */
  interrupted(): void;
}

export interface SecretCandidate {
  readonly text: string;
  /** What stood in the field before each Tab; empty when there was none. */
  readonly fields: readonly string[];
}

export interface SecrecyOptions {
  /** A desktop, where Tab leads to the next field and unknown fields are everywhere. */
  readonly desktop: boolean;
  readonly forms: boolean;
  readonly prompting: readonly string[];
}

/** A question for a password is answered or given up within this time (sudo and ssh wait less). */
const AWAITED_US = 300 * MICROS_PER_SECOND;

export function createSecrecy({ desktop, forms, prompting }: SecrecyOptions): Secrecy {
  let awaited: AnswersAwaited = NONE;
  let since = Number.NEGATIVE_INFINITY;

  function current(at: Micros): AnswersAwaited {
    return at - since <= AWAITED_US ? awaited : NONE;
  }

  function hides(line: SecretCandidate, at: Micros): boolean {
    const { certain, possible } = current(at);
    if (certain > 0) return true;
    if (possible > 0 && !isEvidentCommand(line.text)) return true;
    if (!desktop || !forms) return false;
    return isForm(line) || looksLikePassword(line.text.trim());
  }

  return {
    hides,
    awaits: (at) => current(at).certain > 0,
    entered(line, hidden, at) {
      const { certain, possible } = current(at);
      const answered = line.fields.length > 0 ? certain : Math.min(1, certain);
      if (certain > 0) awaited = { certain: certain - answered, possible };
      else if (possible > 0 && hidden) awaited = { certain: 0, possible: possible - 1 };
      else awaited = NONE;
      if (hidden) return;
      const asked = answersAfter(line.text, prompting);
      if (asked.certain + asked.possible === 0) return;
      awaited = asked;
      since = at;
    },
    expect(answers, at) {
      awaited = answers;
      since = at;
    },
    interrupted() {
      awaited = NONE;
    },
  };
}

const NONE: AnswersAwaited = { certain: 0, possible: 0 };

/**
 * `alice<Tab>secret`: one word, a Tab, and something that does not go on with the word. Completion of a
 * command is followed by nothing, a blank or more of a path.
 */
function isForm({ text, fields }: SecretCandidate): boolean {
  const [first] = fields;
  if (first === undefined || !/^\S+$/.test(first.trim())) return false;
  const behind = text.slice(first.length);
  return behind !== "" && !/^[\s\\/.]/.test(behind);
}
