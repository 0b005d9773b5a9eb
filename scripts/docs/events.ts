import ts from "typescript";

import { PRIVACY } from "../../src/events/privacy.js";
import { code, generatedPage, table } from "./markdown.js";

/**
 * docs/reference/events.md: every fact, its fields, their types as they stand in the catalog and their
 * privacy class. `source` is the text of src/events/data.ts.
 */
export function eventsPage(source: string): string {
  const file = ts.createSourceFile("data.ts", source, ts.ScriptTarget.ES2023, true);
  const classes: Readonly<Record<string, Readonly<Record<string, string>>>> = PRIVACY;
  const sections: string[] = [];
  const shapes: string[] = [];
  for (const statement of file.statements) {
    if (ts.isInterfaceDeclaration(statement) && statement.name.text === "EventData") {
      for (const member of statement.members) {
        sections.push(eventSection(member, classes, file));
      }
    } else if (isShape(statement) && !["EventType", "EventDraft"].includes(statement.name.text)) {
      shapes.push(shapeSection(statement, file));
    }
  }
  return [
    generatedPage("Events", INTRO),
    ...sections,
    "## Shapes\n",
    "Types that several events share, in the notation of TypeScript.\n",
    ...shapes,
  ].join("\n");
}

const INTRO = `Every event is one line of JSON in the event file: a
[CloudEvent](https://github.com/cloudevents/spec) 1.0. \`type\` is \`io.chaperone.<name>.v1\`; \`subject\` is the
session's id (or \`sidecar\`); \`sequence\` rises by one within a session, without gaps, from 0; \`time\` is UTC with
microseconds.

Privacy: \`public\` may be shown to every operator; \`sensitive\` is personal or content. A field without a class
would be \`secret\` and never leaves the process.
`;

function eventSection(
  member: ts.TypeElement,
  classes: Readonly<Record<string, Readonly<Record<string, string>>>>,
  file: ts.SourceFile,
): string {
  const name = member.name?.getText(file).replaceAll('"', "") ?? "";
  if (
    !ts.isPropertySignature(member) ||
    member.type === undefined ||
    !ts.isTypeLiteralNode(member.type)
  ) {
    throw new Error(`the event ${name} is not described by its fields`);
  }
  const rows = member.type.members.filter(ts.isPropertySignature).map((field) => {
    const fieldName = field.name.getText(file);
    return [
      code(fieldName) + (field.questionToken === undefined ? "" : "?"),
      code(field.type?.getText(file).replace(/\s+/g, " ") ?? ""),
      classes[name]?.[fieldName] ?? "secret",
      commentOf(field),
    ];
  });
  return `## ${name}\n\n${table(["field", "type", "privacy", ""], rows)}`;
}

type Shape = ts.InterfaceDeclaration | ts.TypeAliasDeclaration;

function isShape(statement: ts.Statement): statement is Shape {
  return ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement);
}

function shapeSection(shape: Shape, file: ts.SourceFile): string {
  const comment = commentOf(shape);
  const text = shape.getText(file).replace(/^export /, "");
  return `### ${shape.name.text}\n\n${comment === "" ? "" : `${comment}\n\n`}\`\`\`ts\n${text}\n\`\`\`\n`;
}

function commentOf(node: ts.Node): string {
  return ts
    .getJSDocCommentsAndTags(node)
    .map((comment) => (typeof comment.comment === "string" ? comment.comment : ""))
    .join(" ")
    .replace(/\s+/g, " ")
    .trim();
}
