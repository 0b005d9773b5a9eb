import { err, ok, type Result } from "../../kernel/index.js";

const FIELDS = ["person", "account", "target"] as const;
type Field = (typeof FIELDS)[number];

/** A template taken apart: fields and the literal text around them, in order. */
export type Template = readonly (
  | { readonly type: "field"; readonly field: Field }
  | { readonly type: "literal"; readonly text: string }
)[];

/** Why a text is no template, in words that go on after its name. */
export function parseTemplate(text: string): Result<Template, string> {
  const parts: Template[number][] = [];
  let rest = text;
  while (rest !== "") {
    const field = /^\{(?<field>[a-z]+)\}/.exec(rest)?.groups?.["field"];
    const known = FIELDS.find((one) => one === field);
    if (field !== undefined && known === undefined) return err(`has an unknown field {${field}}`);
    if (known !== undefined) {
      if (parts.at(-1)?.type === "field") return err("has two fields with nothing between them");
      if (parts.some((part) => part.type === "field" && part.field === known)) {
        return err(`has {${known}} twice`);
      }
      parts.push({ type: "field", field: known });
      rest = rest.slice(known.length + 2);
      continue;
    }
    const literal = /^[^{]+/.exec(rest)?.[0];
    if (literal === undefined) return err("has a `{` that opens no field");
    if (/[%:\s]/.test(literal)) {
      return err(
        "separates with `%`, `:` or a space, which ssh and scp understand in their own way",
      );
    }
    if (/[A-Za-z0-9._-]/.test(literal)) {
      return err("separates with a character that names may hold");
    }
    parts.push({ type: "literal", text: literal });
    rest = rest.slice(literal.length);
  }
  if (!parts.some((part) => part.type === "field" && part.field === "person")) {
    return err("has no {person}");
  }
  return ok(parts);
}
