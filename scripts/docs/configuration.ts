import { configJsonSchema } from "../../src/app/config/schema.js";
import { code, generatedPage, table } from "./markdown.js";

/** The part of JSON Schema (draft 2020-12) that the configuration's schema uses. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  /** Kinds of one thing, told apart by `type`. */
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** docs/reference/configuration.md: every key of chaperone.yaml, from the schema that reads it. */
export function configurationPage(): string {
  const schema = configJsonSchema() as Schema; // JSON Schema as zod writes it, read as data
  return (
    generatedPage(
      "Configuration",
      "Every key of `chaperone.yaml`. A key that is not here is an error. `[]` stands for the entries of a list, `*` for a name of your choice. Relative paths start at the folder of the file; durations are written `500ms`, `30s`, `5m`, `1h`.",
    ) +
    "\n" +
    table(["key", "value", "default", ""], rowsOf(schema, ""))
  );
}

function rowsOf(schema: Schema, path: string): readonly (readonly string[])[] {
  const entries = Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const key = path === "" ? name : `${path}.${name}`;
    const needed = schema.required?.includes(name) === true ? "required" : "";
    const standard = inner.default === undefined ? needed : defaultText(inner.default);
    return [
      [code(key), kindOf(inner), standard, inner.description ?? ""],
      ...innerRows(inner, key),
    ];
  });
  const { additionalProperties: any } = schema;
  const free = typeof any === "object" ? innerRows(any, `${path}.*`) : [];
  return [...entries, ...free];
}

function innerRows(schema: Schema, path: string): readonly (readonly string[])[] {
  if (schema.items !== undefined) return innerRows(schema.items, `${path}[]`);
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap((one) => innerRows(one, path));
  if (schema.oneOf !== undefined) return kindRows(schema.oneOf, path);
  return rowsOf(schema, path);
}

/** What every kind has stands once; the keys of one kind stand below its type. */
function kindRows(kinds: readonly Schema[], path: string): readonly (readonly string[])[] {
  const has = (kind: Schema, name: string) => kind.properties?.[name] !== undefined;
  const names = Object.keys(kinds[0]?.properties ?? {});
  const shared = names.filter((name) => name !== "type" && kinds.every((kind) => has(kind, name)));
  const part = (kind: Schema, take: (name: string) => boolean): Schema => ({
    properties: Object.fromEntries(
      Object.entries(kind.properties ?? {}).filter(([name]) => take(name)),
    ),
    required: kind.required ?? [],
  });
  const types = kinds.map((kind) => code(JSON.stringify(kind.properties?.["type"]?.const)));
  return [
    [code(`${path}.type`), types.join(", "), "required", "which kind it is"],
    ...rowsOf(
      part(kinds[0] ?? {}, (name) => shared.includes(name)),
      path,
    ),
    ...kinds.flatMap((kind) =>
      rowsOf(
        part(kind, (name) => name !== "type" && !shared.includes(name)),
        `${path}(${String(kind.properties?.["type"]?.const)})`,
      ),
    ),
  ];
}

/** An object as default is the sum of its keys' defaults: these stand in their own rows. */
function defaultText(value: unknown): string {
  const plain = typeof value !== "object" || value === null || Array.isArray(value);
  return plain ? code(JSON.stringify(value)) : "";
}

function kindOf(schema: Schema): string {
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum !== undefined)
    return schema.enum.map((one) => code(JSON.stringify(one))).join(", ");
  if (schema.anyOf !== undefined) {
    return [...new Set(schema.anyOf.map(kindOf))].join(" or ");
  }
  if (schema.type === "array") return `list of ${kindOf(schema.items ?? {})}`;
  if (schema.type === "object") return "mapping";
  const { minimum, maximum } = schema;
  const bounded = minimum !== undefined && maximum !== undefined && Number.isSafeInteger(maximum);
  const range = bounded && maximum < 2 ** 40 ? ` ${minimum}..${maximum}` : "";
  return `${schema.type ?? "anything"}${range}`;
}
