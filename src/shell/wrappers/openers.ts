import { isArray, readVariable } from "../walk/scope.js";
import type { Walk } from "../walk/walk.js";
import { joinFields, quiet, runScriptText, type Unwrapping } from "./run-script.js";

/** Programs that open an editor or a pager run what the environment names. */
export function runByEnvironment(walk: Walk, given: Unwrapping): void {
  const names = OPENERS.get(given.draft.exec ?? "");
  if (names === undefined) return;
  const { scope } = given.facts.frame;
  for (const name of names) {
    const value = readVariable(scope, name);
    // A usual value is no news.
    if (isArray(value) || !value.known || given.facts.assignments.some((one) => one.name === name))
      continue;
    const text = joinFields([{ ...value, glob: false }]);
    runScriptText(walk, text, given, quiet(given));
  }
}

const OPENERS: ReadonlyMap<string, readonly string[]> = new Map([
  ["crontab", ["VISUAL", "EDITOR"]],
  ["visudo", ["VISUAL", "EDITOR", "SUDO_EDITOR"]],
  ["vipw", ["VISUAL", "EDITOR"]],
  ["sudoedit", ["SUDO_EDITOR", "VISUAL", "EDITOR"]],
  ["man", ["MANPAGER", "PAGER"]],
  ["git", ["GIT_PAGER", "GIT_SSH_COMMAND", "GIT_EDITOR"]],
  ["systemctl", ["SYSTEMD_PAGER"]],
  ["less", ["LESSOPEN"]],
]);
