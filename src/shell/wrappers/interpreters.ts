/**
 * Shell commands that a one-liner of another language starts with literal arguments, as shell text:
 * `os.system("id")`, `subprocess.run(["rm", "-rf", "/"])`, `exec 'sh'`, awk's `system("id")` and
 * `"id" | getline`. A call whose argument is computed yields null: what it runs can not be known.
 */
export function shellCalls(code: string, backticks: boolean): readonly (string | null)[] {
  const out: (string | null)[] = [];
  for (const match of code.matchAll(CALL)) {
    out.push(readArgument(code, match.index + match[0].length));
    if (out.length >= CALLS_MAX) return out;
  }
  for (const match of code.matchAll(PIPED)) out.push(unescapeLiteral(match[1] ?? match[2] ?? ""));
  if (backticks) {
    for (const match of code.matchAll(/`([^`]+)`|(?:qx|%x)\s*[{(/]([^})/]+)[})/]/g))
      out.push(match[1] ?? match[2] ?? "");
  }
  return out.slice(0, CALLS_MAX);
}

/** Calls followed in one program text. */
const CALLS_MAX = 32;

/** `system(`, `os.popen (`, `exec "`: names of the functions that start programs. */
const CALL =
  /(?<![\w$])(?:system|popen[234]?|exec(?:v|ve|vp|vpe|l|le|lp|lpe|Sync|File|FileSync)?|execute|spawn(?:v|ve|vp|l|lp|Sync)?|startfile|shell_exec|passthru|proc_open|getoutput|getstatusoutput|run|call|check_call|check_output|Popen|create_subprocess_shell)(?:\s*\(|\s+(?=["']))/g;

/** awk: `print | "sh"` and `"id" | getline`. */
const PIPED = /\|\s*"((?:[^"\\]|\\.)+)"|"((?:[^"\\]|\\.)+)"\s*\|\s*getline/g;

const STRING = String.raw`[rbuf]{0,2}(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')`;
const ONE = new RegExp(String.raw`^\s*${STRING}\s*(?=[),;\]}|]|$)`, "s");
const LIST = new RegExp(
  String.raw`^\s*\[?\s*(${STRING}(?:\s*,\s*\[?\s*${STRING})*)\s*[\]),;]`,
  "s",
);
const EACH = new RegExp(STRING, "gs");

function readArgument(code: string, at: number): string | null {
  const rest = code.slice(at, at + ARGUMENT_CHARS_MAX);
  const one = ONE.exec(rest);
  const single = one === null ? undefined : (one[1] ?? one[2]);
  const followed = one === null ? "" : rest.charAt(one[0].length);
  if (single !== undefined && followed !== ",") return unescapeLiteral(single);
  const list = LIST.exec(rest);
  if (list !== null) {
    const words = [...(list[1] ?? "").matchAll(EACH)].map((m) =>
      unescapeLiteral(m[1] ?? m[2] ?? ""),
    );
    return commandOf(words);
  }
  if (single !== undefined) return unescapeLiteral(single);
  return rest.trim() === "" || rest.trimStart().startsWith(")") ? "" : null;
}

/** `execlp("sh", "sh", "-c", ...)` repeats the name as argument zero. */
function commandOf(words: readonly string[]): string {
  const name = words[0]?.slice(words[0].lastIndexOf("/") + 1);
  const repeats = words.length > 1 && words[1]?.slice(words[1].lastIndexOf("/") + 1) === name;
  const rest = repeats ? words.slice(1) : words;
  return rest.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
}

function unescapeLiteral(text: string): string {
  return text.replace(
    /\\(?:x([0-9a-fA-F]{2})|([\\"'`])|n|t)/g,
    (whole, hex?: string, one?: string) => {
      if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
      return one ?? (whole === "\\n" ? "\n" : "\t");
    },
  );
}

const ARGUMENT_CHARS_MAX = 4096;
