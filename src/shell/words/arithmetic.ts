import type { ArithmeticExpression } from "../syntax/parse-script.js";

/** The variables of an arithmetic expression: null is what is not a constant. */
export interface ArithmeticNames {
  readonly lookup: (name: string) => string | null;
  /** Absent where nothing may be changed by looking. */
  readonly assign?: (name: string, value: number | null) => void;
}

/** Value of an arithmetic expression whose parts are all constant; null when something is not. */
export function evaluateArithmetic(
  expression: ArithmeticExpression,
  names: ArithmeticNames,
): number | null {
  switch (expression.type) {
    case "ArithmeticGroup":
      return evaluateArithmetic(expression.expression, names);
    case "ArithmeticWord":
      return readNumber(expression.value, names.lookup);
    case "ArithmeticUnary": {
      const operand = evaluateArithmetic(expression.operand, names);
      if (expression.operator === "++" || expression.operator === "--")
        return stepped(expression, operand, names);
      const apply = UNARY[expression.operator];
      return operand === null || apply === undefined ? null : apply(operand);
    }
    case "ArithmeticBinary": {
      const right = evaluateArithmetic(expression.right, names);
      const assigns = /^(.*[^=!<>]|<<|>>|)=$/.exec(expression.operator)?.[1];
      const left = assigns === "" ? 0 : evaluateArithmetic(expression.left, names);
      if (assigns !== undefined)
        return assigned(
          expression.left,
          assigns === "" ? right : combined(assigns, left, right),
          names,
        );
      return expression.operator === "," ? right : combined(expression.operator, left, right);
    }
    case "ArithmeticTernary": {
      const test = evaluateArithmetic(expression.test, names);
      if (test === null) return null;
      return evaluateArithmetic(test !== 0 ? expression.consequent : expression.alternate, names);
    }
    case "ArithmeticCommandExpansion":
      return null;
  }
}

function combined(operator: string, left: number | null, right: number | null): number | null {
  const apply = BINARY[operator];
  if (left === null || right === null || apply === undefined) return null;
  const value = apply(left, right);
  return Number.isSafeInteger(value) ? value : null;
}

/** `i++` is what it was, `++i` what it becomes. */
function stepped(
  { operator, operand, prefix }: Extract<ArithmeticExpression, { type: "ArithmeticUnary" }>,
  before: number | null,
  names: ArithmeticNames,
): number | null {
  const after = before === null ? null : before + (operator === "++" ? 1 : -1);
  assigned(operand, after, names);
  return prefix ? after : before;
}

function assigned(
  to: ArithmeticExpression,
  value: number | null,
  { assign }: ArithmeticNames,
): number | null {
  if (to.type === "ArithmeticWord" && /^[A-Za-z_]\w*(?:\[\w$]+\])?$/.test(to.value))
    assign?.(to.value, value);
  return value;
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
  const name = /^(?:\$?\{?([A-Za-z_]\w*)\}?|\$\{?(\d|#)\}?)$/.exec(word)?.slice(1).find(Boolean);
  const value = name === undefined ? null : lookup(name);
  if (value === "") return 0;
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
