import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { invariant } from "../../../kernel/index.js";
import { SOURCE_PATCHES } from "./patches.js";

/** The parts of Node's CommonJS loader that @types/node leaves out. */
interface CommonJsModule {
  _compile(source: string, file: string): void;
}
type Extension = (module: CommonJsModule, file: string) => void;

const require = createRequire(import.meta.url);

/**
 * Loads a copy of ssh2 of our own, with SOURCE_PATCHES applied. Whoever else loads ssh2 in this
 * process gets the library as it is. Throws when a patch no longer fits: that is a bug of ours, found
 * by the first test after an upgrade.
 */
export function loadPatched(): (file: string) => unknown {
  const root = path.dirname(require.resolve("ssh2/package.json"));
  const ours = new Map<string, unknown>();
  const before = takeFromCache(root);
  const loader = require("node:module") as { _extensions: Record<string, Extension> }; // untyped API
  const original = loader._extensions[".js"];
  invariant(original !== undefined, "Node loads CommonJS modules by extension");
  loader._extensions[".js"] = (module, file) => {
    if (file.startsWith(root + path.sep)) module._compile(patchedSource(root, file), file);
    else original(module, file);
  };
  try {
    ours.set("index", require(path.join(root, "lib/index.js")));
    for (const file of [
      "protocol/kex",
      "protocol/utils",
      "protocol/crypto",
      "protocol/keyParser",
    ]) {
      const full = path.join(root, "lib", `${file}.js`);
      ours.set(file, require(full));
      ours.set(`${file}:module`, require.cache[full]);
    }
  } finally {
    loader._extensions[".js"] = original;
    takeFromCache(root);
    for (const [file, module] of before) require.cache[file] = module;
  }
  return (file) => {
    invariant(ours.has(file), `the door holds no ssh2 file named ${file}`);
    return ours.get(file);
  };
}

/** Native addons stay: they can be loaded once per process only. */
function takeFromCache(root: string): Map<string, NodeJS.Module> {
  const taken = new Map<string, NodeJS.Module>();
  for (const [file, module] of Object.entries(require.cache)) {
    if (module === undefined || !file.startsWith(root + path.sep) || !file.endsWith(".js"))
      continue;
    taken.set(file, module);
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- the cache is an object by design
    delete require.cache[file];
  }
  return taken;
}

function patchedSource(root: string, file: string): string {
  const relative = path.relative(root, file).split(path.sep).join("/");
  let source = readFileSync(file, "utf8");
  for (const patch of SOURCE_PATCHES) {
    if (patch.file !== relative) continue;
    const parts = source.split(patch.find);
    invariant(parts.length === 2, `ssh2 changed: the patch "${patch.name}" fits ${relative} once`);
    source = parts.join(patch.put);
  }
  return source;
}
