import type { Fault, Result } from "../../kernel/index.js";
import { rowsOf, type Cell, type Database, type Row, type TableWrite } from "./database.js";
import { migrate } from "./migrations.js";
import { tried } from "./store-fault.js";
import type { Table } from "./table.js";
import {
  FIRST_TABLES,
  HITS,
  PASSWORD_CHANGES,
  PEOPLE,
  PROFILES,
  RATINGS,
  REAUTHS,
  REPORT_RUNS,
  SESSIONS,
  VIEWS,
  type PersonRow,
  type ProfileRow,
  type ReauthRow,
  type SessionRow,
  type ViewRow,
} from "./tables.js";

/** What the core asks of its memory on disk. Every answer is the same on both databases. */
export interface Store {
  readonly kind: Database["kind"];
  /** All of it or nothing. */
  commit(writes: readonly TableWrite[]): Promise<Result<void, Fault>>;
  /** Sessions of these ids, for events of sessions that are not in memory. */
  sessions(ids: readonly string[]): Promise<Result<readonly SessionRow[], Fault>>;
  /** Which of these ids are there already, of events that no session numbers. */
  told(ids: readonly string[]): Promise<Result<ReadonlySet<string>, Fault>>;
  people(): Promise<Result<readonly PersonRow[], Fault>>;
  openSessions(since: number): Promise<Result<readonly SessionRow[], Fault>>;
  wanted(since: number): Promise<Result<readonly ReauthRow[], Fault>>;
  /** Null: nothing was ever kept under this name. */
  profile(name: string): Promise<Result<ProfileRow | null, Fault>>;
  /** Names of who was erased since (ms), the newest first. */
  erasedProfiles(since: number, most: number): Promise<Result<readonly ProfileRow[], Fault>>;
  /** When the scheduled report was made last (ms); null: never. */
  reportRan(name: string): Promise<Result<number | null, Fault>>;
  noteReport(name: string, ran: number): Promise<Result<void, Fault>>;
  /** Ended sessions from `since` (ms) on, oldest first, a page at a time. */
  history(since: number): AsyncIterable<Result<readonly SessionRow[], Fault>>;
  viewHistory(since: number): AsyncIterable<Result<readonly ViewRow[], Fault>>;
  /** Deletes what is older than `before` (ms), at most a bounded piece; true when more is left. */
  expire(before: number): Promise<Result<boolean, Fault>>;
  /** Deletes everything about a person, to the last byte; how many rows went. `now`: ms. */
  erase(person: string, now: number): Promise<Result<number, Fault>>;
  query(sql: string, parameters: readonly Cell[]): Promise<Result<readonly Row[], Fault>>;
  close(): Promise<void>;
}

/** Rows read at a time while the memory is filled. */
const PAGE = 5_000;
/** Rows deleted in one go, so that nothing waits long behind it. */
const EXPIRE_ROWS = 5_000;
const IDS_MAX = 500;

interface Dated {
  readonly table: Pick<Table, "name" | "columns">;
  readonly at: string;
}

/** What has an age, and by which column. */
const EXPIRING: readonly Dated[] = [
  { table: SESSIONS, at: "started" },
  { table: VIEWS, at: "viewed" },
  { table: HITS, at: "happened" },
  { table: PASSWORD_CHANGES, at: "changed" },
  { table: RATINGS, at: "changed" },
  { table: REAUTHS, at: "asked" },
  { table: PEOPLE, at: "last_seen" },
  { table: PROFILES, at: "changed" },
];
const PERSONAL = [SESSIONS, VIEWS, HITS, PASSWORD_CHANGES, RATINGS, REAUTHS].map(
  ({ name }) => [name, "person"] as const,
);

/** Brings the database to this version; `where` names it in faults. */
export async function createStore(
  database: Database,
  where: string,
): Promise<Result<Store, Fault>> {
  const migrated = await tried(where, () => migrate(database));
  if (!migrated.ok) return migrated;
  if (!migrated.value.ok) return migrated.value;
  return { ok: true, value: openStore(database, where) };
}

