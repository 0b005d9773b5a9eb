import { chmodSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { err, ok, type Fault, type Result } from "../../kernel/index.js";
import type { Cell, Database, Row, Statement, TableWrite } from "./database.js";
import { findSqlite, type SqliteConnection, type SqliteStatement } from "./sqlite-driver.js";
import { storeFault } from "./store-fault.js";
import { onConflict, type Table } from "./table.js";

/** Statements kept ready; filters of reports make many different ones. */
const STATEMENTS_MAX = 64;
/** Another process that reads may hold the file for a moment. */
const BUSY_MS = 5_000;
/** A store that is gone with its process. */
const MEMORY = ":memory:";

/**
 * Opens the file, made for its owner alone. `reading`: nothing is written through this connection, and
 * another process may write meanwhile (WAL).
 */
export function openSqlite(path: string, reading = false): Result<Database, Fault> {
  const driver = findSqlite();
  if (!driver.ok) return driver;
  try {
    if (!reading && path !== MEMORY) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const connection = driver.value.open(path);
    connection.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    if (reading) {
      connection.exec("PRAGMA query_only = 1");
    } else {
      if (path !== MEMORY) chmodSync(path, 0o600);
      connection.exec("PRAGMA journal_mode = WAL");
      // A power loss may cost the newest batches: the sidecar has not been told that they are safe
      // before the checkpoint that follows them, and tells them again. The file is never damaged.
      connection.exec("PRAGMA synchronous = NORMAL");
      connection.exec("PRAGMA temp_store = MEMORY");
      // What is too old is overwritten, not only unlinked.
      connection.exec("PRAGMA secure_delete = ON");
    }
    connection.exec("PRAGMA cache_size = -65536");
    return ok(new SqliteDatabase(connection));
  } catch (error) {
    return err(storeFault(path, error));
  }
}

class SqliteDatabase implements Database {
  readonly kind = "sqlite";
  readonly #connection: SqliteConnection;
  readonly #statements = new Map<string, SqliteStatement>();

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  run(sql: string, parameters: readonly Cell[] = []): Promise<number> {
    return settled(() => Number(this.#prepared(sql).run(...parameters).changes));
  }

  all(sql: string, parameters: readonly Cell[] = []): Promise<readonly Row[]> {
    // Columns are of the kinds of table.ts: no blobs, and integers that a double holds.
    return settled(() => this.#prepared(sql).all(...parameters) as Row[]);
  }

  script(statements: readonly Statement[]): Promise<void> {
    return this.#transaction(() => {
      for (const { sql, parameters = [] } of statements) {
        this.#connection.prepare(sql).run(...parameters);
      }
    });
  }

  write(writes: readonly TableWrite[]): Promise<void> {
    return this.#transaction(() => {
      for (const { table, rows } of writes) this.#insert(table, rows);
    });
  }

  /**
   * Rows leave copies behind as pages are split and tidied, whatever is overwritten: the file is written
   * anew without them, on the disk and not in memory, and its log is cut.
   */
  async scrub(): Promise<void> {
    await this.run("PRAGMA temp_store = FILE");
    await this.run("VACUUM");
    await this.run("PRAGMA temp_store = MEMORY");
    const [done] = await this.all("PRAGMA wal_checkpoint(TRUNCATE)");
    if (done?.["busy"] === 1) {
      throw new Error("another process reads the store: what was deleted is still in its log");
    }
  }

  close(): Promise<void> {
    return settled(() => {
      this.#statements.clear();
      this.#connection.close();
    });
  }

  #transaction(work: () => void): Promise<void> {
    return settled(() => {
      this.#connection.exec("BEGIN IMMEDIATE");
      try {
        work();
        this.#connection.exec("COMMIT");
      } catch (error) {
        this.#connection.exec("ROLLBACK");
        throw error;
      }
    });
  }

  #insert(table: Table, rows: readonly Row[]): void {
    if (rows.length === 0) return;
    const columns = Object.keys(table.columns);
    const marks = columns.map(() => "?").join(", ");
    const sql = `INSERT INTO ${table.name} (${columns.join(", ")}) VALUES (${marks}) ${onConflict(table)}`;
    const statement = this.#prepared(sql);
    for (const row of rows) statement.run(...columns.map((column) => row[column] ?? null));
  }

  #prepared(sql: string): SqliteStatement {
    const ready = this.#statements.get(sql);
    if (ready !== undefined) return ready;
    const statement = this.#connection.prepare(sql);
    const [oldest] = this.#statements.keys();
    if (this.#statements.size >= STATEMENTS_MAX && oldest !== undefined) {
      this.#statements.delete(oldest);
    }
    this.#statements.set(sql, statement);
    return statement;
  }
}

/** The driver is synchronous; who uses a database waits for it all the same. */
function settled<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => resolve(work()));
}
