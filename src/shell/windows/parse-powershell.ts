import type { Redirect } from "../../model/index.js";
import {
  KNOWN_VARIABLES,
  type NestedScript,
  type ParsedCommand,
  type ParsedLine,
  type ShellWord,
} from "./parsed.js";

/**
 * A line of PowerShell as far as it starts commands: quotes and backticks, pipelines, chains, call
 * operators, blocks and subexpressions (which come back as nested scripts). Expressions are not computed:
 * one that calls a method of .NET is trouble, because it can do anything.
 */
export function parsePowerShell(text: string): ParsedLine {
  return new PowerShellParser(text.replace(/\r\n?/g, "\n")).parse();
}

const KEYWORDS: ReadonlySet<string> = new Set(
  (
    "if else elseif while for foreach do until switch try catch finally trap function filter param begin " +
    "process end return throw exit break continue in data using class enum"
  ).split(" "),
);
/** The word behind them is a name and no command. */
const NAMING: ReadonlySet<string> = new Set(["function", "filter", "class", "enum", "using"]);
const CLOSERS: Readonly<Record<string, string>> = { "(": ")", "{": "}", "[": "]" };
const SINGLE_QUOTES = "'\u2018\u2019\u201a\u201b";
const DOUBLE_QUOTES = '"\u201c\u201d\u201e';
const DASHES = /^[\u2013\u2014\u2015]/;

class PowerShellParser {
  readonly #text: string;
  #at = 0;
  #pipeline = 0;
  #complete = true;
  #trouble: string | undefined;
  readonly #commands: ParsedCommand[] = [];
  readonly #nested: NestedScript[] = [];
  #words: ShellWord[] = [];
  #redirects: Redirect[] = [];
  /** The statement is an expression: its words are no command. */
  #expression = false;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): ParsedLine {
    while (this.#at < this.#text.length) this.#step();
    this.#endCommand();
    const parsed = { commands: this.#commands, nested: this.#nested, complete: this.#complete };
    return this.#trouble === undefined ? parsed : { ...parsed, trouble: this.#trouble };
  }

  #step(): void {
    const rest = this.#text.slice(this.#at);
    const separator = /^(?:&&|\|\||[|;\n])/.exec(rest)?.[0];
    if (separator !== undefined) {
      this.#at += separator.length;
      this.#endCommand();
      if (separator !== "|") this.#pipeline += 1;
    } else if (/^[ \t]/.test(rest)) this.#at += 1;
    else if (rest.startsWith("`\n")) this.#at += 2;
    else if (rest.startsWith("#") || rest.startsWith("<#")) this.#comment(rest);
    else if (rest.startsWith("--%") && this.#words.length > 0) this.#verbatim();
    else if (this.#words.length === 0 && !this.#expression) this.#statementStart(rest);
    else if (/^(?:[\d*]?>>?(?:&\d)?|<)/.test(rest)) this.#redirect(rest);
    else if (rest.startsWith("&")) {
      this.#at += 1;
      this.#endCommand();
      this.#pipeline += 1;
    } else if (rest.startsWith(",")) this.#at += 1;
    else this.#word();
  }

  #comment(rest: string): void {
    const block = rest.startsWith("<#");
    const end = rest.indexOf(block ? "#>" : "\n");
    if (end < 0 && block) this.#complete = false;
    this.#at += end < 0 ? rest.length : end + (block ? 2 : 0);
  }

  /** Behind `--%` nothing is read but `%NAME%`. */
  #verbatim(): void {
    const line = this.#text.slice(this.#at + 3).split(/[\n|]/, 1)[0] ?? "";
    for (const kept of line.split(/\s+/).filter((one) => one !== ""))
      this.#words.push({ value: kept.includes("%") ? null : kept, kept, bare: true });
    this.#at += 3 + line.length;
  }

