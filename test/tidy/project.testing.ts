import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Every file of the project: what git tracks and what it would track. Paths are relative to the root.
 * Files that were deleted but not yet committed are left out.
 */
export function projectFiles(): readonly string[] {
  const list = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  return [...new Set(list.split("\0"))].filter((path) => path !== "" && readable(path)).sort();
}

export function readProject(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

export const isSource = (path: string): boolean =>
  path.startsWith("src/") && path.endsWith(".ts") && !/\.(test|testing)\.ts$/.test(path);

export const isTest = (path: string): boolean => path.endsWith(".test.ts");

function readable(path: string): boolean {
  try {
    readFileSync(join(ROOT, path));
    return true;
  } catch {
    return false;
  }
}
