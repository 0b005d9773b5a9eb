import { isSign, readArguments, readExpression, type Reader } from "./expression.js";
import { textOf, type Value } from "./values.js";

/** A shell that reads its commands from what the program writes to it. */
export const BARE_SHELL = /^\s*'?(?:[^\s']*\/)?(?:ba|da|z|k|mk|a)?sh'?(?:\s+'?-s?'?)*\s*$/;
/** Functions and named arguments that carry text to a program that was started. */
const FEEDERS =
  /^(?:write|writelines|puts|print|printf|say|communicate|fwrite|fputs|end|input|send|sendline|stdin_data)$/;
/** Texts of one program that are taken to be fed. */
const FED_MAX = 16;

/**
 * `popen("sh", "w").write("id")`, `open(F, "|sh"); print F "id"`, `run("sh", input="id")`: constant texts
 * that a program which starts a bare shell writes, as what that shell runs. Texts that go elsewhere are
 * among them: they can not be told apart.
 */
export function fedTexts(reader: Reader): readonly string[] {
  const out: string[] = [];
  const { tokens } = reader;
  for (let i = 0; i < tokens.length && out.length < FED_MAX; i++) {
    const token = tokens[i];
    if (token?.type !== "name" || !FEEDERS.test(token.value)) continue;
    const text = textBehind({ ...reader, at: i + 1 });
    if (text !== null && text.trim() !== "") out.push(text);
  }
  return out;
}

function textBehind(reader: Reader): string | null {
  if (isSign(reader, "(")) {
    reader.at += 1;
    return lastText(readArguments(reader, ")"));
  }
  if (isSign(reader, "=") || isSign(reader, ":")) reader.at += 1;
  // perl: `print F "id"`, `print {$f} "id"`.
  const braced = isSign(reader, "{");
  const handle = reader.tokens[reader.at + (braced ? 1 : 0)];
  const behind = reader.tokens[reader.at + (braced ? 3 : 1)];
  if (handle?.type === "name" && behind?.type === "text") reader.at += braced ? 3 : 1;
  return textOf(readExpression(reader));
}

function lastText(values: readonly Value[]): string | null {
  return values.map(textOf).findLast((one) => one !== null) ?? null;
}
