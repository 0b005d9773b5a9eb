import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A PostgreSQL of our own: in a folder of our own, reached by a socket only, gone with the test. */
export interface PostgresLab {
  /** Where the tables lie. */
  readonly tables: string;
  /** A fresh, empty database. */
  newDatabase(): string;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** PostgreSQL does not run as root; this uid owns nothing else (`nobody`). */
const UNPRIVILEGED = 65_534;
const PATIENCE_MS = 30_000;

/** The folder of PostgreSQL's programs, newest version first; null where it is not installed. */
export function findPostgres(): string | null {
  const root = "/usr/lib/postgresql";
  if (!existsSync(root)) return null;
  const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a));
  const found = versions.map((version) => join(root, version, "bin"));
  return found.find((bin) => existsSync(join(bin, "initdb"))) ?? null;
}

export async function startPostgres(bin: string): Promise<PostgresLab> {
  const dir = mkdtempSync(join(tmpdir(), "chaperone-pg-"));
  const owner = process.getuid?.() === 0 ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {};
  if ("uid" in owner) chownSync(dir, UNPRIVILEGED, UNPRIVILEGED);
  const data = join(dir, "data");
  const options = { ...owner, cwd: dir, stdio: "ignore" } as const;
  const init = ["-D", data, "-U", "core", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"];
  execFileSync(join(bin, "initdb"), init, options);
  let server: ChildProcess;
  const start = async () => {
    const settings = ["listen_addresses=", `unix_socket_directories=${dir}`, "fsync=off"];
    const args = ["-D", data, ...settings.flatMap((one) => ["-c", one])];
    server = spawn(join(bin, "postgres"), args, options);
    await until(() => ready(bin, dir));
  };
  const halt = async () => {
    const gone = new Promise((resolve) => server.once("exit", resolve));
    // SIGINT: fast shutdown, connections are ended.
    server.kill("SIGINT");
    await gone;
  };
  await start();
  let count = 0;
  return {
    tables: join(data, "base"),
    newDatabase() {
      count += 1;
      const name = `core_${count}`;
      execFileSync(
        join(bin, "psql"),
        ["-h", dir, "-U", "core", "-d", "postgres", "-qc", `CREATE DATABASE ${name}`],
        { stdio: "ignore" },
      );
      return `postgres://core@/${name}?host=${encodeURIComponent(dir)}`;
    },
    async restart() {
      await halt();
      await start();
    },
    async stop() {
      await halt();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function ready(bin: string, dir: string): boolean {
  try {
    execFileSync(join(bin, "pg_isready"), ["-q", "-h", dir, "-U", "core", "-d", "postgres"]);
    return true;
  } catch {
    return false;
  }
}

async function until(holds: () => boolean): Promise<void> {
  const limit = Date.now() + PATIENCE_MS;
  while (!holds()) {
    if (Date.now() > limit) throw new Error("PostgreSQL does not answer");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
