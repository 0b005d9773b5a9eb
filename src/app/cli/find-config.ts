import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { DEFAULT_CONFIG_FILE, loadConfig, type Config } from "../config/index.js";
import type { Fault, Result } from "../../kernel/index.js";
import { textOf, type CommandCall } from "./command.js";

const PLACES = ["chaperone.yaml", "config/chaperone.yaml", "/etc/chaperone/chaperone.yaml"];

/** The file of `--config`, or the first of the usual places. */
export function configFile(call: CommandCall): string {
  const given = textOf(call, "config");
  if (given !== undefined) return resolve(given);
  return PLACES.map((place) => resolve(place)).find(existsSync) ?? DEFAULT_CONFIG_FILE;
}

export function loadCalledConfig(call: CommandCall): Result<Config, readonly Fault[]> {
  return loadConfig({ file: configFile(call) });
}
