import { VALUE_CHARS_MAX } from "../limits.js";

/** Escapes of `echo -e`, `printf` and `%b` (bash manual, "Bash Builtins"). */
export function unescapeText(text: string): string {
  return text.replace(
    /\\(?:x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|0?[0-7]{1,3}|.)/gs,
    (whole) => {
      const kind = whole.charAt(1);
      if (whole.length > 2 && /[xuU]/.test(kind)) return codeText(parseInt(whole.slice(2), 16));
      if (/[0-7]/.test(kind)) return codeText(parseInt(whole.slice(1), 8) & 0xff);
      return ESCAPES[kind] ?? whole;
    },
  );
}

function codeText(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : "";
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\u0007",
  b: "\b",
  e: "\u001b",
  f: "\f",
  v: "\v",
  "\\": "\\",
  '"': '"',
  "'": "'",
};

/** Output of `printf FORMAT ARG...`: the format is used again while arguments remain. */
export function formatText(format: string, values: readonly string[]): string | null {
  let left = [...values];
  let out = "";
  do {
    const before = left.length;
    const round = formatOnce(format, left);
    if (round === null) return null;
    out += round.text;
    left = round.left;
    if (left.length === before) break;
  } while (left.length > 0 && out.length < VALUE_CHARS_MAX);
  return out;
}

function formatOnce(format: string, values: string[]): { text: string; left: string[] } | null {
  const left = [...values];
  const foreign = /%[-+ 0#]*\d*(?:\.\d+)?[^%sbcdixoq\d.+ #-]/.test(format);
  if (foreign) return null;
  const text = format.replace(
    /%(%|[-+ 0#]*\d*(?:\.\d+)?[sbcdixoq])|\\(?:x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|[0-7]{1,3}|.)/gs,
    (whole: string, directive: string | undefined) => {
      if (directive === undefined) return unescapeText(whole);
      return directive === "%" ? "%" : convert(directive, left.shift() ?? "");
    },
  );
  return { text, left };
}

function convert(directive: string, value: string): string {
  switch (directive.slice(-1)) {
    case "q":
      return requoted(value);
    case "b":
      return unescapeText(value);
    case "c":
      return value.charAt(0);
    case "d":
    case "i":
      return pad(directive, value === "" ? "0" : value);
    case "x":
      return Number(value).toString(16);
    case "o":
      return Number(value).toString(8);
    default:
      return directive === "s" ? value : pad(directive, value);
  }
}

/** As bash spells a word so that it is read back as it is. */
function requoted(value: string): string {
  if (value === "") return "''";
  if (/[\n\t\r]/.test(value))
    return `$'${value.replace(/[\\']/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\t", "\\t").replaceAll("\r", "\\r")}'`;
  return value.replace(/[^\w./:=@%+,-]/g, "\\$&");
}

function pad(directive: string, value: string): string {
  const match = /^([-+ 0#]*)(\d*)(?:\.(\d+))?/.exec(directive);
  const width = Math.min(Number(match?.[2] ?? 0), VALUE_CHARS_MAX);
  const cut = match?.[3] === undefined ? value : value.slice(0, Number(match[3]));
  if (match?.[1]?.includes("-") === true) return cut.padEnd(width);
  const zeros = match?.[1]?.includes("0") === true && !directive.endsWith("s");
  return cut.padStart(width, zeros ? "0" : " ");
}
