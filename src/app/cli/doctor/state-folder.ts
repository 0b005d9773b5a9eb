import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Config } from "../../config/index.js";
import { bad, fine, info, warn, type Finding } from "./finding.js";

const GROUP_AND_OTHERS = 0o077;

/** Rights of stateDir and of the folder of the event file; nothing is made. */
export function examineStateFolder(config: Config): readonly Finding[] {
  const findings = [folder("stateDir", config.stateDir)];
  const events = dirname(config.events.file);
  if (events !== config.stateDir) findings.push(folder("events.file", events));
  const keys = join(config.stateDir, "host-keys");
  findings.push(
    existsSync(keys)
      ? fine("host keys", keys)
      : info("host keys", "not made yet: the first start makes them, then clients learn them"),
  );
  return findings;
}

function folder(subject: string, path: string): Finding {
  if (!existsSync(path)) {
    const parent = nearestExisting(path);
    return isWritable(parent)
      ? fine(subject, `${path} will be made with mode 0700`)
      : bad(
          subject,
          `${path} can not be made: ${parent} is not writable`,
          "change it or its owner",
        );
  }
  if (!statSync(path).isDirectory()) return bad(subject, `${path} is no folder`, "move it away");
  if (!isWritable(path)) return bad(subject, `${path} is not writable`, "change its owner");
  const mode = statSync(path).mode & 0o777;
  return (mode & GROUP_AND_OTHERS) === 0
    ? fine(subject, path)
    : warn(
        subject,
        `${path} has mode ${mode.toString(8).padStart(4, "0")}: others can look into it`,
        `chmod 700 ${path}`,
      );
}

function nearestExisting(path: string): string {
  let here = path;
  while (!existsSync(here) && dirname(here) !== here) here = dirname(here);
  return here;
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
