import { z } from "zod";
import { fault, type Fault } from "../../kernel/index.js";
import { nearestWord } from "./nearest-word.js";
import type { KeyPath, YamlDocument } from "./yaml-document.js";

/** Turns what zod has to say into faults an administrator can act on, each at its place. */
export function schemaFaults(
  error: z.ZodError,
  schema: z.ZodType,
  document: YamlDocument,
): readonly Fault[] {
  return error.issues.flatMap((issue) => issueFaults(issue, schema, document));
}

function issueFaults(
  issue: z.core.$ZodIssue,
  schema: z.ZodType,
  document: YamlDocument,
): readonly Fault[] {
  const path = issue.path.map((key) => (typeof key === "number" ? key : String(key)));
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(schema, path);
    return issue.keys.map((key) =>
      fault(
        "CHP_CONFIG_SHAPE",
        `unknown key ${quote([...path, key])}${hint(key, known)}`,
        document.placeOfKey([...path, key]),
      ),
    );
  }
  if (issue.code === "invalid_union") {
    const branch = closestBranch(issue.errors);
    if (branch !== undefined) {
      return branch.flatMap((inner) =>
        issueFaults({ ...inner, path: [...issue.path, ...inner.path] }, schema, document),
      );
    }
  }
  const kinds = kindsAt(schema, path);
  const told =
    issue.code === "invalid_union" && kinds.length > 0
      ? `must be one of ${kinds.join(", ")}`
      : describeIssue(issue);
  return [fault("CHP_CONFIG_SHAPE", `${quote(path)}: ${told}`, document.placeOf(path))];
}

/** The values that tell kinds of one thing apart, where `path` leads to such a key. */
function kindsAt(schema: z.ZodType, path: KeyPath): readonly string[] {
  let here: readonly unknown[] = [schema];
  for (const key of path) here = here.flatMap((one) => childrenOf(one, key));
  return here.flatMap((one) => (one instanceof z.ZodLiteral ? [...one.values].map(String) : []));
}

/** The alternative that got furthest into the value is the one that was meant. */
function closestBranch(
  branches: readonly (readonly z.core.$ZodIssue[])[],
): readonly z.core.$ZodIssue[] | undefined {
  const depth = (issues: readonly z.core.$ZodIssue[]) =>
    Math.max(...issues.map((i) => i.path.length + (i.code === "unrecognized_keys" ? 1 : 0)));
  const best = [...branches].sort((a, b) => depth(b) - depth(a))[0];
  return best !== undefined && depth(best) > 0 ? best : undefined;
}

function describeIssue(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type" && issue.input === undefined && isMissing(issue)) {
    return `is missing (${issue.expected} expected)`;
  }
  if (issue.code === "invalid_union") return `has none of the forms allowed here`;
  const text = issue.message.replace(/^Invalid input: /, "");
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function isMissing(issue: z.core.$ZodIssue): boolean {
  return issue.message.endsWith("received undefined");
}

function quote(path: KeyPath): string {
  if (path.length === 0) return "the file";
  return `\`${path.reduce<string>((text, key) => (typeof key === "number" ? `${text}[${key}]` : text === "" ? key : `${text}.${key}`), "")}\``;
}

function hint(key: string, known: readonly string[]): string {
  const near = nearestWord(key, known);
  if (near !== undefined) return `; did you mean \`${near}\`?`;
  return known.length === 0 ? "" : `; known here: ${known.join(", ")}`;
}

/** Keys that the schema knows at `path`. */
export function keysAt(schema: z.ZodType, path: KeyPath): readonly string[] {
  let here: readonly unknown[] = [schema];
  for (const key of path) here = here.flatMap((one) => childrenOf(one, key));
  return [...new Set(here.flatMap((one) => alternatives(one)).flatMap(shapeKeys))];
}

function childrenOf(schema: unknown, key: string | number): readonly unknown[] {
  return alternatives(schema).flatMap((one): readonly unknown[] => {
    if (one instanceof z.ZodArray) return [one.element];
    if (one instanceof z.ZodObject) {
      const shape: Readonly<Record<string, unknown>> = one.shape;
      return shape[key] === undefined ? [] : [shape[key]];
    }
    return [];
  });
}

function shapeKeys(schema: unknown): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** Looks through optional, default, prefault and union. */
function alternatives(schema: unknown): readonly unknown[] {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return alternatives(schema.unwrap());
  }
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(alternatives);
  return [schema];
}
