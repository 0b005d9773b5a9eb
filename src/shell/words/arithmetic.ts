import type { ArithmeticExpression } from "../syntax/parse-script.js";

/** Value of an arithmetic expression whose parts are all constant; null when something is not. */
export function evaluateArithmetic(
  expression: ArithmeticExpression,
  lookup: (name: string) => string | null,
): number | null {
  switch (expression.type) {
    case "ArithmeticGroup":
      return evaluateArithmetic(expression.expression, lookup);
    case "ArithmeticWord":
      return readNumber(expression.value, lookup);
    case "ArithmeticUnary": {
      const operand = evaluateArithmetic(expression.operand, lookup);
      const apply = UNARY[expression.operator];
      return operand === null || apply === undefined ? null : apply(operand);
    }
    case "ArithmeticBinary": {
      const left = evaluateArithmetic(expression.left, lookup);
      const right = evaluateArithmetic(expression.right, lookup);
      const apply = BINARY[expression.operator];
      if (left === null || right === null || apply === undefined) return null;
      const value = apply(left, right);
      return Number.isSafeInteger(value) ? value : null;
    }
    case "ArithmeticTernary": {
      const test = evaluateArithmetic(expression.test, lookup);
      if (test === null) return null;
      return evaluateArithmetic(test !== 0 ? expression.consequent : expression.alternate, lookup);
    }
    case "ArithmeticCommandExpansion":
      return null;
  }
}

function readNumber(text: string, lookup: (name: string) => string | null): number | null {
  const word = text.trim();
  const based = /^(\d{1,2})#([0-9a-zA-Z]+)$/.exec(word);
  if (based !== null) {
    const value = parseInt(based[2] ?? "", Number(based[1]));
    return Number.isSafeInteger(value) ? value : null;
  }
  if (/^0[0-7]+$/.test(word)) return parseInt(word, 8);
  if (/^(?:\d+|0[xX][0-9a-fA-F]+)$/.test(word)) return Number(word);
  const name = /^\$?\{?([A-Za-z_]\w*)\}?$/.exec(word)?.[1];
  const value = name === undefined ? null : lookup(name);
  return value !== null && /^-?\d+$/.test(value) ? Number(value) : null;
}

const UNARY: Readonly<Record<string, (value: number) => number>> = {
  "-": (value) => -value,
  "+": (value) => value,
  "!": (value) => Number(value === 0),
  "~": (value) => ~value,
};

const BINARY: Readonly<Record<string, (left: number, right: number) => number>> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => Math.trunc(left / right),
  "%": (left, right) => left % right,
  "**": (left, right) => left ** right,
  "<<": (left, right) => left * 2 ** right,
  ">>": (left, right) => Math.floor(left / 2 ** right),
  "&": (left, right) => left & right,
  "|": (left, right) => left | right,
  "^": (left, right) => left ^ right,
  "&&": (left, right) => Number(left !== 0 && right !== 0),
  "||": (left, right) => Number(left !== 0 || right !== 0),
  "==": (left, right) => Number(left === right),
  "!=": (left, right) => Number(left !== right),
  "<": (left, right) => Number(left < right),
  ">": (left, right) => Number(left > right),
  "<=": (left, right) => Number(left <= right),
  ">=": (left, right) => Number(left >= right),
};
