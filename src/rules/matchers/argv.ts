import { compileGlob, matchesSteps } from "../../shell/index.js";
import type { Placed } from "../read/reader.js";
import { and, certainty, MAYBE, NO, or, YES, type Certainty } from "./certainty.js";
import { bestHint, type Hints } from "./hints.js";
import { foldText } from "./literals.js";
import type { InvocationView } from "./view.js";

export interface ArgvMatcher {
  test(view: InvocationView): Certainty;
  readonly execs: readonly string[] | null;
  readonly hints: Hints | null;
}

type Step =
  | { readonly kind: "rest" }
  | { readonly kind: "word"; readonly globs: readonly ReturnType<typeof compileGlob>[] };

/**
 * A positional template: `[systemctl, "{stop|disable}", "auditd*"]`. `*` and `?` within a word, `{a|b}`
 * for choices, `...` for any further words. Flags between the words are passed over unless the
 * template names flags itself. The template must cover the words; end it in `...` to allow more.
 */
export function compileArgv(template: readonly Placed[]): ArgvMatcher {
  const texts = template.map((one) => one.text);
  const steps = texts.map(compileStep);
  const namesFlags = texts.some((text) => /^(?:\*?-|\{-)/.test(text));
  return {
    execs: literalChoices(texts[0]),
    hints: bestHint(texts.slice(1).map(hintOfStep)),
    test(view) {
      const { exec } = view.invocation;
      if (exec === null) return NO;
      const args = namesFlags
        ? view.args
        : view.args.filter((arg) => arg?.startsWith("-") !== true);
      return covers(steps, [exec, ...args]);
    },
  };
}

function compileStep(text: string): Step {
  if (text === "...") return { kind: "rest" };
  return { kind: "word", globs: expandChoices(text).map(compileGlob) };
}

/** `{a|b}c` to `ac`, `bc`; one level of braces, several groups. */
function expandChoices(text: string): readonly string[] {
  const match = /^(.*?)\{([^{}]*)\}(.*)$/s.exec(text);
  if (match === null) return [text];
  const [, head = "", choices = "", tail = ""] = match;
  return choices.split("|").flatMap((choice) => expandChoices(head + choice + tail));
}

function literalChoices(text: string | undefined): readonly string[] | null {
  if (text === undefined || text === "...") return null;
  const choices = expandChoices(text);
  return choices.some((choice) => /[*?[]/.test(choice)) ? null : choices;
}

/** A word that must be there, when it is plain. */
function hintOfStep(text: string): Hints | null {
  const choices = literalChoices(text);
  return choices === null ? null : { texts: choices.map(foldText), ofWords: true, leads: [] };
}

/** Words against steps, `...` taking any number: reachability in O(words * steps). */
function covers(steps: readonly Step[], words: readonly (string | null)[]): Certainty {
  let reached: Certainty[] = steps.map(() => NO);
  reached.push(NO);
  reached[0] = YES;
  skipRests(steps, reached);
  for (const word of words) {
    const next: Certainty[] = reached.map(() => NO);
    steps.forEach((step, i) => {
      const here = reached[i] ?? NO;
      if (here === NO) return;
      if (step.kind === "rest") next[i] = or(next[i] ?? NO, here);
      else next[i + 1] = or(next[i + 1] ?? NO, and(here, matchesWord(step.globs, word)));
    });
    skipRests(steps, next);
    reached = next;
  }
  return reached[steps.length] ?? NO;
}

function skipRests(steps: readonly Step[], reached: Certainty[]): void {
  steps.forEach((step, i) => {
    if (step.kind === "rest") reached[i + 1] = or(reached[i + 1] ?? NO, reached[i] ?? NO);
  });
}

function matchesWord(
  globs: readonly ReturnType<typeof compileGlob>[],
  word: string | null,
): Certainty {
  if (word === null) return MAYBE;
  return certainty(globs.some((glob) => matchesSteps(glob, word)));
}
