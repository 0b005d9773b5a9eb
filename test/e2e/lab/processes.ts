import { readdirSync, readFileSync } from "node:fs";

/** Process ids of the children of a process, as the kernel knows them. */
export function childrenOf(pid: number): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => parentOf(candidate) === pid);
}

/** Resident memory of a process and its children, in bytes. */
export function residentBytes(pid: number): number {
  return [pid, ...childrenOf(pid)].reduce((sum, one) => sum + residentBytesOf(one), 0);
}

export function isAlive(pid: number): boolean {
  const stat = statOf(pid);
  // A zombie is dead; its parent has not noticed yet.
  return stat !== undefined && stat.state !== "Z";
}

function parentOf(pid: number): number | undefined {
  return statOf(pid)?.parent;
}

function residentBytesOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

function statOf(pid: number): { readonly state: string; readonly parent: number } | undefined {
  // The name stands in brackets and may hold anything: fields are counted from behind it.
  const fields = read(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ");
  if (fields === undefined || fields.length < 2) return undefined;
  return { state: fields[0] ?? "", parent: Number(fields[1]) };
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
