import type pg from "pg";
import { err, ok, type Fault, type Result } from "../../kernel/index.js";
import type { Cell, Database, Row, Statement, TableWrite } from "./database.js";
import { storeFault, TakenError } from "./store-fault.js";
import { onConflict, type ColumnKind, type Table } from "./table.js";

export interface PostgresOptions {
  /** `postgres://user@host/database`, without a password, or a path of a socket as the host. */
  readonly url: string;
  readonly password?: () => string;
  readonly ssl?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** Reports only read, and do not need to be the only ones. */
  readonly reading?: boolean;
}

/** Rows of one statement: their arrays stay below a few MB. */
const ROWS_MAX = 2_000;
const CONNECT_MS = 10_000;
/** The server notices after half a minute that nobody is there any more. */
const KEEPALIVES =
  "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 4";
/** Names the lock of the core within its database ("chaperone core" as ASCII would not fit). */
const CORE_LOCK = 0x43_48_43;
/** 64-bit integers and numerics come as text; what we keep fits a double. */
const INT8 = 20;
const NUMERIC = 1_700;
const ARRAYS: Readonly<Record<ColumnKind, string>> = {
  text: "text[]",
  "text?": "text[]",
  integer: "bigint[]",
  "integer?": "bigint[]",
  real: "double precision[]",
  "real?": "double precision[]",
};

/**
 * One connection: the core writes in one order. The connection is made anew after a break. With it goes
 * the lock of the store, so another core may have worked in between: its term tells, and then this
 * database answers nothing any more but that it is taken.
 */
export async function openPostgres(options: PostgresOptions): Promise<Result<Database, Fault>> {
  const where = withoutPassword(options.url);
  // Loaded here: who keeps facts in a file does not need it.
  const { default: library } = await import("pg");
  const database = new PostgresDatabase(options, library);
  try {
    await database.connect();
    return ok(database);
  } catch (error) {
    await database.close().catch(() => undefined);
    return err(storeFault(where, error));
  }
}

class PostgresDatabase implements Database {
  readonly kind = "postgres";
  readonly #options: PostgresOptions;
  readonly #library: typeof pg;
  #client: pg.Client | null = null;
  #closed = false;
  /** The number under which this core took the store; null before. */
  #term: number | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: PostgresOptions, library: typeof pg) {
    this.#options = options;
    this.#library = library;
  }

  async connect(): Promise<pg.Client> {
    if (this.#closed) throw new Error("the store is closed");
    if (this.#client !== null) return this.#client;
    const { url, password, ssl, reading } = this.#options;
    const client = new this.#library.Client({
      connectionString: url,
      ...(password === undefined ? {} : { password }),
      ...(ssl === undefined ? {} : { ssl: { ...ssl, rejectUnauthorized: true } }),
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
      application_name: "chaperone-core",
      types: numbers(this.#library),
    });
    // Without a listener a lost connection would be an uncaught error; the next query meets it.
    client.on("error", () => this.#forget(client));
    await client.connect();
    if (reading === true) await client.query("SET default_transaction_read_only = on");
    else await this.#take(client);
    this.#client = client;
    return client;
  }

  /** The lock is held as long as the connection lives, and by one core at a time. */
  async #take(client: pg.Client): Promise<void> {
    try {
      // A core whose machine is gone must not keep the others waiting for hours.
      await client.query(KEEPALIVES);
      const taken = await client.query<{ taken: boolean }>(
        `SELECT pg_try_advisory_lock(${CORE_LOCK}) AS taken`,
      );
      if (taken.rows[0]?.taken !== true) throw new TakenError();
      await client.query("CREATE TABLE IF NOT EXISTS core_term (term BIGINT NOT NULL)");
      const found = await client.query<{ term: number }>(
        "SELECT COALESCE(MAX(term), 0) AS term FROM core_term",
      );
      const last = found.rows[0]?.term ?? 0;
      if (this.#term !== null && this.#term !== last) throw new TakenError();
      if (this.#term !== null) return;
      await client.query("DELETE FROM core_term");
      await client.query("INSERT INTO core_term (term) VALUES ($1)", [last + 1]);
      this.#term = last + 1;
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  async run(sql: string, parameters: readonly Cell[] = []): Promise<number> {
    const done = await this.#query(sql, parameters);
    return done.rowCount ?? 0;
  }

  async all(sql: string, parameters: readonly Cell[] = []): Promise<readonly Row[]> {
    return (await this.#query(sql, parameters)).rows;
  }

  async script(statements: readonly Statement[]): Promise<void> {
    await this.#transaction(async (client) => {
      for (const { sql, parameters = [] } of statements) {
        await client.query(numbered(sql), [...parameters]);
      }
    });
  }

  async write(writes: readonly TableWrite[]): Promise<void> {
    await this.#transaction(async (client) => {
      for (const { table, rows } of writes) {
        for (let from = 0; from < rows.length; from += ROWS_MAX) {
          await insert(client, table, rows.slice(from, from + ROWS_MAX));
        }
      }
    });
  }

  /** Deleted rows stay in the pages of a table until it is written anew. */
  async scrub(tables: readonly Pick<Table, "name">[]): Promise<void> {
    for (const { name } of tables) await this.run(`VACUUM (FULL, ANALYZE) ${name}`);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const client = this.#client;
    this.#client = null;
    await client?.end();
  }

  /** On one connection: when it is lost in the middle, nothing of it has happened. */
  #transaction(work: (client: pg.Client) => Promise<void>): Promise<void> {
    return this.#inTurn(async (client) => {
      await client.query("BEGIN");
      try {
        await work(client);
        await client.query("COMMIT");
      } catch (error) {
        await client.query("ROLLBACK").catch(() => undefined);
        throw error;
      }
    });
  }

  /** One at a time: what is read meanwhile is not read from the middle of a transaction. */
  #inTurn<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const done = this.#turn.then(async () => await work(await this.connect()));
    this.#turn = done.catch(() => undefined);
    return done;
  }

  #query(sql: string, parameters: readonly Cell[]): Promise<pg.QueryResult<Row>> {
    return this.#inTurn((client) => client.query<Row>(numbered(sql), [...parameters]));
  }

  #forget(client: pg.Client): void {
    if (this.#client === client) this.#client = null;
  }
}

/** Columns as arrays: one statement, whatever the number of rows, and no limit of parameters. */
async function insert(client: pg.Client, table: Table, rows: readonly Row[]): Promise<void> {
  const columns = Object.entries(table.columns);
  const names = columns.map(([name]) => name).join(", ");
  const arrays = columns.map(([, kind], index) => `$${index + 1}::${ARRAYS[kind]}`).join(", ");
  await client.query({
    name: `insert-${table.name}`,
    text: `INSERT INTO ${table.name} (${names}) SELECT * FROM unnest(${arrays}) ${onConflict(table)}`,
    values: columns.map(([name]) => rows.map((row) => row[name] ?? null)),
  });
}

/** `?` outside quotes becomes `$1`, `$2`, ... */
function numbered(sql: string): string {
  let count = 0;
  return sql.replace(/'[^']*'|\?/g, (found) => (found === "?" ? `$${(count += 1)}` : found));
}

/** On the client only: other users of the library keep theirs. */
function numbers(library: typeof pg): pg.CustomTypesConfig {
  const types = new library.TypeOverrides();
  types.setTypeParser(INT8, Number);
  types.setTypeParser(NUMERIC, Number);
  return types;
}

function withoutPassword(url: string): string {
  return url.replace(/:[^:@/]*@/, "@");
}
