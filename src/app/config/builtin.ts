import { fileURLToPath } from "node:url";
import { join } from "node:path";

/** Folder of the installed package: dist/app/config/ and src/app/config/ are three below it. */
export const PACKAGE_FOLDER = fileURLToPath(new URL("../../../", import.meta.url));

/** File of the rule pack `builtin:<name>`; it need not exist. */
export function builtinRuleFile(name: string): string {
  return join(PACKAGE_FOLDER, "config", "rules", `${name}.yaml`);
}

export const DEFAULT_CONFIG_FILE = join(PACKAGE_FOLDER, "config", "chaperone.yaml");
