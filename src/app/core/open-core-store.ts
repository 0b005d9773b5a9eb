import { readFileSync } from "node:fs";
import {
  createStore,
  openPostgres,
  openSqlite,
  openStore,
  type Database,
  type Store,
} from "../../core/index.js";
import { describeError, err, fault, type Fault, ok, type Result } from "../../kernel/index.js";
import { resolveSecret, type CoreStoreConfig, type Environment } from "../config/index.js";

/** The store for the one core that writes it; brought to this version. */
export async function openCoreStore(
  config: CoreStoreConfig,
  env: Environment,
): Promise<Result<Store, Fault>> {
  const database = await openDatabase(config, env, false);
  if (!database.ok) return database;
  const store = await createStore(database.value, whereOf(config));
  if (!store.ok) await database.value.close();
  return store;
}

/** The store beside the core that writes it. */
export async function readCoreStore(
  config: CoreStoreConfig,
  env: Environment,
): Promise<Result<Store, Fault>> {
  const database = await openDatabase(config, env, true);
  return database.ok ? ok(openStore(database.value, whereOf(config))) : database;
}

function whereOf(config: CoreStoreConfig): string {
  return config.type === "sqlite" ? config.path : config.url;
}

async function openDatabase(
  config: CoreStoreConfig,
  env: Environment,
  reading: boolean,
): Promise<Result<Database, Fault>> {
  if (config.type === "sqlite") return openSqlite(config.path, reading);
  const { url, password, ca } = config;
  const shown = password === undefined ? ok(undefined) : resolveSecret(password, env);
  if (!shown.ok) return shown;
  const text = shown.value?.reveal((bytes) => Buffer.from(bytes).toString("utf8"));
  shown.value?.wipe();
  try {
    return await openPostgres({
      url,
      reading,
      ...(text === undefined ? {} : { password: () => text }),
      ...(ca === undefined ? {} : { ssl: { ca: readFileSync(ca, "utf8") } }),
    });
  } catch (error) {
    return err(fault("CHP_CORE_STORE", describeError(error)));
  }
}
