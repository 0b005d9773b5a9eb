import { isLikely, type Field } from "../words/text.js";
import { throughLinks } from "./links.js";
import { isOptionOn } from "./shell-options.js";
import { isArray, locate, moveTo, readVariable, type Scope } from "./scope.js";

/** `cd`, as far as where it leads can be known. */
export function changeDirectory(words: readonly Field[], scope: Scope): void {
  const operand = words.find((word) => !/^-[LPe@]+$|^--$/.test(word.text));
  if (operand === undefined) goHome(scope);
  else goTo(operand, scope);
  // `cd -P`: the shell stands where the link leads.
  if (words.some((word) => /^-[Le@]*P/.test(word.text)))
    scope.place = throughLinks(scope, scope.place, true);
}

/** `cd` alone goes where HOME says, which may have been set. */
function goHome(scope: Scope): void {
  const home = readVariable(scope, "HOME");
  moveTo(scope, !isArray(home) && home.known && home.text !== "" ? home.text : "~");
}

function goTo(operand: Field, scope: Scope): void {
  if (operand.text === "-") {
    swapBack(scope);
    return;
  }
  if (!operand.known || operand.glob) {
    moveTo(scope, null);
    if (isLikely(operand)) scope.supposed = absoluteGuess(operand.text, scope);
    return;
  }
  const path = operand.text;
  if (goToNamed(path, scope)) return;
  const searched = readVariable(scope, "CDPATH");
  const hasSearch = !isArray(searched) && searched.text !== "" && !/^[./~]/.test(path);
  const first = isArray(searched) ? "" : (searched.text.split(":")[0] ?? "");
  moveTo(scope, path);
  if (!hasSearch) return;
  // CDPATH may lead elsewhere: most likely to its first directory.
  const before = scope.before;
  moveTo(scope, null);
  scope.before = before;
  scope.supposed = locate(scope, `${first}/${path}`);
}

/** `cdable_vars`: a name that is no folder is a variable that holds one. */
function goToNamed(path: string, scope: Scope): boolean {
  if (!/^[A-Za-z_]\w*$/.test(path) || !isOptionOn(scope, "cdable_vars")) return false;
  const value = readVariable(scope, path);
  if (isArray(value) || !value.text.startsWith("/")) return false;
  moveTo(scope, null);
  scope.supposed = value.text;
  return true;
}

function absoluteGuess(text: string, scope: Scope): string | null {
  const path = locate(scope, text);
  return path.startsWith("/") ? path : null;
}

function swapBack(scope: Scope): void {
  const named = scope.variables.get("OLDPWD") ?? scope.knowledge.variables?.get("OLDPWD");
  const text = typeof named === "object" && !isArray(named) ? named.text : named;
  if (typeof text === "string" && text !== "") {
    moveTo(scope, text);
    return;
  }
  const { before } = scope;
  if (before === null) moveTo(scope, null);
  else {
    scope.before = scope.place;
    scope.place = before;
    scope.supposed = null;
  }
}

export function pushDirectory(words: readonly Field[], scope: Scope): void {
  const operand = words.find((word) => word.text !== "-n" && word.text !== "--");
  const here = scope.place;
  if (operand === undefined) {
    const top = scope.stack[0];
    if (top === undefined) return;
    scope.stack = [here, ...scope.stack.slice(1)];
    setPlace(scope, top);
    return;
  }
  if (/^[-+]\d+$/.test(operand.text)) {
    moveTo(scope, null);
    scope.stack = [];
    return;
  }
  scope.stack = [here, ...scope.stack].slice(0, STACK_MAX);
  goTo(operand, scope);
}

/** Directories remembered by `pushd`. */
const STACK_MAX = 32;

export function popDirectory(words: readonly Field[], scope: Scope): void {
  const [top, ...rest] = scope.stack;
  if (top === undefined || words.length > 0) {
    moveTo(scope, null);
    scope.stack = [];
    return;
  }
  scope.stack = rest;
  setPlace(scope, top);
}

function setPlace(scope: Scope, place: string): void {
  scope.before = scope.place;
  scope.place = place;
  scope.supposed = null;
}
