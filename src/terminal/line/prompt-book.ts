/**
 * The prompts that this session has shown. A prompt is remembered by its text and by its shape, so
 * that one with a directory, a time or a counter in it is known again after it has changed.
 */
export type PromptKind = "primary" | "continuation";

export interface PromptBook {
  /** The first prompt of the session has been seen. */
  readonly started: boolean;
  learn(text: string, kind: PromptKind): void;
  kindOf(text: string): { readonly kind: PromptKind; readonly exact: boolean } | null;
  /** Known texts, newest first. */
  readonly texts: readonly string[];
  /** The longest known prompt that the row begins with. */
  startOf(rowText: string): string | null;
  /**
   * As `startOf`, for a prompt that has changed since it was known, or one that only looks like one: the
   * shortest.
   */
  changedStartOf(rowText: string): string | null;
}

/** Nested shells, accounts and directories: more prompts than these are not told apart at once. */
const PROMPTS_MAX = 24;
/** A longer text left of the line is not a prompt. */
const PROMPT_CHARACTERS_MAX = 400;

export function createPromptBook(): PromptBook {
  return new SeenPrompts();
}

class SeenPrompts implements PromptBook {
  #prompts: { text: string; shape: string; kind: PromptKind }[] = [];
  #texts: readonly string[] = [];
  #proposed: string | null = null;

  get started(): boolean {
    return this.#prompts.some((prompt) => prompt.kind === "primary");
  }

  get texts(): readonly string[] {
    return this.#texts;
  }

  learn(text: string, kind: PromptKind): void {
    if (text.length > PROMPT_CHARACTERS_MAX) return;
    const known = this.#prompts[0];
    if (known?.text === text && known.kind === kind) return;
    if (kind === "primary" && known?.text !== text && !this.#plausible(text)) return;
    this.#prompts = [
      { text, kind, shape: shapeOf(text) },
      ...this.#prompts.filter((prompt) => prompt.text !== text),
    ].slice(0, PROMPTS_MAX);
    this.#texts = this.#prompts.map((prompt) => prompt.text);
  }

  kindOf(text: string): { readonly kind: PromptKind; readonly exact: boolean } | null {
    const same = this.#prompts.find((prompt) => prompt.text === text);
    if (same !== undefined) return { kind: same.kind, exact: true };
    const shape = shapeOf(text);
    const alike = this.#prompts.find(
      (prompt) => prompt.shape === shape && prompt.text.trim() !== "",
    );
    return alike === undefined ? null : { kind: alike.kind, exact: false };
  }

  startOf(rowText: string): string | null {
    let longest: string | null = null;
    for (const text of this.#texts) {
      if (text.trim() !== "" && rowText.startsWith(text) && text.length > (longest ?? "").length)
        longest = text;
    }
    return longest;
  }

  changedStartOf(rowText: string): string | null {
    const shapes = new Set(this.#prompts.map(({ shape }) => shape));
    const ends = [...rowText.slice(0, PROMPT_CHARACTERS_MAX).matchAll(PROMPT_END)].map(
      (match) => match.index + match[0].length,
    );
    const known = ends.find((end) => shapes.has(shapeOf(rowText.slice(0, end))));
    const end = known ?? (looksLikePrompt(rowText) ? undefined : ends[0]);
    return end === undefined ? null : rowText.slice(0, end);
  }

  /**
   * A prompt with the beginning of a line behind it, once taken for a prompt, would hide what is typed
   * there from then on: text that does not end like a prompt is believed when it comes twice, and
   * never when it begins with a prompt that is known.
   */
  #plausible(text: string): boolean {
    if (looksLikePrompt(text) || this.#prompts.some((one) => one.text === text)) return true;
    if (this.#prompts.some((one) => isPrefix(one.text, text))) return false;
    const again = this.#proposed === text;
    this.#proposed = text;
    return again;
  }
}

function isPrefix(prompt: string, text: string): boolean {
  return prompt.trim() !== "" && prompt.length < text.length && text.startsWith(prompt);
}

/** Paths, numbers and branch names are what changes in a prompt from one command to the next. */
function shapeOf(text: string): string {
  return text
    .replace(/(?:~|\.{0,2}\/)[^\s:$#%>\])}]*/g, "/")
    .replace(/\d+/g, "0")
    .replace(/\([^)]*\)/g, "()");
}

/** `user@host:~$ `, `# `, `sh-5.2$ `: how a prompt for commands ends. */
export function looksLikePrompt(text: string): boolean {
  return /[$#%>\u276f\u00bb\u279c\u03bb] ?$/.test(text);
}

const PROMPT_END = /[$#%>\u276f\u00bb\u279c\u03bb] /g;

/** `> `, `quote> `, `for> `: how a shell asks for more. */
export function looksLikeContinuation(text: string): boolean {
  return /^[\w ]{0,16}> ?$/.test(text);
}
