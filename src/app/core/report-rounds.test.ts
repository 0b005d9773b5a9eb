import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SMTPServer } from "smtp-server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createStore,
  DEFAULT_SETTINGS,
  openScoringCore,
  openSqlite,
  type ScoringCore,
} from "../../core/index.js";
import { value } from "../../core/store/store-conformance.testing.js";
import type { ReportMail, ScheduledReport } from "../config/index.js";
import { createCoreNotices } from "./core-notices.js";
import { startReportRounds, type ReportRounds } from "./report-rounds.js";

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const NOON = Date.UTC(2026, 10, 21, 12);
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

let dir = "";
let now = NOON;
let core: ScoringCore;
let rounds: ReportRounds | null = null;
let server: SMTPServer | null = null;
const mails: string[] = [];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "chaperone-reports-"));
  now = NOON;
  const store = value(await createStore(value(openSqlite(join(dir, "core.db"))), "core"));
  core = value(await openScoringCore({ store, settings: DEFAULT_SETTINGS, now: () => now, log }));
  value(await core.push([viewed("alice"), viewed("bob")]));
});
afterEach(async () => {
  await rounds?.stop();
  await core.close();
  await new Promise<void>((closed) => (server === null ? closed() : server.close(() => closed())));
  server = null;
  mails.length = 0;
  rmSync(dir, { recursive: true, force: true });
});

function viewed(person: string): string {
  return JSON.stringify({
    id: `view-of-${person}`,
    source: "/pam",
    type: "io.chaperone.credential.viewed.v1",
    subject: "pam",
    time: new Date(NOON - MINUTE_MS).toISOString(),
    data: { person, account: "root", target: "db", origin: "10.0.0.1", kind: "password" },
  });
}

function changed(id: string): string {
  return JSON.stringify({
    id,
    source: "/pam",
    type: "io.chaperone.credential.changed.v1",
    subject: "pam",
    time: new Date(NOON - MINUTE_MS).toISOString(),
    data: { person: "alice", account: "root", target: "db", manual: true, lastRotationOk: true },
  });
}

const RATINGS: ScheduledReport = {
  name: "ratings",
  report: "users-rating",
  times: { type: "every", everyMs: 60 * MINUTE_MS },
  periodMs: DAY_MS,
  format: "csv",
};

function open(reports: readonly ScheduledReport[], mail?: ReportMail): ReportRounds {
  const config = { reports, ...(mail === undefined ? {} : { mail }) };
  const deps = { store: core.store, settings: DEFAULT_SETTINGS, env: {}, log, now: () => now };
  const started = startReportRounds(config, deps);
  if (started === null) throw new Error("there is nothing to be made");
  rounds = started;
  return started;
}

const folder = () => ({ path: join(dir, "reports"), keep: 3 });
const files = (): readonly string[] => readdirSync(join(dir, "reports")).sort();

async function mailServer(): Promise<ReportMail> {
  const opened = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        mails.push(Buffer.concat(chunks).toString());
        done();
      });
    },
  });
  server = opened;
  await new Promise<void>((listening) => opened.listen(0, "127.0.0.1", () => listening()));
  const { port } = opened.server.address() as AddressInfo; // a TCP server has one
  return {
    address: `127.0.0.1:${port}`,
    security: "none",
    from: "core@example.net",
    subject: "[chaperone]",
    tls: {},
  };
}

describe("a report that is made by itself", () => {
  it("is a file for its owner alone, once each time, with as many left as are kept", async () => {
    const made = open([{ ...RATINGS, folder: folder() }]);
    await made.look();
    await made.look();
    expect(files()).toEqual(["ratings-2026-11-21-12-00.csv"]);
    const first = join(dir, "reports", "ratings-2026-11-21-12-00.csv");
    expect(statSync(first).mode & 0o777).toBe(0o600);
    expect(readFileSync(first, "utf8")).toMatch(/^person,.*\r?\nalice,/);
    writeFileSync(join(dir, "reports", "ratings-of-somebody.csv"), "somebody else's");
    for (let hour = 1; hour <= 4; hour += 1) {
      now = NOON + hour * 60 * MINUTE_MS;
      await made.look();
    }
    expect(files()).toEqual([
      "ratings-2026-11-21-14-00.csv",
      "ratings-2026-11-21-15-00.csv",
      "ratings-2026-11-21-16-00.csv",
      "ratings-of-somebody.csv",
    ]);
  });

  it("is not made again by a core that was restarted", async () => {
    await open([{ ...RATINGS, folder: folder() }]).look();
    await rounds?.stop();
    now = NOON + MINUTE_MS;
    await open([{ ...RATINGS, folder: folder() }]).look();
    expect(files()).toHaveLength(1);
  });

  it("holds the columns and rows that its conditions let through", async () => {
    const where = "person=bob";
    await open([{ ...RATINGS, format: "json", where, folder: folder() }]).look();
    const text = readFileSync(join(dir, "reports", files()[0] ?? ""), "utf8");
    expect(JSON.parse(text)).toMatchObject({ sections: [{ rows: [{ person: "bob" }] }] });
  });

  it("comes as a mail with the report beside it", async () => {
    const mail = await mailServer();
    await open([{ ...RATINGS, mail: ["security@example.net"] }], mail).look();
    expect(mails).toHaveLength(1);
    expect(mails[0]).toMatch(/^Subject: \[chaperone\] Ratings of people\r$/m);
    expect(mails[0]).toMatch(/^To: security@example\.net\r$/m);
    expect(mails[0]).toMatch(/filename=ratings-2026-11-21-12-00\.csv/);
  });

  it("is no notice: of an unusual password change administrators hear at once", async () => {
    const mail = await mailServer();
    const notices = createCoreNotices({ notices: ["root@example.net"], mail }, { env: {}, log });
    const store = value(await createStore(value(openSqlite(join(dir, "other.db"))), "other"));
    const other = value(
      await openScoringCore({
        ...{ store, settings: DEFAULT_SETTINGS, now: () => now, log },
        notice: (notice) => notices?.tell(notice),
      }),
    );
    value(await other.push([changed("c1"), changed("c1"), changed("c2"), changed("c2")]));
    await expect.poll(() => mails.length, { timeout: 15_000 }).toBe(1);
    expect(mails[0]).toMatch(/^Subject: \[chaperone\] Unusual password change: root@db\r$/m);
    expect(mails[0]).toContain("alice has changed the password of root@db by hand");
    await other.close();
    await notices?.stop();
    expect(mails).toHaveLength(1);
  });

  it("that can not be sent is tried again later, and then no more", async () => {
    const mail = await mailServer();
    const gone = { ...mail, address: "127.0.0.1:1" };
    const made = open([{ ...RATINGS, mail: ["security@example.net"] }], gone);
    await made.look();
    expect(value(await core.store.reportRan("ratings"))).toBeNull();
    await made.stop();
    now = NOON + 6 * MINUTE_MS;
    const again = open([{ ...RATINGS, mail: ["security@example.net"] }], mail);
    await again.look();
    await again.look();
    expect(mails).toHaveLength(1);
    expect(value(await core.store.reportRan("ratings"))).toBe(now);
  });
});
