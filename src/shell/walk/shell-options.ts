import { known } from "../words/text.js";
import { isArray, readVariable, setVariable, type Scope } from "./scope.js";

/** Kept among the variables, under a name that no variable has. */
const OPTION = "option ";

/** `cdable_vars` of bash is `CDABLE_VARS` or `cdablevars` of zsh. */
function nameOf(word: string): string {
  return OPTION + word.toLowerCase().replaceAll("_", "");
}

/** `shopt -s x`, `setopt x`, and the other way round. */
export function setShellOption(scope: Scope, word: string, on: boolean): void {
  setVariable(scope, nameOf(word), known(on ? "on" : ""));
}

export function isOptionOn(scope: Scope, word: string): boolean {
  const value = readVariable(scope, nameOf(word));
  return !isArray(value) && value.text === "on";
}
