// npm run bench:core [-- --people N --days N --postgres URL]
// Tells a generated year to the scoring core, on SQLite and, where Debian's PostgreSQL is installed (or a
// URL is given), on PostgreSQL, and measures: the time for the year, each report, what was planted and
// shown, and false alarms. Exit 1 when a bound is broken.
import { execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";

import {
  createStore,
  DEFAULT_SETTINGS,
  openPostgres,
  openScoringCore,
  openSqlite,
  REPORTS,
  runReport,
} from "../../dist/core/index.js";
import { tally } from "./tally.mjs";
import { createYear } from "./year.mjs";

const people = Number(option("--people") ?? 300);
const days = Number(option("--days") ?? 365);
/** What the year has to be handled in, and a report answered in. */
const YEAR_SECONDS_MAX = 300;
const REPORT_MS_MAX = 1_000;
const FALSE_ALARMS_MAX = 1.5;
const SHOWN_MIN = 0.9;
const BATCH = 5_000;
/** `nobody`: PostgreSQL does not run as root. */
const UNPRIVILEGED = 65_534;

const dir = mkdtempSync(join(tmpdir(), "chaperone-bench-core-"));
let broken = 0;
try {
  await measure("SQLite", value(openSqlite(join(dir, "core.db"))));
  const given = option("--postgres");
  const server =
    given === undefined ? await startPostgres() : { url: given, stop: () => undefined };
  if (server === null) console.log("PostgreSQL: not installed, not measured");
  else {
    await measure("PostgreSQL", value(await openPostgres({ url: server.url })));
    await server.stop();
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
}
process.exitCode = broken === 0 ? 0 : 1;

async function measure(name, database) {
  const plantedPerKind = Math.max(3, Math.round((40 * people) / 300));
  const year = createYear({ people, days, plantedPerKind });
  const store = value(await createStore(database, name));
  const log = { info: () => undefined, warn: console.error, error: console.error };
  // The core's clock goes with what it is told: what it does once a minute belongs to that time.
  let now = year.start;
  const core = value(
    await openScoringCore({ store, settings: DEFAULT_SETTINGS, now: () => now, log }),
  );
  const cpu = process.cpuUsage();
  let handling = 0;
  for (const day of year.days()) {
    const begun = performance.now();
    for (let from = 0; from < day.length; from += BATCH) {
      const batch = day.slice(from, from + BATCH);
      now = Date.parse(JSON.parse(batch.at(-1)).time);
      value(await core.push(batch));
    }
    handling += performance.now() - begun;
  }
  const used = process.cpuUsage(cpu);
  const { sessions, events, views } = year.counts;
  const megabytes = Math.round(process.memoryUsage().rss / 2 ** 20);
  console.log(
    `\n${name}: ${people} people, ${days} days, ${sessions} sessions, ${views} views, ${events} events`,
  );
  console.log(
    `  CPU of this process, making the events included: ${((used.user + used.system) / 1e6).toFixed(0)} s; ${megabytes} MB`,
  );
  bound("the year in seconds", handling / 1_000, YEAR_SECONDS_MAX);

  const begun = performance.now();
  const again = await openScoringCore({
    store,
    settings: DEFAULT_SETTINGS,
    now: () => year.end,
    log,
  });
  value(again);
  console.log(
    `  learnt again from the store in ${((performance.now() - begun) / 1_000).toFixed(1)} s`,
  );

  const figures = await tally(async (sql) => value(await store.query(sql, [])), year);
  const configured = DEFAULT_SETTINGS.variationRate / 1_000;
  console.table(figures);
  for (const [kind, { planted, shown, falseAlarmRate }] of Object.entries(figures)) {
    bound(`${kind}: missed share`, 1 - shown / Math.max(1, planted), 1 - SHOWN_MIN);
    bound(`${kind}: false alarms / configured`, falseAlarmRate / configured, FALSE_ALARMS_MAX);
  }
  for (const report of REPORTS) {
    const question = { from: year.start, to: year.end, limit: 1_000 };
    const asked = report.ofPerson ? { ...question, person: year.staff[6].name } : question;
    const took = [];
    for (let round = 0; round < 3; round += 1) {
      const start = performance.now();
      value(await runReport(store, DEFAULT_SETTINGS, report, asked));
      took.push(performance.now() - start);
    }
    bound(`${report.name} (ms, median of 3)`, took.sort((a, b) => a - b)[1], REPORT_MS_MAX);
  }
  await core.close();
}

function bound(what, figure, most) {
  const fine = figure <= most;
  if (!fine) broken += 1;
  console.log(
    `  ${fine ? "ok    " : "BROKEN"} ${what}: ${figure.toFixed(2)} (bound ${most.toFixed(2)})`,
  );
}

/** A server of our own in a folder of our own, reached by a socket only; null where there is none. */
async function startPostgres() {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root) : [];
  const bin = versions
    .map((one) => join(root, one, "bin"))
    .find((one) => existsSync(join(one, "initdb")));
  if (bin === undefined) return null;
  const home = mkdtempSync(join(tmpdir(), "chaperone-bench-pg-"));
  const root0 = process.getuid() === 0;
  if (root0) chownSync(home, UNPRIVILEGED, UNPRIVILEGED);
  const options = {
    cwd: home,
    stdio: "ignore",
    ...(root0 ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {}),
  };
  const data = join(home, "data");
  execFileSync(
    join(bin, "initdb"),
    ["-D", data, "-U", "core", "-A", "trust", "-E", "UTF8", "--no-locale"],
    options,
  );
  const server = spawn(
    join(bin, "postgres"),
    ["-D", data, "-c", "listen_addresses=", "-c", `unix_socket_directories=${home}`],
    options,
  );
  for (let tries = 0; ; tries += 1) {
    try {
      execFileSync(join(bin, "pg_isready"), ["-q", "-h", home]);
      break;
    } catch (error) {
      if (tries > 300) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return {
    url: `postgres://core@/postgres?host=${encodeURIComponent(home)}`,
    async stop() {
      const gone = new Promise((resolve) => server.once("exit", resolve));
      server.kill("SIGINT");
      await gone;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function value(result) {
  if (!result.ok) throw new Error(`${result.error.code} ${result.error.message}`);
  return result.value;
}

function option(name) {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}
