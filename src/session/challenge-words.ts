import type { Factor, FactorOffer } from "../model/index.js";
import type { Question } from "./question.js";

/** The words of a question to a person. */
export function headlineOf(question: Question): string {
  switch (question.type) {
    case "confirm":
      return "Chaperone asks: are you sure?";
    case "factor":
      return "Chaperone asks: is it you?";
    case "approval":
      return "Chaperone waits for somebody else to agree.";
  }
}

/** Lines between the reason and the prompt: who is asked, where to go. */
export function linesOf(question: Question, offer: FactorOffer | null): readonly string[] {
  if (question.type === "approval") {
    const { approvers, min } = question.asked;
    const who = approvers.length === 0 ? "whoever may decide here" : approvers.join(", ");
    return [`Asked:  ${who}${min > 1 ? ` (${String(min)} of them have to agree)` : ""}`];
  }
  if (question.type !== "factor" || offer === null) return [];
  return [
    offer.text,
    ...(offer.link === undefined ? [] : [`Link:   ${offer.link}`]),
    ...(offer.code === undefined ? [] : [`Code:   ${offer.code}`]),
  ];
}

/** `factor`: the one that is asked for now. */
export function promptOf(question: Question, factor: Factor | null): string {
  switch (question.type) {
    case "confirm":
      return "Type yes to run it, anything else to drop it:";
    case "factor":
      return FACTOR_PROMPT[factor ?? question.factor];
    case "approval":
      return "Nothing to type; Ctrl-C gives it up:";
  }
}

/** In a sentence. */
export const FACTOR_NAME: Readonly<Record<Factor, string>> = {
  totp: "a verification code",
  password: "your password",
  webauthn: "a passkey",
  webhook: "another device",
};

/** What Tab leads to; the person's keys are an answer otherwise. */
export function otherWay(other: Factor): string {
  return `Tab:    answer with ${FACTOR_NAME[other]} instead`;
}

const FACTOR_PROMPT: Readonly<Record<Factor, string>> = {
  totp: "Verification code (not shown while you type):",
  password: "Password (not shown while you type):",
  webauthn: "Answer in your browser; Ctrl-C gives it up:",
  webhook: "Answer on your device; Ctrl-C gives it up:",
};

export function refusalText(reason: string): string {
  switch (reason) {
    case "reused":
      return "This code was used before: wait for the next one.";
    case "unavailable":
    case "timeout":
      return "The check could not be made just now.";
    default:
      return "That was not right.";
  }
}

export function saysYes(bytes: Uint8Array): boolean {
  const text = String.fromCharCode(...bytes)
    .trim()
    .toLowerCase();
  return text === "yes" || text === "y";
}
