import type { PersonFacts } from "../../model/index.js";
import type { LoginMethod, LoginOutcome, LoginPrompt, LoginRules } from "./ports.js";

/** How far a connection's login has come. */
export type LoginStage =
  /** Nothing is proved: any of the methods may prove who it is. */
  | { readonly name: "first" }
  /** A first factor is proved; the one-time code is missing. */
  | { readonly name: "second"; readonly person: string }
  | { readonly name: "done"; readonly person: string };

export const FIRST: LoginStage = { name: "first" };

/** What may be tried next (RFC 4252 section 5.1). */
export function nextMethods(rules: LoginRules, stage: LoginStage): readonly LoginMethod[] {
  switch (stage.name) {
    case "first":
      return rules.methods;
    case "second":
      return ["keyboard-interactive"];
    case "done":
      return [];
  }
}

/** After a first factor: is that enough, is the code missing, or can this person never come in? */
export function afterFirstFactor(
  rules: LoginRules,
  person: PersonFacts,
): "accepted" | "second" | "not-enrolled" {
  const enrolled = person.factors.includes("totp");
  switch (rules.totp) {
    case "off":
      return "accepted";
    case "when-enrolled":
      return enrolled ? "second" : "accepted";
    case "required":
      return enrolled ? "second" : "not-enrolled";
  }
}

/**
 * What keyboard-interactive asks. In the first stage only the password: a prompt for the code would
 * tell who is enrolled, and so who exists.
 */
export function promptsFor(rules: LoginRules, stage: LoginStage): readonly LoginPrompt[] {
  if (stage.name === "second")
    return [{ text: "One-time code: ", echo: false, asksPassword: false }];
  if (stage.name === "first" && rules.methods.includes("keyboard-interactive")) {
    return [{ text: "Password: ", echo: false, asksPassword: true }];
  }
  return [];
}

/**
 * More answers would all be refused: the person is told why, and for how long. It says nothing about who
 * exists, because names that nobody has are locked in the same way.
 */
export function lockedOut(forMs: number): Extract<LoginOutcome, { type: "refused" }> {
  const minutes = Math.max(1, Math.ceil(forMs / MS_PER_MINUTE));
  const time = minutes === 1 ? "a minute" : `${minutes} minutes`;
  const disconnect = `too many failed log-ins of this name or from this address; try again in ${time}, or log in by key`;
  return { type: "refused", next: [], disconnect };
}

const MS_PER_MINUTE = 60_000;

export function refusal(
  rules: LoginRules,
  stage: LoginStage,
  failures: number,
): Extract<LoginOutcome, { type: "refused" }> {
  return failures >= rules.failuresPerConnectionMax
    ? { type: "refused", next: [], disconnect: "too many authentication failures" }
    : { type: "refused", next: nextMethods(rules, stage) };
}
