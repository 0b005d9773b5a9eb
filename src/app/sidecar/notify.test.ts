import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SMTPServer } from "smtp-server";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { EventData, EventDraft } from "../../events/index.js";
import { sessionId } from "../../kernel/index.js";
import { makeTlsLab, type TlsLab } from "../../net/tls-lab.testing.js";
import { openStateDir, type StateDir } from "../../runtime/index.js";
import { eventually, quietLog } from "../../sinks/sink-lab.testing.js";
import { parseConfig, type Config } from "../config/index.js";
import { compileTestedRules } from "./compile-rules.js";
import { openEventHouse, type EventHouse } from "./event-house.js";

const LOCKED: EventData["person.locked"] = {
  person: "alice",
  by: "rule",
  actor: "",
  reason: "tries",
  sessions: [],
};

interface Mail {
  readonly to: readonly string[];
  readonly text: string;
}

describe("people who are notified by mail", () => {
  let lab = "";
  let tls: TlsLab;
  let dir = "";
  let state: StateDir;
  let house: EventHouse | null = null;
  let server: SMTPServer;
  let address = "";
  const mails: Mail[] = [];

  beforeAll(() => {
    lab = mkdtempSync(join(tmpdir(), "chaperone-notify-tls-"));
    tls = makeTlsLab(lab);
  });
  afterAll(() => rmSync(lab, { recursive: true, force: true }));
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), "chaperone-notify-"));
    const opened = openStateDir(join(dir, "state"));
    if (!opened.ok) throw new Error(opened.error.message);
    state = opened.value;
    server = new SMTPServer({
      key: readFileSync(tls.file("server.key")),
      cert: readFileSync(tls.file("server.pem")),
      onAuth: ({ username, password }, _session, done) =>
        password === "p" ? done(null, { user: username }) : done(new Error("no")),
      onData(stream, session, done) {
        const chunks: Buffer[] = [];
        stream.on("data", (chunk: Buffer) => chunks.push(chunk));
        stream.on("end", () => {
          const to = session.envelope.rcptTo.map((one) => one.address);
          mails.push({ to, text: Buffer.concat(chunks).toString("utf8") });
          done();
        });
      },
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", () => listening()));
    address = `127.0.0.1:${String((server.server.address() as AddressInfo).port)}`; // bound to a port
  });
  afterEach(async () => {
    await house?.close();
    house = null;
    await new Promise<void>((closed) => server.close(() => closed()));
    state.release();
    rmSync(dir, { recursive: true, force: true });
    mails.length = 0;
  });

  function config(groups: string): Config {
    const text = `apiVersion: chaperone/v1
kind: Sidecar
stateDir: ${join(dir, "state")}
targets: [ { name: t, protocol: ssh, address: "127.0.0.1:1", hostKey: { trust: first-use }, accounts: [ { name: root, passthrough: true } ] } ]
events: { sealed: false }
notify:
  mail: { address: "${address}", from: chaperone@lab.example, username: chaperone, password: { env: MAIL }, tls: { ca: "${tls.file("ca.pem")}" } }
  groups:
${groups}`;
    const host = { uid: 1000, gid: 1000, processors: 1, hostname: "h", passwd: "" };
    const read = parseConfig({ text, file: join(dir, "chaperone.yaml"), host });
    if (!read.ok) throw new Error(read.error.map(({ message }) => message).join("\n"));
    return read.value;
  }

  async function open(of: Config): Promise<EventHouse> {
    const env = { MAIL: "p" };
    const opened = await openEventHouse({ config: of, state, log: quietLog, env, version: "0" });
    if (!opened.ok) throw new Error(opened.error.message);
    house = opened.value;
    return opened.value;
  }

  const hit = (
    id: string,
    criticality: EventData["rule.matched"]["rule"]["criticality"],
    notify?: readonly string[],
  ): EventDraft => {
    const data: EventData["rule.matched"] = {
      session: {
        id: sessionId("s-1"),
        protocol: "ssh",
        person: "alice",
        account: "root",
        target: "db-1",
        origin: "192.0.2.7",
      },
      channel: 0,
      rule: { id, name: `Rule ${id}`, version: "1", author: [], criticality, score: 1, tags: [] },
      mode: "enforce",
      action: "alert",
      evidence: "rm",
      ...(notify === undefined ? {} : { notify }),
    };
    return { type: "rule.matched", data };
  };

  it("get what rules name them for: the worst at once, with what waited for the digest", async () => {
    const { teller } = await open(
      config(`    soc: { to: [soc@lab.example], digest: 1h }
    dba: { to: [dba@lab.example, lead@lab.example], digest: 1h }
`),
    );
    teller.tell(hit("nobody", "critical"));
    teller.tell(hit("waits", "low", ["soc"]));
    teller.tell(hit("worst", "critical", ["soc", "dba"]));
    await eventually(() => mails.length).toBe(2);
    const of = (name: string) => mails.find(({ to }) => to.includes(`${name}@lab.example`));
    expect(of("soc")?.text).toContain("rule: waits");
    expect(of("soc")?.text).toContain("rule: worst");
    expect(of("dba")?.to).toEqual(["dba@lab.example", "lead@lab.example"]);
    expect(of("dba")?.text).not.toContain("rule: waits");
    for (const { text } of mails) expect(text).not.toContain("rule: nobody");
  });

  it("get further events where the configuration says so, and a rule that hits all day as one line", async () => {
    const { teller } = await open(
      config(`    admins:
      to: [admins@lab.example]
      digest: 1h
      urgent: { types: [person.locked] }
      also: { types: [person.locked] }
`),
    );
    for (let n = 0; n < 50; n += 1) teller.tell(hit("all-day", "low", ["admins"]));
    teller.tell({ type: "person.locked", data: LOCKED });
    await eventually(() => mails.length).toBe(1);
    const [mail] = mails;
    expect(mail?.text.match(/rule: all-day/g)).toHaveLength(1);
    expect(mail?.text).toContain("alice");
  });

  it("are in a group that there is: a rule that names another is not loaded", () => {
    const pack = (group: string) => ({
      file: "soc.yaml",
      text: `apiVersion: chaperone/v1
kind: RulePack
metadata: { name: soc, version: 1.0.0 }
rules:
  - id: soc-1
    name: Downloads
    criticality: low
    match: { command: { exec: curl } }
    action: { do: alert, notify: [${group}] }
    tests: [ { line: curl example.org, expect: alert }, { line: ls, expect: false } ]
`,
    });
    const { notifyGroups } = config("    soc: { to: [soc@lab.example] }\n");
    const good = compileTestedRules([pack("soc")], notifyGroups);
    expect(good.ok ? [] : good.error).toEqual([]);
    expect(compileTestedRules([pack("noc")], notifyGroups)).toMatchObject({
      ok: false,
      error: [{ code: "CHP_RULES_REFERENCE", at: { file: "soc.yaml" } }],
    });
    expect(compileTestedRules([pack('"a b"')], notifyGroups)).toMatchObject({
      ok: false,
      error: [{ code: "CHP_RULES_SHAPE" }],
    });
  });
});
