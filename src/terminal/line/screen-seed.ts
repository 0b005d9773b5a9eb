import type { Witnesses } from "./witnesses.js";

/** The line stands still on the screen: the keys that come now are pressed in what it shows. */
export function seedFromScreen({ lineReader, editor, disturbance, words }: Witnesses): void {
  const shown = lineReader.shown();
  if (shown === null || shown.point === null || shown.partial || editor.searching !== "no") return;
  if (disturbance.disturbed || disturbance.marksLost) return;
  if (lineReader.pointsAt(shown.location)) return;
  // What was typed meanwhile must show too.
  const before = Array.from(shown.text).slice(0, shown.point).join("");
  if (!lineReader.restored(before).endsWith(words.behind)) return;
  const point = Array.from(lineReader.restored(before)).length;
  editor.seed(lineReader.whole(shown.text), point);
}
