export type { Cell, Database, Row, TableWrite } from "./database.js";
export { rowsOf } from "./database.js";
export { migrate } from "./migrations.js";
export { openPostgres, type PostgresOptions } from "./postgres.js";
export { openSqlite } from "./sqlite.js";
export { findSqlite } from "./sqlite-driver.js";
export { createStore, openStore, type Store } from "./store.js";
export * from "./tables.js";
