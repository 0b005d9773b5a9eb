import { ACCOUNT_ROWS } from "./account-rows.js";
import { PROCESS_ROWS } from "./process-rows.js";
import { REMOTE_ROWS } from "./remote-rows.js";
import type { WrapperRow } from "./row.js";

/** Interpreters of shell text: `-c TEXT`, a script operand, or their standard input. */
export const SHELLS: ReadonlySet<string> = new Set([
  "sh",
  "bash",
  "dash",
  "zsh",
  "ksh",
  "mksh",
  "ksh93",
  "ash",
  "rbash",
  "rzsh",
  "yash",
  "posh",
  "csh",
  "tcsh",
  "fish",
  "hush",
  "elvish",
  "xonsh",
  "pdksh",
  "oksh",
  "lksh",
  "rksh",
  "pfsh",
  "pfbash",
  "pfksh",
  "sash",
  "osh",
  "ysh",
  "rc",
  "nu",
  "ion",
  "murex",
  "bosh",
  "gwsh",
  "mrsh",
  "nsh",
  "static-sh",
  "pagsh",
]);

const BY_NAME = new Map<string, readonly WrapperRow[]>();
for (const row of [...ACCOUNT_ROWS, ...PROCESS_ROWS, ...REMOTE_ROWS]) {
  for (const name of row.names) BY_NAME.set(name, [...(BY_NAME.get(name) ?? []), row]);
}

/** `ld-linux-x86-64.so.2`, `ld-2.31.so`, `ld-musl-x86_64.so.1`: the dynamic loader, whatever its name. */
const LOADER = /^ld[-.].*\.so(?:\.\d+)*$|^ld\.so(?:\.\d+)*$/;

export function rowsOf(name: string): readonly WrapperRow[] | undefined {
  const rows = BY_NAME.get(name);
  if (rows !== undefined || !name.startsWith("ld")) return rows;
  return LOADER.test(name) ? BY_NAME.get("ld.so") : undefined;
}
