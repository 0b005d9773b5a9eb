import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { describeError, err, fault, type Fault, ok, type Result } from "../../kernel/index.js";
import type { Config } from "./config.js";
import { contradictions } from "./contradictions.js";
import { thisHost, type HostFacts } from "./host.js";
import { noticesOf } from "./notices.js";
import { resolveConfig } from "./resolve.js";
import { schemaFaults } from "./schema-faults.js";
import { configSchema } from "./schema.js";
import { parseYamlDocument, type KeyPath } from "./yaml-document.js";

export interface LoadOptions {
  readonly file: string;
  readonly host?: HostFacts;
}

/**
 * Reads and checks the configuration file. Relative paths in it are taken from the folder of the
 * file. All faults are told at once, each with file:line:column. No secret is looked up here.
 */
export function loadConfig(options: LoadOptions): Result<Config, readonly Fault[]> {
  const file = resolve(options.file);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const why = describeError(error);
    return err([fault("CHP_CONFIG_UNREADABLE", `${file}: ${why}`)]);
  }
  return parseConfig({ text, file, host: options.host ?? thisHost() });
}

/** The same for a text that is already in memory. `file` gives names to places and paths. */
export function parseConfig(source: {
  readonly text: string;
  readonly file: string;
  readonly host: HostFacts;
}): Result<Config, readonly Fault[]> {
  const document = parseYamlDocument(source.text, source.file);
  if (!document.ok) return document;
  const read = configSchema.safeParse(document.value.data);
  if (!read.success) return err(schemaFaults(read.error, configSchema, document.value));
  const faults: Fault[] = [];
  const resolved = resolveConfig(read.data, source.file, {
    document: document.value,
    host: source.host,
    folder: dirname(source.file),
    complain: (path, message) => {
      const where = pathText(path);
      faults.push(fault("CHP_CONFIG_SHAPE", `${where}: ${message}`, document.value.placeOf(path)));
    },
  });
  faults.push(
    ...contradictions({
      entry: read.data,
      config: resolved,
      document: document.value,
      host: source.host,
    }),
  );
  if (faults.length > 0) return err(inFileOrder(faults));
  return ok(
    deepFreeze({
      ...resolved,
      notices: noticesOf(read.data, document.value, resolved.events.sinks),
    }),
  );
}

function pathText(path: KeyPath): string {
  return `\`${path
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`))
    .join("")
    .replace(/^\./, "")}\``;
}

function inFileOrder(faults: readonly Fault[]): readonly Fault[] {
  const rank = (one: Fault) => (one.at?.line ?? 0) * 100_000 + (one.at?.column ?? 0);
  return [...faults].sort((a, b) => rank(a) - rank(b));
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
