import { readFileSync } from "node:fs";
import { availableParallelism, hostname } from "node:os";

/** What the configuration needs to know of the machine; tests give their own. */
export interface HostFacts {
  /** Effective user and group of this process. */
  readonly uid: number;
  readonly gid: number;
  readonly hostname: string;
  readonly processors: number;
  /** Content of /etc/passwd; empty where there is none. */
  readonly passwd: string;
}

export function thisHost(): HostFacts {
  return {
    uid: process.geteuid?.() ?? -1,
    gid: process.getegid?.() ?? -1,
    hostname: hostname(),
    processors: availableParallelism(),
    passwd: readPasswd(),
  };
}

export interface UnixUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

export function usersOf(host: HostFacts): readonly UnixUser[] {
  return host.passwd.split("\n").flatMap((line) => {
    const [name, , uid, gid, , home] = line.split(":");
    if (name === undefined || uid === undefined || gid === undefined || home === undefined) {
      return [];
    }
    return [{ name, uid: Number(uid), gid: Number(gid), home }];
  });
}

/** Name of a user id, or the number itself when the machine does not know it. */
export function userNameOf(host: HostFacts, uid: number): string {
  return usersOf(host).find((user) => user.uid === uid)?.name ?? String(uid);
}

/** `nobody` of this machine; 65534 is its number where there is no entry (Linux, BSD). */
const NOBODY = 65_534;

export function nobodyOf(host: HostFacts): { readonly uid: number; readonly gid: number } {
  const user = usersOf(host).find((one) => one.name === "nobody");
  return user === undefined ? { uid: NOBODY, gid: NOBODY } : { uid: user.uid, gid: user.gid };
}

function readPasswd(): string {
  try {
    return readFileSync("/etc/passwd", "utf8");
  } catch {
    // No such file on this system: users are then told by their number.
    return "";
  }
}
