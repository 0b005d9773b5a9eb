import { looksLikePrompt } from "./prompt-book.js";
import type { Witnesses } from "./witnesses.js";

/**
 * The program that is known to own the whole screen, when nothing speaks for a shell in it: the line does
 * not stand behind anything like a prompt. (vim switches bracketed paste on as shells do.)
 */
export function screenOwner({ context, screen, book, locator }: Witnesses): string | null {
  const program = context.fullScreen;
  if (program === undefined || !screen.alternate) return null;
  if (book.kindOf("") !== null) return null;
  const prompt = locator.location?.prompt ?? "";
  return looksLikePrompt(prompt) || book.kindOf(prompt) !== null ? null : program;
}
