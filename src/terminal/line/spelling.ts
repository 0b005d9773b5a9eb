import type { LineReading } from "../../model/index.js";
import type { Screen } from "../screen/index.js";
import { leftOf } from "./line-locator.js";
import type { SessionHistory } from "./session-history.js";

/**
 * zsh's question about a word that it takes for a mistake (`setopt correct`): yes runs the line that Enter
 * was pressed for before with another word in it.
 */
export function asksToCorrect(screen: Screen): boolean {
  const { row, column } = screen.cursor;
  return QUESTION.test(leftOf(screen, row, column));
}

/** What runs when the question is answered with yes. */
export function readCorrection(screen: Screen, history: SessionHistory): LineReading {
  const typed = history.at(history.length - 1);
  const text =
    typed === null ? null : corrected(typed, screen.rowText(screen.cursor.row).trimEnd());
  const line = { source: "both", hidden: false, context: "shell", prompt: "primary" } as const;
  if (typed === null || text === null)
    return { ...line, text: "", confidence: 0, candidates: [""], unknowable: UNKNOWN };
  return { ...line, text, typed, confidence: SPELT, candidates: [text, typed] };
}

function corrected(line: string, question: string): string | null {
  const [, from, to] = PROPOSAL.exec(question) ?? [];
  if (from === undefined || to === undefined || !line.includes(from)) return null;
  return line.replace(from, () => to);
}

/** Which words the question is about can be written in many ways (SPROMPT); its answers hardly ever are. */
const QUESTION = /\[nyae\]\? ?$/;
const PROPOSAL = /correct '(.+)' to '(.+)' \[nyae\]\? ?$/;
/** The word can stand in the line more than once. */
const SPELT = 0.9;
const UNKNOWN =
  "The shell would run the line with another word in it, and which line that is can not be read. " +
  "Answer with n, and type the command.";
