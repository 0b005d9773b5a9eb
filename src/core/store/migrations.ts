import { err, fault, ok, type Fault, type Result } from "../../kernel/index.js";
import type { Database } from "./database.js";
import { createTable } from "./table.js";
import { FIRST_TABLES, PROFILES, REPORT_RUNS } from "./tables.js";

/**
 * Every step that a store takes from an empty one to this version, in order. A step that was released is
 * never changed: what is different later is a further step.
 */
const STEPS: readonly (readonly string[])[] = [
  [
    ...FIRST_TABLES.map(createTable),
    "CREATE INDEX session_started ON session (started)",
    // Has everything that the ranking of credentials asks for: a year of sessions is not read for it.
    "CREATE INDEX session_use ON session (target, account, protocol, started, person, privileged, odd_count)",
    "CREATE INDEX session_person ON session (person, started)",
    "CREATE INDEX session_odd ON session (started) WHERE odd > 0",
    "CREATE INDEX session_occurrences ON session (started) WHERE occurrences > 0",
    "CREATE INDEX session_open ON session (started) WHERE ended IS NULL",
    "CREATE INDEX view_viewed ON credential_view (viewed)",
    "CREATE INDEX view_use ON credential_view (target, account, viewed, person, risk, odd_count, kind, info, privileged)",
    "CREATE INDEX view_person ON credential_view (person, viewed)",
    "CREATE INDEX hit_happened ON rule_hit (happened)",
    "CREATE INDEX hit_session ON rule_hit (session)",
    "CREATE INDEX hit_person ON rule_hit (person)",
    "CREATE INDEX change_changed ON password_change (changed)",
    "CREATE INDEX rating_person ON rating_change (person, changed)",
    "CREATE INDEX rating_changed ON rating_change (changed)",
    "CREATE INDEX reauth_asked ON reauth (asked)",
    "CREATE INDEX reauth_wanted ON reauth (person) WHERE outcome = 'wanted'",
  ],
  [
    createTable(PROFILES),
    "CREATE INDEX profile_person ON profile (person)",
    createTable(REPORT_RUNS),
  ],
];

const VERSION_TABLE = "CREATE TABLE IF NOT EXISTS core_version (version BIGINT NOT NULL)";

/** Brings the store to this version. A store of a newer version is left as it is. */
export async function migrate(database: Database): Promise<Result<void, Fault>> {
  await database.run(VERSION_TABLE);
  const [row] = await database.all("SELECT MAX(version) AS version FROM core_version");
  const found = Number(row?.["version"] ?? 0);
  if (found > STEPS.length) {
    const said = `the store is of version ${found}, this core knows ${STEPS.length}`;
    return err(fault("CHP_CORE_STORE_NEWER", said));
  }
  for (let version = found; version < STEPS.length; version += 1) {
    const statements = (STEPS[version] ?? []).map((sql) => ({ sql }));
    const remember = "INSERT INTO core_version (version) VALUES (?)";
    await database.script([...statements, { sql: remember, parameters: [version + 1] }]);
  }
  return ok(undefined);
}
