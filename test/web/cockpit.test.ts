import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { startWebLab, type WebLab } from "../../src/app/web-lab.testing.js";
import { eventually } from "../../src/runtime/testing/eventually.testing.js";
import { longRun } from "../../src/testing/seed.js";

// Debian: apt install cockpit-ws cockpit-bridge cockpit-system chromium. Only with --long.
const COCKPIT = "/usr/lib/cockpit/cockpit-ws";
const BRIDGE = "/usr/bin/cockpit-bridge";
const program = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((one) => existsSync(one));
const installed =
  [COCKPIT, BRIDGE, "/usr/share/cockpit/systemd"].every((one) => existsSync(one)) &&
  program !== undefined;

// What is typed at this shell is `echo`, and a program that does not exist.
const RULES = `apiVersion: chaperone/v1
kind: RulePack
metadata: { name: lab, version: 1.0.0 }
rules:
  - id: never
    name: This is never run
    criticality: high
    match: { command: { exec: forbidden-program } }
    action: block
    message: "This program is not run here."
`;

describe.skipIf(!installed || !longRun)("Cockpit of Debian behind the sidecar", () => {
  let lab: WebLab;
  let cockpit: ChildProcess;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    const port = await freePort();
    const args = ["--no-tls", `--local-session=${BRIDGE}`, "-p", String(port), "-a", "127.0.0.1"];
    cockpit = spawn(COCKPIT, args, { stdio: "ignore" });
    const up = async (): Promise<void> => expect(await listens(port)).toBe(true);
    await vi.waitFor(up, { timeout: 15_000 });
    lab = await startWebLab({ rules: RULES, targetPort: port });
    browser = await chromium.launch({ executablePath: program ?? "", args: ["--no-sandbox"] });
    const context = await browser.newContext({
      extraHTTPHeaders: { "x-gateway-assertion": lab.assertion("alice") },
    });
    page = await context.newPage();
    page.setDefaultTimeout(30_000);
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await lab.close();
    cockpit.kill();
  });

  const told = (type: string): readonly unknown[] => lab.events(type).map(({ data }) => data);
  const recorded = (): string =>
    readdirSync(join(lab.dir, "var", "recordings"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".cast"))
      .map((name) => readFileSync(join(lab.dir, "var", "recordings", name), "utf8"))
      .join("");
  const commands = (): readonly unknown[] =>
    lab
      .events("command.entered")
      .filter(({ data }) => data["source"] !== "exec")
      .map(({ data }) => [data["text"], data["decision"]]);

  it("has a terminal whose lines are told, and stopped where a rule says so", async () => {
    await page.goto(`http://127.0.0.1:${String(lab.port)}/system/terminal`);
    const frame = page.frameLocator("iframe[name='cockpit1:localhost/system/terminal']");
    await frame.locator(".xterm-helper-textarea").waitFor({ state: "attached" });
    await eventually(() => told("channel.opened")).toContainEqual(
      expect.objectContaining({ kind: "shell" }),
    );
    await frame.locator(".terminal").click();
    await eventually(() => recorded()).toMatch(/[$#] /);
    await page.keyboard.type("echo from-cockpit-$((20+3))");
    await page.keyboard.press("Enter");
    await eventually(() => commands()).toEqual([["echo from-cockpit-$((20+3))", "allowed"]]);
    await page.keyboard.type("forbidden-program now");
    await page.keyboard.press("Enter");
    await eventually(() => commands()).toContainEqual(["forbidden-program now", "blocked"]);
    await eventually(() => recorded()).toContain("blocked never");
    expect(recorded()).toContain("from-cockpit-23");
    expect(recorded()).not.toContain("not found");
  }, 120_000);

  it("starts programs of its own, which are judged and told as such", async () => {
    await eventually(() =>
      lab.events("command.entered").some(({ data }) => data["source"] === "exec"),
    ).toBe(true);
    expect(told("web.requested").length).toBeGreaterThan(5);
  }, 60_000);
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo; // bound to an address and a port
      server.close(() => resolve(port));
    });
  });
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