  #statementStart(rest: string): void {
    if (/^[&.](?=[\s'"$({])/.test(rest)) {
      this.#at += 1;
      this.#called();
      return;
    }
    const assigned = /^\$[\w:{}.[\]'"]+\s*(?:[-+*/%]|\?\?)?=(?!=)/.exec(rest);
    if (assigned !== null) {
      this.#at += assigned[0].length;
      return;
    }
    const name = /^[A-Za-z]+(?=[\s({]|$)/.exec(rest)?.[0].toLowerCase();
    if (name !== undefined && KEYWORDS.has(name)) {
      this.#at += name.length;
      if (NAMING.has(name))
        this.#at += /^\s*[^\s({]*/.exec(this.#text.slice(this.#at))?.[0].length ?? 0;
      return;
    }
    if (rest.startsWith("}") || rest.startsWith(")") || rest.startsWith("]")) {
      this.#at += 1;
      this.#trouble ??= "a bracket closes that was never opened";
      return;
    }
    if (/^[$([@{]/.test(rest) || isQuote(rest) || /^[-+!,]?\d/.test(rest)) {
      this.#startExpression();
      return;
    }
    this.#word();
  }

  /** `& 'name'`, `& $x`, `& { ... }`, `. script`: what follows is the name of a command. */
  #called(): void {
    this.#at += /^\s*/.exec(this.#text.slice(this.#at))?.[0].length ?? 0;
    if (this.#text.charAt(this.#at) === "{") {
      this.#group("{", "script");
      this.#expression = true;
    } else this.#word();
  }

  #startExpression(): void {
    const from = this.#at;
    this.#expression = true;
    const first = this.#readWord();
    // A constant that is piped on is data, which the next stage may run.
    if (!first.bare && first.value !== null && this.#text.slice(from, this.#at) === first.kept)
      this.#words.push(first);
  }

  #word(): void {
    const word = this.#readWord();
    this.#words.push(word);
  }

  #redirect(rest: string): void {
    const op = /^(?:[\d*]?>>?(?:&\d)?|<)/.exec(rest)?.[0] ?? ">";
    this.#at += op.length;
    if (op.includes("&")) {
      this.#redirects.push({ op, target: null });
      return;
    }
    this.#at += /^\s*/.exec(this.#text.slice(this.#at))?.[0].length ?? 0;
    this.#redirects.push({ op, target: this.#readWord().value });
  }

  #readWord(): ShellWord {
    const from = this.#at;
    let value: string | null = "";
    let bare = true;
    while (this.#at < this.#text.length) {
      const rest = this.#text.slice(this.#at);
      if (/^[\s;|,)}\]]/.test(rest) || (rest.startsWith("&") && this.#at > from)) break;
      if (isQuote(rest)) bare = false;
      const piece = this.#piece(rest, this.#at === from);
      value = value === null || piece === null ? null : value + piece;
    }
    if (this.#at === from) this.#at += 1;
    const kept = this.#text.slice(from, this.#at);
    if (/^\[.*\]::/.test(kept)) this.#trouble ??= METHOD;
    return { value: value?.replace(DASHES, "-") ?? null, kept, bare };
  }

  #piece(rest: string, first: boolean): string | null {
    const character = rest.charAt(0);
    if (isQuote(rest)) return this.#quoted();
    if (character === "$" || character === "@") return this.#variable(rest);
    if (character === "{") return this.#group("{", "subshell");
    if (character === "(") {
      if (!first) this.#trouble ??= METHOD;
      return this.#group("(", "substitution");
    }
    if (character === "[" && first) {
      this.#skipType();
      return null;
    }
    this.#at += character === "`" ? 2 : 1;
    return character === "`" ? escaped(rest.charAt(1)) : character;
  }

  #skipType(): void {
    const end = matchingEnd(this.#text, this.#at);
    this.#complete &&= end !== null;
    this.#at = end ?? this.#text.length;
  }

  /** A group is a script of its own; as a word only a block is known, by its text. */
  #group(opener: string, context: NestedScript["context"]): string | null {
    const from = this.#at;
    const end = matchingEnd(this.#text, from);
    this.#complete &&= end !== null;
    this.#at = end ?? this.#text.length;
    const inside = this.#text.slice(from + 1, end === null ? this.#at : end - 1);
    this.#nested.push({ text: inside, context });
    if (/^\s*\./.test(this.#text.slice(this.#at)) && opener === "(") this.#trouble ??= METHOD;
    return opener === "{" ? this.#text.slice(from, this.#at) : null;
  }

  #variable(rest: string): string | null {
    const group = /^[$@](?=[({])/.exec(rest);
    if (group !== null) {
      this.#at += 1;
      const opener = this.#text.charAt(this.#at);
      if (opener === "(") return this.#group("(", "substitution");
      this.#skipType();
      return null;
    }
    const name = /^[$@](?:\w+:)?[\w?^$]+/.exec(rest)?.[0] ?? rest.charAt(0);
    this.#at += name.length;
    if (name === "$" || name === "@") return name;
    const environment = /^\$env:(?<name>\w+)$/i.exec(name)?.groups?.["name"];
    if (/^\$?\.\w+\s*\(/.test(this.#text.slice(this.#at))) this.#trouble ??= METHOD;
    return environment === undefined
      ? null
      : (KNOWN_VARIABLES.get(environment.toLowerCase()) ?? null);
  }

  #quoted(): string | null {
    const here = /^@(?<quote>['"])\n(?<body>[^]*?)\n\k<quote>@/.exec(this.#text.slice(this.#at));
    if (here !== null) {
      this.#at += here[0].length;
      const { quote, body = "" } = here.groups ?? {};
      return quote === '"' && body.includes("$") ? null : body;
    }
    const single = SINGLE_QUOTES.includes(this.#text.charAt(this.#at));
    return single ? this.#singleQuoted() : this.#doubleQuoted();
  }

  #singleQuoted(): string {
    let value = "";
    for (this.#at += 1; this.#at < this.#text.length; this.#at += 1) {
      const character = this.#text.charAt(this.#at);
      if (SINGLE_QUOTES.includes(character)) {
        this.#at += 1;
        if (!SINGLE_QUOTES.includes(this.#text.charAt(this.#at)) || this.#at >= this.#text.length)
          return value;
      }
      value += this.#text.charAt(this.#at);
    }
    this.#complete = false;
    return value;
  }

  #doubleQuoted(): string | null {
    let value: string | null = "";
    this.#at += 1;
    while (this.#at < this.#text.length) {
      const rest = this.#text.slice(this.#at);
      const character = rest.charAt(0);
      let piece: string | null = character;
      if (DOUBLE_QUOTES.includes(character)) {
        this.#at += 1;
        const next = this.#text.charAt(this.#at);
        if (next === "" || !DOUBLE_QUOTES.includes(next)) return value;
        this.#at += 1;
      } else if (character === "`") {
        piece = escaped(rest.charAt(1));
        this.#at += 2;
      } else if (/^\$[\w({?^$]/.test(rest)) piece = this.#variable(rest);
      else this.#at += 1;
      value = value === null || piece === null ? null : value + piece;
    }
    this.#complete = false;
    return value;
  }

  #endCommand(): void {
    const [first] = this.#words;
    if (first !== undefined && (!this.#expression || this.#words.length === 1))
      this.#commands.push({
        words: this.#expression ? [CONSTANT, ...this.#words] : this.#words,
        redirects: this.#redirects,
        context: "top",
        pipeline: this.#pipeline,
      });
    this.#words = [];
    this.#redirects = [];
    this.#expression = false;
  }
}

/** Stands where the name of a command would: the stage is a constant that is piped on. */
export const CONSTANT: ShellWord = { value: "", kept: "", bare: false };
export const METHOD = "a method of .NET is called";

function isQuote(rest: string): boolean {
  const character = rest.charAt(0);
  if (character === "") return false;
  return (
    SINGLE_QUOTES.includes(character) || DOUBLE_QUOTES.includes(character) || /^@['"]\n/.test(rest)
  );
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  0: "\0",
  a: "\u0007",
};

function escaped(character: string): string {
  return ESCAPES[character] ?? character;
}

/** Where the bracket that opens at `from` is closed, one behind it; null: nowhere. Quotes are skipped. */
function matchingEnd(text: string, from: number): number | null {
  const open: string[] = [];
  let quote = "";
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at);
    if (quote !== "") {
      if (character === "`" && quote === '"') at += 1;
      else if (character === quote) quote = "";
    } else if (character === "`") at += 1;
    else if (character === "'" || character === '"') quote = character;
    else if (character in CLOSERS) open.push(CLOSERS[character] ?? "");
    else if (character === open.at(-1)) {
      open.pop();
      if (open.length === 0) return at + 1;
    } else if (")}]".includes(character)) return null;
  }
  return null;
}
