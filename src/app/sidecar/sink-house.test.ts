import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually, httpDouble, quietLog, type HttpDouble } from "../../sinks/sink-lab.testing.js";
import { openStateDir, type StateDir } from "../../runtime/index.js";
import { parseConfig, type Config } from "../config/index.js";
import { openEventHouse, type EventHouse } from "./event-house.js";

describe("the sinks of a sidecar", () => {
  let dir = "";
  let state: StateDir;
  let house: EventHouse | null = null;
  let double: HttpDouble | null = null;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "chaperone-house-"));
    const opened = openStateDir(join(dir, "state"));
    if (!opened.ok) throw new Error(opened.error.message);
    state = opened.value;
  });
  afterEach(async () => {
    await house?.close();
    house = null;
    await double?.close();
    double = null;
    state.release();
    rmSync(dir, { recursive: true, force: true });
  });

  function config(sinks: string, outbox = "64KiB"): Config {
    const text = `apiVersion: chaperone/v1
kind: Sidecar
stateDir: ${join(dir, "state")}
targets: [ { name: t, protocol: ssh, address: "127.0.0.1:1", hostKey: { trust: first-use }, accounts: [ { name: root, passthrough: true } ] } ]
events:
  sealed: false
  outbox: ${outbox}
  sinks:
${sinks}`;
    const host = { uid: 1000, gid: 1000, processors: 1, hostname: "h", passwd: "" };
    const read = parseConfig({ text, file: join(dir, "chaperone.yaml"), host });
    if (!read.ok) throw new Error(read.error.map(({ message }) => message).join("\n"));
    return read.value;
  }

  async function open(of: Config): Promise<EventHouse> {
    const opened = await openEventHouse({
      config: of,
      state,
      log: quietLog,
      env: { KEY: "k" },
      version: "0",
    });
    if (!opened.ok) throw new Error(opened.error.message);
    house = opened.value;
    return opened.value;
  }

  async function close(): Promise<void> {
    await house?.close();
    house = null;
  }

  const hook = (url: string, more = "") =>
    `    - { name: hook, type: webhook, url: "${url}", secret: { env: KEY }${more} }\n`;
  const told = (text: string) => text.match(/"type":"io\.chaperone\.([a-z.]+)\.v1"/g) ?? [];
  const bodies = () => double?.seen.map(({ body }) => body).join("") ?? "";

  function tellMany(events: number): void {
    for (let n = 0; n < events; n += 1) {
      house?.teller.tell({
        type: "rules.loaded",
        data: { digest: "d", rules: n, files: ["x".repeat(200)] },
      });
    }
  }

  it("are told what happens from their first start on, and go on after a restart where they stopped", async () => {
    double = await httpDouble(() => ({ status: 204 }));
    const of = config(
      hook(double.url) + `    - { name: copy, type: file, format: cef, path: ./copy.cef }\n`,
    );
    await open(of);
    tellMany(20);
    await eventually(() => told(bodies()).length).toBe(20);
    await close();
    await open(of);
    tellMany(5);
    await eventually(() => told(bodies()).length).toBe(25);
    await close();
    const lines = readFileSync(join(dir, "copy.cef"), "utf8").trimEnd().split("\n");
    expect(lines).toHaveLength(25);
    expect(lines[0]).toMatch(/^CEF:0\|Chaperone\|/);
  });

  it("cost no outbox where there are none", async () => {
    await open(config("    []\n"));
    tellMany(3);
    expect(existsSync(join(dir, "state", "outbox"))).toBe(false);
  });

  it("close the door for new sessions when an enforced one takes nothing, and lose nothing meanwhile", async () => {
    double = await httpDouble(() => ({ status: 204 }));
    const { url } = double;
    const port = Number(new URL(url).port);
    await double.close();
    await open(config(hook(url, ", enforced: true")));
    tellMany(150);
    await eventually(() => house?.roomForEvents()).toBe(false);
    tellMany(100);
    double = await httpDouble(() => ({ status: 204 }), port);
    await eventually(() => house?.roomForEvents()).toBe(true);
    await eventually(
      () => bodies().match(/"rules\.loaded|rules\.loaded/g)?.length ?? 0,
    ).toBeGreaterThanOrEqual(250);
    await eventually(() => told(bodies()).some((type) => type.includes("sink.recovered"))).toBe(
      true,
    );
    expect(told(bodies()).some((type) => type.includes("sink.degraded"))).toBe(true);
  });

  it("lose their oldest events, counted, when they are best effort and take nothing", async () => {
    double = await httpDouble(() => ({ status: 204 }));
    const { url } = double;
    const port = Number(new URL(url).port);
    await double.close();
    await open(config(hook(url)));
    for (let n = 0; n < 10; n += 1) {
      tellMany(60);
      house?.delivery.drain();
    }
    await eventually(() => house?.sinks.status()[0]?.dropped ?? 0).toBeGreaterThan(0);
    expect(house?.roomForEvents()).toBe(true);
    double = await httpDouble(() => ({ status: 204 }), port);
    await eventually(() => /"degradedMs":\d+,"dropped":[1-9]/.test(bodies())).toBe(true);
    const status = house?.sinks.status()[0];
    const outbox = readdirSync(join(dir, "state", "outbox"));
    expect(outbox.length).toBeLessThan(20);
    expect(status?.degraded).toBe(false);
  });

  it("begin anew when they come back after they were taken out", async () => {
    double = await httpDouble(() => ({ status: 204 }));
    const copy = `    - { name: copy, type: file, path: ./copy.ndjson }\n`;
    await open(config(hook(double.url) + copy));
    tellMany(2);
    await close();
    await open(config(copy));
    tellMany(3);
    await close();
    const before = told(bodies()).length;
    await open(config(hook(double.url) + copy));
    tellMany(4);
    await eventually(() => told(bodies()).length).toBe(before + 4);
  });
});
