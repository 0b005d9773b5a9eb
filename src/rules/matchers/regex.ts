import { RE2JS, RE2JSException } from "re2js";
import { err, fault, ok, type Fault, type Result } from "../../kernel/index.js";
import type { Placed } from "../read/reader.js";
import { foldText, requiredLiterals } from "./literals.js";
import { isAscii, nativeOf } from "./native.js";

/** A linear-time regular expression behind a literal that it can not do without. */
export interface Regex {
  test(text: string): boolean;
  /** One of these (lower case) must occur in the lower-cased text; empty: no such literal is known. */
  readonly literals: readonly string[];
}

/** A longer expression is generated text; its automaton would eat the memory. */
const PATTERN_CHARS_MAX = 4096;

export interface RegexOptions {
  readonly caseSensitive: boolean;
  /** The expression is known to compile: its automaton is built when a text first needs it. */
  readonly checked: boolean;
}

/** Compiles RE2 syntax; what needs backtracking is refused at its place. */
export function compileRegex(pattern: Placed, options: RegexOptions): Result<Regex, Fault> {
  const refuse = (message: string, index: number): Result<Regex, Fault> =>
    err(
      fault("CHP_RULES_REGEX", `${message} in /${pattern.text.slice(0, 80)}/`, {
        ...pattern.at,
        column: pattern.at.column + (pattern.indent ?? 0) + index,
      }),
    );
  if (pattern.text.length > PATTERN_CHARS_MAX)
    return refuse(`longer than ${PATTERN_CHARS_MAX} characters`, 0);
  const backtracking = findBacktracking(pattern.text);
  if (backtracking !== null) return refuse(backtracking.what, backtracking.index);
  try {
    const flags = options.caseSensitive ? 0 : RE2JS.CASE_INSENSITIVE;
    const native = nativeOf(pattern.text, options.caseSensitive);
    // What the other engine takes is good in this one, too: its automaton waits for other text.
    const isGood = options.checked || native !== null;
    let compiled = isGood ? null : RE2JS.compile(pattern.text, flags);
    const literals = requiredLiterals(pattern.text);
    const gate = literals.length > 0 ? literals : requiredLiterals(pattern.text, 1);
    return ok({
      literals,
      test(text) {
        if (native !== null && isAscii(text)) return native.test(text);
        if (gate.length > 0) {
          const folded = foldText(text);
          if (!gate.some((literal) => folded.includes(literal))) return false;
        }
        compiled ??= RE2JS.compile(pattern.text, flags);
        return compiled.test(text);
      },
    });
  } catch (thrown) {
    if (!(thrown instanceof RE2JSException)) throw thrown;
    const description = thrown.message.replace(/^error parsing regexp: /, "");
    const fragment = /`(.+)`$/s.exec(description)?.[1] ?? "";
    const index = fragment === "" ? 0 : Math.max(0, pattern.text.indexOf(fragment));
    return refuse(description, index);
  }
}

/** Lookaround and backreferences: what RE2 does not have, and what makes other engines exponential. */
function findBacktracking(text: string): { readonly what: string; readonly index: number } | null {
  let inSet = false;
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (character === "\\") {
      if (!inSet && /[1-9]/.test(text.charAt(i + 1))) return { what: "backreference", index: i };
      if (!inSet && text.startsWith("\\k<", i)) return { what: "backreference", index: i };
      i += 1;
    } else if (inSet) inSet = character !== "]";
    else if (character === "[") {
      inSet = true;
      if (text.charAt(i + 1) === "^") i += 1;
      if (text.charAt(i + 1) === "]") i += 1;
    } else if (/^\(\?(?:[=!]|<[=!])/.test(text.slice(i, i + 4)))
      return { what: text.charAt(i + 2) === "<" ? "lookbehind" : "lookahead", index: i };
    else if (text.startsWith("(?>", i)) return { what: "atomic group", index: i };
  }
  return null;
}
