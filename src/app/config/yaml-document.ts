import { isCollection, isMap, isNode, isPair, LineCounter, parseDocument } from "yaml";
import {
  describeError,
  err,
  fault,
  type Fault,
  ok,
  type Place,
  type Result,
} from "../../kernel/index.js";

export type KeyPath = readonly (string | number)[];

/** A YAML file as plain data, with the place of every key and value. */
export interface YamlDocument {
  readonly data: unknown;
  /** Place of the value at `path`, or of the nearest thing around it that exists. */
  placeOf(path: KeyPath): Place;
  /** Place of the key itself: for keys that should not be there. */
  placeOfKey(path: KeyPath): Place;
}

/** A configuration written by people is far below this; more would only cost memory. */
const YAML_BYTES_MAX = 4 * 1024 * 1024;

/** Parses strictly: duplicate keys, unknown tags and alias bombs are faults with their place. */
export function parseYamlDocument(
  text: string,
  file: string,
): Result<YamlDocument, readonly Fault[]> {
  const start: Place = { file, line: 1, column: 1 };
  if (text.length > YAML_BYTES_MAX) {
    return err([fault("CHP_CONFIG_YAML", `larger than ${YAML_BYTES_MAX} bytes`, start)]);
  }
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const placeAt = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const problems = [...document.errors, ...document.warnings];
  if (problems.length > 0) {
    return err(problems.map((p) => fault("CHP_CONFIG_YAML", p.message, placeAt(p.pos[0]))));
  }
  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // yaml throws for what only shows on resolving: alias bombs and unresolved aliases.
    const message = describeError(error);
    return err([fault("CHP_CONFIG_YAML", message, start)]);
  }

  function placeOf(path: KeyPath): Place {
    for (let length = path.length; length > 0; length -= 1) {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return placeAt(node.range[0]);
    }
    return start;
  }

  function placeOfKey(path: KeyPath): Place {
    const parent = path.length < 2 ? document.contents : document.getIn(path.slice(0, -1), true);
    if (isCollection(parent) && isMap(parent)) {
      const wanted = String(path.at(-1));
      for (const pair of parent.items) {
        if (!isPair(pair) || !isNode(pair.key) || !pair.key.range) continue;
        if (String(pair.key) === wanted) return placeAt(pair.key.range[0]);
      }
    }
    return placeOf(path);
  }
  return ok({ data, placeOf, placeOfKey });
}
