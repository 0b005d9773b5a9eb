import { escapeControls } from "../../../kernel/index.js";
import type { Card } from "../../../session/index.js";

/** A card as lines, each at most `columns` characters long. */
export function cardLines(card: Card, columns: number): readonly string[] {
  const lines = card.type === "question" ? questionLines(card) : suspensionLines(card);
  return lines.flatMap((line) => wrapped(line, columns));
}

function questionLines(card: Extract<Card, { type: "question" }>): readonly string[] {
  return [
    card.headline,
    "",
    ...(card.held === undefined ? [] : [`Held:   ${card.held}`]),
    `Reason: ${card.reason}`,
    ...card.lines,
    ...phraseLines(card.phrase),
    ...card.notes.flatMap((note) => ["", note]),
    "",
    card.prompt,
  ];
}

function suspensionLines(card: Extract<Card, { type: "suspension" }>): readonly string[] {
  return [
    "Chaperone holds this session.",
    "",
    `Reason: ${card.reason}`,
    `By:     ${card.by}`,
    ...phraseLines(card.phrase),
    "",
    "Nothing you do reaches the desktop. Wait, or ask the administrator of this gateway.",
    ...card.notes.flatMap((note) => ["", note]),
  ];
}

/** A person whom only their gateway knows has no phrase. */
function phraseLines(phrase: string): readonly string[] {
  return phrase === ""
    ? []
    : [`Phrase: ${phrase}`, "        (if this is not your phrase, it is not Chaperone who asks)"];
}

/** Breaks at blanks where there are some. Text of people and rules may hold anything: it is escaped. */
export function wrapped(text: string, columns: number): readonly string[] {
  const rows: string[] = [];
  let rest = Array.from(escapeControls(text));
  while (rest.length > columns && rows.length < ROWS_MAX) {
    const blank = rest.lastIndexOf(" ", columns);
    const end = blank > columns / 2 ? blank : columns;
    rows.push(rest.slice(0, end).join(""));
    rest = rest.slice(rest[end] === " " ? end + 1 : end);
  }
  return [...rows, rest.slice(0, columns).join("")];
}

/** A line of a card is never a page. */
const ROWS_MAX = 8;
