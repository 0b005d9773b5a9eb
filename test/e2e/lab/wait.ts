/** Longest wait for anything that should happen: only a failure takes this long. */
const PATIENCE_MS = 60_000;
const LOOK_AGAIN_MS = 20;

/**
 * Looks again and again until `look` answers something, and answers that. A failure says what was
 * waited for and what there was instead: no test sleeps, no timing decides.
 */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  options: { readonly patienceMs?: number; readonly instead?: () => string } = {},
): Promise<T> {
  const until = Date.now() + (options.patienceMs ?? PATIENCE_MS);
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > until) {
      const instead = options.instead === undefined ? "" : `; instead:\n${options.instead()}`;
      throw new Error(`waited in vain for ${what}${instead}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}
