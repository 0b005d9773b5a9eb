import type { LineReading } from "../../model/index.js";
import type { Witnesses } from "./witnesses.js";

/**
 * A line in a pane that has others beside it (tmux's `Ctrl-B %`): the row of the screen holds them all,
 * with borders in between. Read is what stands between the borders around the cursor, behind a prompt
 * that is known. A line that goes on in the next row of its pane is not read so, and told as unsure.
 */
export function withinPane(reading: LineReading, { screen, book }: Witnesses): LineReading {
  const { row, column } = screen.cursor;
  let left = column - 1;
  while (left >= 0 && screen.cell(row, left).text !== BORDER) left -= 1;
  let right = column;
  while (right < screen.columns && screen.cell(row, right).text !== BORDER) right += 1;
  if (left < 0 && right === screen.columns) return reading;
  let shown = "";
  for (let at = left + 1; at < right; at += 1) shown += screen.cell(row, at).text;
  const prompt = book.startOf(shown);
  const text = prompt === null ? null : shown.slice(prompt.length).trimEnd();
  if (text === reading.text.trimEnd()) return reading;
  const candidates = [...new Set([...(text === null ? [] : [text]), ...reading.candidates])];
  return {
    ...reading,
    text: text ?? reading.text,
    candidates,
    confidence: Math.min(reading.confidence, BESIDE),
  };
}

const BORDER = "\u2502";
/** What stands in the other panes may have been taken for a part of it. */
const BESIDE = 0.8;
