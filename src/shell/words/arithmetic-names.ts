import { parseScript, type ArithmeticExpression } from "../syntax/parse-script.js";
import { isArray, readVariable, setVariable, type Scope } from "../walk/scope.js";
import { evaluateArithmetic, type ArithmeticNames } from "./arithmetic.js";
import { known, UNKNOWN } from "./text.js";

/** The variables of a shell as arithmetic sees and sets them: one that was never set counts as nothing. */
export function arithmeticNames(scope: Scope): ArithmeticNames {
  return {
    lookup(name) {
      if (/^\d+$/.test(name) || name === "#") return positionalNumber(scope, name);
      const value = readVariable(scope, name);
      return isArray(value) || !value.known ? null : value.text;
    },
    assign(name, value) {
      setVariable(scope, name, value === null ? UNKNOWN : known(String(value)));
    },
  };
}

function positionalNumber({ positional }: Scope, name: string): string | null {
  if (name === "#") return positional === undefined ? null : String(positional.length);
  const value = positional?.[Number(name) - 1];
  return value?.known === true ? value.text : null;
}

/** Value of a text that the shell reads as arithmetic: a subscript, an offset, a word of `let`. */
export function arithmeticValue(text: string, scope: Scope): number | null {
  const trimmed = text.trim();
  if (/^-?\d{1,15}$/.test(trimmed)) return Number(trimmed);
  const expression = trimmed.length > TEXT_CHARS_MAX ? undefined : arithmeticOf(trimmed);
  return expression === undefined ? null : evaluateArithmetic(expression, arithmeticNames(scope));
}

/** Longer expressions in a word are not followed. */
const TEXT_CHARS_MAX = 128;

function arithmeticOf(text: string): ArithmeticExpression | undefined {
  const parsed = parseScript(`((${text}))`);
  const command =
    parsed.ok && parsed.errors.length === 0 ? parsed.script.commands[0]?.command : undefined;
  return command?.type === "ArithmeticCommand" ? command.expression : undefined;
}
