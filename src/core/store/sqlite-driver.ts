import { createRequire } from "node:module";
import { describeError, err, fault, type Fault, ok, type Result } from "../../kernel/index.js";
import type { Cell } from "./database.js";

/** What the two drivers have in common: both are modelled on better-sqlite3. */
export interface SqliteConnection {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
  close(): unknown;
}

export interface SqliteStatement {
  run(...parameters: Cell[]): { readonly changes: number | bigint };
  all(...parameters: Cell[]): unknown[];
}

type Opener = (path: string) => SqliteConnection;

/** Node's own from 22.13 on; below that libsql, whose platform package needs no compiler. */
const DRIVERS: readonly { readonly name: string; readonly open: () => Opener }[] = [
  {
    name: "node:sqlite",
    open() {
      // Typed by hand: Node 20, whose types we compile against, does not have it.
      const module = load("node:sqlite") as {
        readonly DatabaseSync: new (path: string) => SqliteConnection;
      };
      return (path) => new module.DatabaseSync(path);
    },
  },
  {
    name: "libsql",
    open() {
      const Connection = load("libsql") as new (path: string) => SqliteConnection;
      return (path) => new Connection(path);
    },
  },
];

const load = createRequire(import.meta.url);

/** The first driver that works here, or why none does. */
export function findSqlite(): Result<{ readonly name: string; readonly open: Opener }, Fault> {
  const reasons: string[] = [];
  for (const { name, open } of DRIVERS) {
    try {
      const opener = open();
      // A driver whose binary does not fit loads and fails at the first use.
      opener(":memory:").close();
      return ok({ name, open: opener });
    } catch (error) {
      reasons.push(`${name}: ${describeError(error)}`);
    }
  }
  return err(fault("CHP_CORE_NO_SQLITE", reasons.join("; ")));
}