/** A store that somebody else keeps, for reading. */
export function openStore(database: Database, where: string): Store {
  // Rows come back as their table says.
  const rows = <T>(sql: string, parameters: readonly Cell[] = []) =>
    tried(where, () => database.all(sql, parameters) as unknown as Promise<readonly T[]>);

  async function* paged<T extends Row>(
    sql: string,
    since: number,
    key: (row: T) => readonly [number, string],
  ): AsyncGenerator<Result<readonly T[], Fault>> {
    let [at, id] = [since, ""] as readonly [number, string];
    for (;;) {
      const page = await rows<T>(sql, [at, at, id]);
      yield page;
      const last = page.ok ? page.value.at(-1) : undefined;
      if (last === undefined) return;
      [at, id] = key(last);
    }
  }

  return {
    kind: database.kind,
    commit: (writes) => tried(where, () => database.write(writes)),
    async sessions(ids) {
      return await inPieces(ids, (piece) =>
        rows<SessionRow>(`SELECT * FROM session WHERE id IN (${marks(piece)})`, piece),
      );
    },
    async told(ids) {
      const found = await inPieces(ids, (piece) =>
        rows<{ id: string }>(
          `SELECT id FROM credential_view WHERE id IN (${marks(piece)})
           UNION ALL SELECT id FROM password_change WHERE id IN (${marks(piece)})`,
          [...piece, ...piece],
        ),
      );
      return found.ok ? { ok: true, value: new Set(found.value.map(({ id }) => id)) } : found;
    },
    people: () => rows<PersonRow>("SELECT * FROM person"),
    openSessions: (since) =>
      rows<SessionRow>("SELECT * FROM session WHERE ended IS NULL AND started >= ?", [since]),
    wanted: (since) =>
      rows<ReauthRow>("SELECT * FROM reauth WHERE outcome = 'wanted' AND asked >= ?", [since]),
    async profile(name) {
      const found = await rows<ProfileRow>("SELECT * FROM profile WHERE name = ?", [name]);
      return found.ok ? { ok: true, value: found.value[0] ?? null } : found;
    },
    async reportRan(name) {
      const found = await rows<{ ran: number }>("SELECT ran FROM report_run WHERE name = ?", [
        name,
      ]);
      return found.ok ? { ok: true, value: found.value[0]?.ran ?? null } : found;
    },
    noteReport: (name, ran) =>
      tried(where, () => database.write([rowsOf(REPORT_RUNS, [{ name, ran }])])),
    erasedProfiles: (since, most) =>
      rows<ProfileRow>(
        `SELECT * FROM profile WHERE sealed IS NULL AND changed >= ? ORDER BY changed DESC LIMIT ?`,
        [since, most],
      ),
    history: (since) =>
      paged<SessionRow>(
        `SELECT * FROM session WHERE ended IS NOT NULL AND (started > ? OR (started = ? AND id > ?))
           ORDER BY started, id LIMIT ${PAGE}`,
        since,
        ({ started, id }) => [started, id],
      ),
    viewHistory: (since) =>
      paged<ViewRow>(
        `SELECT * FROM credential_view WHERE (viewed > ? OR (viewed = ? AND id > ?))
           ORDER BY viewed, id LIMIT ${PAGE}`,
        since,
        ({ viewed, id }) => [viewed, id],
      ),
    expire: (before) =>
      tried(where, async () => {
        let most = 0;
        for (const { table, at } of EXPIRING) {
          const [key] = Object.keys(table.columns);
          const old = `SELECT ${key} FROM ${table.name} WHERE ${at} < ? LIMIT ${EXPIRE_ROWS}`;
          const sql = `DELETE FROM ${table.name} WHERE ${key} IN (${old})`;
          const gone = await database.run(sql, [before]);
          most = Math.max(most, gone);
        }
        return most >= EXPIRE_ROWS;
      }),
    erase: (person, now) =>
      tried(where, async () => {
        let gone = 0;
        for (const [table, column] of [...PERSONAL, [PEOPLE.name, "name"] as const]) {
          gone += await database.run(`DELETE FROM ${table} WHERE ${column} = ?`, [person]);
        }
        gone += await database.run(
          `UPDATE profile SET person = '', sealed = NULL, revision = revision + 1, changed = ?
           WHERE person = ?`,
          [now, person],
        );
        await database.scrub([...FIRST_TABLES, PROFILES]);
        return gone;
      }),
    query: (sql, parameters) => rows<Row>(sql, parameters),
    async close() {
      await tried(where, () => database.close());
    },
  };
}

const marks = (values: readonly unknown[]): string => values.map(() => "?").join(", ");

async function inPieces<T>(
  ids: readonly string[],
  read: (piece: readonly string[]) => Promise<Result<readonly T[], Fault>>,
): Promise<Result<readonly T[], Fault>> {
  const found: T[] = [];
  for (let from = 0; from < ids.length; from += IDS_MAX) {
    const piece = await read(ids.slice(from, from + IDS_MAX));
    if (!piece.ok) return piece;
    found.push(...piece.value);
  }
  return { ok: true, value: found };
}
