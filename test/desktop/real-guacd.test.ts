// The chain as it is in the world: Chromium, the sidecar, guacd, a VNC server with a terminal in it. What
// the drawn desktops of the other tests can not show: that guacd itself is content with what it is sent.
import { generate } from "otplib";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { DesktopLab } from "../../src/app/desktop-lab.testing.js";
import { eventually } from "../../src/runtime/testing/eventually.testing.js";
import {
  browserThere,
  openDesktopBrowser,
  type DesktopBrowser,
  type DesktopWindow,
} from "./client.js";
import { startLab, TOTP } from "./lab.js";
import { realDesktopThere, startRealDesktop, type RealDesktop } from "./real-desktop.js";

const LONG = process.env["CHAPERONE_LONG"] === "1";
const COVER = [18, 24, 38, 255];
const CORNER = [1_000, 750] as const;
const CORNER_OF_THE_LARGER = [1_270, 1_015] as const;
const WHITE = [255, 255, 255, 255];
const IN_THE_TERMINAL = [400, 300] as const;

describe.skipIf(!LONG || !browserThere || !realDesktopThere)("in front of a real guacd", () => {
  let desktop: RealDesktop;
  let lab: DesktopLab;
  let browser: DesktopBrowser;
  let window: DesktopWindow;
  beforeAll(async () => {
    desktop = await startRealDesktop();
    [lab, browser] = await Promise.all([
      startLab({
        guacd: `127.0.0.1:${desktop.guacdPort}`,
        target: `{ name: real, protocol: vnc, address: "127.0.0.1:${desktop.vncPort}", accounts: [ { name: me, password: { file: ./password } } ] }`,
      }),
      openDesktopBrowser(),
    ]);
    const port = lab.sidecar.addresses.guacamole?.port ?? 0;
    const query = `token=${lab.sealed({ target: "real" })}&width=1024&height=768&dpi=96&image=image/png`;
    window = await browser.enter(`ws://127.0.0.1:${port}/tunnel`, query);
  });
  afterAll(async () => {
    await browser.close();
    await lab.close();
    await desktop.close();
  });

  const here = (name: string): string => join(desktop.folder, name);
  const commands = () =>
    lab.events("command.entered").map(({ data }) => [data["text"], data["decision"]]);
  async function enter(line: string): Promise<void> {
    await window.page.keyboard.type(line);
    await window.page.keyboard.press("Enter");
  }

  it("it is shown, and what is typed is run and told", async () => {
    await eventually(() => window.pixel(...IN_THE_TERMINAL)).toEqual(WHITE);
    await window.page.mouse.click(...IN_THE_TERMINAL);
    await enter("echo here > typed");
    await eventually(() => existsSync(here("typed"))).toBe(true);
    expect(commands().at(-1)).toEqual(["echo here > typed", "allowed"]);
  });

  it("a forbidden line never gets its Return", async () => {
    writeFileSync("/tmp/victim-of-the-lab", "");
    await enter("rm /tmp/victim-of-the-lab");
    await eventually(() => commands().at(-1)).toEqual(["rm /tmp/victim-of-the-lab", "blocked"]);
    await window.page.keyboard.press("Control+u");
    await enter("echo over > next");
    await eventually(() => existsSync(here("next"))).toBe(true);
    expect(existsSync("/tmp/victim-of-the-lab")).toBe(true);
  });

  it("a question covers it, also when it grows, and the right code lets the line go on", async () => {
    await enter("touch asked-for");
    await eventually(() => window.pixel(...CORNER)).toEqual(COVER);
    desktop.resize("1280x1024");
    await eventually(() => window.pixel(...CORNER_OF_THE_LARGER)).toEqual(COVER);
    await enter("000000");
    // The question, again at the new size, that it is being checked, and that it was wrong.
    await eventually(async () => (await window.seen()).drawn["9000"]).toBe(4);
    expect(existsSync(here("asked-for"))).toBe(false);
    await enter(await generate({ secret: TOTP }));
    await eventually(() => existsSync(here("asked-for"))).toBe(true);
    await eventually(() => window.pixel(...IN_THE_TERMINAL)).toEqual(WHITE);
  });

  it("an onlooker joins, sees, and touches nothing", async () => {
    const [opened] = lab.events("session.opened");
    const { id } = opened?.data["session"] as { id: string }; // by its schema
    const view = await lab.api("POST", `/v1/sessions/${id}/views`, {});
    const page = await browser.page();
    await page.goto(String(view.body["link"]));
    const white = `[...document.querySelectorAll(".screen canvas")].some((one) => one.width > 500 &&
      one.getContext("2d").getImageData(400, 300, 1, 1).data[0] === 255)`;
    await eventually(() => page.evaluate(white)).toBe(true);
    await page.keyboard.type("echo no > onlooker\n");
    await enter("echo yes > person");
    await eventually(() => existsSync(here("person"))).toBe(true);
    expect(existsSync(here("onlooker"))).toBe(false);
    await page.context().close();
    await eventually(() => lab.events("operator.left").length).toBe(1);
  });

  it("what is pasted arrives, and what rules forbid does not", async () => {
    await window.paste("BEGIN PRIVATE KEY");
    await eventually(() => lab.events("clipboard.transferred").length).toBe(1);
    await window.paste("echo pasted > pasted-here");
    await eventually(() => lab.events("clipboard.transferred").length).toBe(2);
    await window.page.mouse.click(...IN_THE_TERMINAL, { button: "middle" });
    await window.page.keyboard.press("Enter");
    await eventually(() => existsSync(here("pasted-here"))).toBe(true);
    expect(
      lab.events("clipboard.transferred").map(({ data }) => data["outcome"] ?? "passed"),
    ).toEqual(["blocked", "passed"]);
  });

  it("a connection is not joined by the number that guacd knows", async () => {
    const number = desktop.numbers().at(-1) ?? "";
    expect(number).toMatch(/^\$/);
    expect(await desktop.join(lab.sidecar.addresses.guacd?.port ?? 0, number)).toContain("5.error");
    expect(lab.events("auth.failed").length).toBe(1);
  });

  it("a kill shows its reason, and guacd lets go of the desktop", async () => {
    const [opened] = lab.events("session.opened");
    const { id } = opened?.data["session"] as { id: string }; // by its schema
    await lab.api("POST", `/v1/sessions/${id}/kill`, { reason: "the visit is over" });
    await eventually(async () => (await window.seen()).error).toEqual({
      code: 523,
      message: "the visit is over",
    });
    await eventually(() => desktop.says()).toContain("Last user of connection");
  });
});
