// The sink against rsyslog, over TLS with certificates on both sides.
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, makeSink, never, parcel, parcels } from "../sink-lab.testing.js";
import { makeTlsLab, type TlsLab } from "../../net/tls-lab.testing.js";
import { syslogSink } from "./syslog-sink.js";

const RSYSLOGD = "/usr/sbin/rsyslogd";
const GNUTLS = ["/usr/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"].map(
  (folder) => `${folder}/rsyslog/lmnsd_gtls.so`,
);
const installed = existsSync(RSYSLOGD) && GNUTLS.some((path) => existsSync(path));

describe("rsyslog", () => {
  let dir = "";
  let tls: TlsLab;
  let daemon: ChildProcess | null = null;
  const received = () =>
    existsSync(join(dir, "out.log")) ? readFileSync(join(dir, "out.log"), "utf8").split("\n") : [];
  const ids = () =>
    received().flatMap((line) => /chaperone@32473 id="([^"]+)"/.exec(line)?.[1] ?? []);

  function start(port: string): void {
    const { file } = tls;
    writeFileSync(
      join(dir, "rsyslog.conf"),
      `global(workDirectory="${dir}" maxMessageSize="64k"
  defaultNetstreamDriverCAFile="${file("ca.pem")}"
  defaultNetstreamDriverCertFile="${file("server.pem")}"
  defaultNetstreamDriverKeyFile="${file("server.key")}")
module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1"
  streamDriver.authMode="x509/certvalid")
template(name="whole" type="string" string="%syslogseverity% %app-name% %msgid% %structured-data%%msg%\\n")
input(type="imtcp" address="127.0.0.1" port="${port}" listenPortFileName="${join(dir, "port")}")
action(type="omfile" file="${join(dir, "out.log")}" template="whole")
`,
    );
    rmSync(join(dir, "port"), { force: true });
    daemon = spawn(RSYSLOGD, ["-n", "-f", join(dir, "rsyslog.conf"), "-i", join(dir, "pid")], {
      stdio: "ignore",
    });
  }

  async function listening(): Promise<string> {
    const read = () =>
      existsSync(join(dir, "port")) ? readFileSync(join(dir, "port"), "utf8") : "";
    await eventually(read).toMatch(/^\d+/);
    return read().trim();
  }

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "chaperone-rsyslog-"));
    if (installed) tls = makeTlsLab(dir);
  });
  afterAll(() => {
    daemon?.kill("SIGKILL");
    rmSync(dir, { recursive: true, force: true });
  });

  it("receives every event over TLS, whole, also after it was killed and started again", async (context) => {
    if (!installed) context.skip("rsyslog with GnuTLS is not installed");
    start("0");
    const port = await listening();
    const entry = { address: `127.0.0.1:${port}`, messageBytes: 65_000, tls: {} };
    const syslog = makeSink(syslogSink, entry, tls.trust);
    const deliver = async (batch: Parameters<typeof syslog.deliver>[0]) =>
      (await syslog.deliver(batch, never)).retry.length;
    await eventually(() => deliver(parcels(1, 100, "cef"))).toBe(0);
    await eventually(() => new Set(ids()).size).toBe(100);
    const long = parcel(101, "cef", `echo ${"y".repeat(3_500)} end`);
    expect(await deliver([long])).toBe(0);
    await eventually(() =>
      received().some((line) => line.includes(`${"y".repeat(3_500)} end`)),
    ).toBe(true);
    expect(received()[0]).toMatch(/^3 chaperone command\.entered \[origin .*\] ?CEF:0\|/);

    const killed = new Promise((settled) => daemon?.once("exit", settled));
    daemon?.kill("SIGKILL");
    await killed;
    start(port);
    await eventually(() => deliver(parcels(102, 150, "cef"))).toBe(0);
    await eventually(() => new Set(ids()).size).toBe(150);
    const first = [...new Set(ids())];
    expect(first).toEqual([...first].sort((a, b) => Number(a.slice(2)) - Number(b.slice(2))));
    await syslog.close();
  });
});
