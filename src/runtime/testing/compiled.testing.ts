import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const SOURCE = fileURLToPath(new URL("../../", import.meta.url));
const ROOT = join(SOURCE, "..");

/**
 * Child processes of a test run the sources of this moment, not an older build: each file is
 * translated on its own (no type check) into a folder from which the packages can be found.
 * Returns the URL of one module.
 */
export function compiled(module: string): URL {
  const out = join(ROOT, "node_modules", ".cache", "chaperone-tests", String(process.pid));
  for (const file of ROOMS.flatMap((room) => sources(join(SOURCE, room)))) {
    const target = join(out, relative(SOURCE, file).replace(/\.ts$/, ".js"));
    const newest = statSync(target, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (newest >= statSync(file).mtimeMs) continue;
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, ts.transpileModule(readFileSync(file, "utf8"), OPTIONS).outputText);
  }
  process.once("exit", () => rmSync(out, { recursive: true, force: true }));
  writeFileSync(join(out, "package.json"), '{"type":"module"}');
  return new URL(`file://${join(out, module)}`);
}

/** All that the child processes of these tests load; of other rooms they know only types. */
const ROOMS = ["kernel", "events", "runtime", "sinks"];

const OPTIONS = {
  compilerOptions: {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
  },
};

function sources(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => join(dir, file));
}
