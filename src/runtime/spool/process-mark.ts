import { readFileSync } from "node:fs";

/**
 * Names a process for longer than its pid lives: pid and start time. A pid alone comes back, soon in
 * a container where the sidecar is always pid 1.
 */
export interface ProcessMark {
  readonly pid: number;
  /** Start time in clock ticks since boot (proc(5), stat field 22); empty where there is no /proc. */
  readonly born: string;
}

export function markOfThisProcess(): ProcessMark {
  return { pid: process.pid, born: startTicks(process.pid) ?? "" };
}

/** A zombie counts as dead: it writes nothing any more. */
export function isAlive(mark: ProcessMark): boolean {
  const born = startTicks(mark.pid);
  if (born !== undefined) return mark.born === "" || born === mark.born;
  return mark.born === "" && answersToSignals(mark.pid);
}

/** Undefined when there is no such process (or no /proc), or when it is a zombie. */
function startTicks(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  // The second field is the program's name in parentheses and may hold anything, also ") ".
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}

function answersToSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
