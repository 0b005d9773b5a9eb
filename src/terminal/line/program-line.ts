import type { LineReading } from "../../model/index.js";
import type { Screen } from "../screen/index.js";
import { escapesOf } from "./program-escapes.js";

/**
 * Enter in a program that owns the whole screen. It is text and keys, and runs nothing, unless the
 * program asks for a command in the cursor's row: `:!cmd` in vim, `!cmd` in less.
 */
export function readProgramLine(screen: Screen, program: string): LineReading {
  const text = commandRow(screen);
  const escapes = text === "" ? [] : escapesOf(program, text);
  const again = REPEATED.test(text);
  return {
    text,
    source: "screen",
    confidence: SHOWN,
    candidates: escapes.length === 0 && again ? [text] : escapes,
    hidden: false,
    context: "program",
    program,
    prompt: "unknown",
    ...(again ? { unknowable: AGAIN } : { escapes }),
  };
}

/** Does the line open a shell inside the program? From then on lines in it are a shell's for all we know. */
export function opensShell(line: string): boolean {
  return SHELL_INSIDE.test(line);
}

/** ":term", ":vert terminal", "vim +term", "M-x eshell", ":call term_start('sh')"; not ":set term=x". */
const SHELL_INSIDE =
  /(?:^:|[\s+"'|])(?:ter|term|termi|termin|termina|terminal)(?![\w=])|\b(?:term_start|termopen|jobstart|eshell|ansi-term|vterm|M-x (?:shell|term))\b/;

/** The program draws what is typed there itself. */
const SHOWN = 0.95;
/** ":!!" and "!!" run what was run before, "!%" has names in it that only the program knows. */
const REPEATED = /^(?::[^!]*)?!\s*!|^!+$/;
const AGAIN =
  "The program would run a command again that can not be seen now. Type the command instead.";
/** A longer command runs over rows; so many are read. */
const ROWS_MAX = 8;
const ASKING = /^(?:[:!|#]|Command to execute|(?:Async )?[Ss]hell command)/;

function commandRow(screen: Screen): string {
  const { row } = screen.cursor;
  let text = screen.rowText(row);
  for (let at = row; at > 0 && row - at < ROWS_MAX; at -= 1) {
    if (ASKING.test(text)) return text.trimEnd();
    const above = screen.rowText(at - 1);
    if (above.endsWith(" ")) return "";
    text = above + text;
  }
  return ASKING.test(text) ? text.trimEnd() : "";
}
