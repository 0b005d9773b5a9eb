import { readFileSync } from "node:fs";
import { userInfo } from "node:os";

/** The local account that an embedded target runs as. */
export interface LocalAccount {
  readonly name: string;
  readonly home: string;
}

/**
 * The account of `uid` in /etc/passwd (or our own when absent). An id without an entry is legal in
 * containers: it gets its number as name and / as home.
 */
export function localAccount(uid: number | undefined): LocalAccount {
  if (uid === undefined || uid === process.getuid?.()) {
    const own = ownAccount();
    if (own !== null) return own;
  }
  const number = String(uid ?? process.getuid?.() ?? 0);
  for (const line of passwdLines()) {
    const fields = line.split(":");
    if (fields[2] !== number) continue;
    const home = fields[5];
    return { name: fields[0] ?? number, home: home === undefined || home === "" ? "/" : home };
  }
  return { name: number, home: "/" };
}

function ownAccount(): LocalAccount | null {
  try {
    const { username, homedir } = userInfo();
    return { name: username, home: homedir };
  } catch {
    return null; // no entry for our own id
  }
}

function passwdLines(): readonly string[] {
  try {
    return readFileSync("/etc/passwd", "utf8").split("\n");
  } catch {
    return [];
  }
}
