import { isMap } from "yaml";
import type { Reader, Value } from "./reader.js";
import type { MessageSource } from "./source.js";

/** BCP 47, as far as messages need it: `en`, `pt-BR`, `zh-Hant`. */
const LANGUAGE_FORM = /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/;
/** What a terminal of 24 rows can show above a prompt. */
const MESSAGE_CHARS_MAX = 1_000;

/** One text for everybody, or one for each language. */
export function readMessage(reader: Reader, value: Value): readonly MessageSource[] {
  if (!isMap(value)) {
    const text = checked(reader, value, "message");
    return text === undefined ? [] : [{ language: "en", text }];
  }
  const entries = reader.entries(value, "message");
  if (entries.length === 0 && value.items.length === 0)
    reader.refuse("CHP_RULES_SHAPE", "message is empty", reader.place(value));
  return entries.flatMap(({ key, at, value: inner }) => {
    if (!LANGUAGE_FORM.test(key))
      reader.refuse("CHP_RULES_SHAPE", `"${key}" is no language like en or pt-BR`, at);
    const text = checked(reader, inner, `message.${key}`);
    return text === undefined ? [] : [{ language: key.toLowerCase(), text }];
  });
}

function checked(reader: Reader, value: Value, what: string): string | undefined {
  const text = reader.text(value, what);
  if (text !== undefined && text.length > MESSAGE_CHARS_MAX)
    reader.refuse(
      "CHP_RULES_SHAPE",
      `${what} is longer than ${MESSAGE_CHARS_MAX} characters`,
      reader.place(value),
    );
  return text;
}
