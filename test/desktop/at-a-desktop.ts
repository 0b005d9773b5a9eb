import { generate } from "otplib";
import { afterEach, beforeEach, expect, it } from "vitest";

import type { DesktopLab } from "../../src/app/desktop-lab.testing.js";
import type { Talker } from "../../src/protocols/guacamole/fake-guacd.testing.js";
import { eventually } from "../../src/runtime/testing/eventually.testing.js";
import type { DesktopBrowser, DesktopWindow } from "./client.js";
import { TOTP } from "./lab.js";

const RETURN = String(0xff0d);
const BACKGROUND = [24, 96, 112, 255];
const COVER = [18, 24, 38, 255];
/** Points that nothing of the desktop's window covers. */
const CORNER = [1_000, 750] as const;
const TOAST_SPOT = [300, 18] as const;

/** What a person sees and does, with a client that knows nothing of the sidecar. */
export function atADesktop(given: () => { lab: DesktopLab; browser: DesktopBrowser }): void {
  let lab: DesktopLab;
  let browser: DesktopBrowser;
  let window: DesktopWindow;
  let desktop: Talker;
  let before = 0;
  beforeEach(() => {
    ({ lab, browser } = given());
    before = lab.events().length;
  });
  afterEach(async () => {
    await window.close();
    await eventually(() => told("session.closed").length).toBe(1);
  });

  const told = (type: string) =>
    lab
      .events()
      .slice(before)
      .filter((event) => event.type === type)
      .map(({ data }) => data);

  async function enter(target = "win-1"): Promise<void> {
    const port = lab.sidecar.addresses.guacamole?.port ?? 0;
    const query = `token=${lab.sealed({ target })}&width=1024&height=768&dpi=96&image=image/png`;
    window = await browser.enter(`ws://127.0.0.1:${port}/tunnel`, query);
    await eventually(() => window.pixel(...CORNER)).toEqual(BACKGROUND);
    const newest = lab.guacd.connections.at(-1);
    if (newest === undefined) throw new Error("guacd was not asked");
    desktop = newest;
  }
  const keys = () =>
    desktop
      .all("key")
      .filter(([, pressed]) => pressed === "1")
      .map(([key]) => (key === RETURN ? "<Return>" : String.fromCodePoint(Number(key))))
      .join("")
      .replaceAll(String.fromCodePoint(0xffe1), "");
  const keyboard = () => window.page.keyboard;

  it("shows it, and what is typed arrives and is seen", async () => {
    await enter();
    expect((await window.seen()).error).toBeNull();
    const paper = await window.pixel(400, 70);
    expect(paper).toEqual([250, 250, 250, 255]);
    await keyboard().type('echo "Hello" /World');
    await keyboard().press("Enter");
    await eventually(keys).toBe('echo "Hello" /World<Return>');
    await eventually(() => told("command.entered").length).toBe(1);
    expect(told("command.entered")[0]).toMatchObject({
      text: 'echo "Hello" /World',
      decision: "allowed",
    });
    // The client confirms frames, and knows nothing of a bad network.
    await eventually(() => desktop.all("sync").length).toBeGreaterThan(5);
    expect((await window.seen()).unstable).toBe(0);
  });

  it("gets no forbidden line entered, and sees why", async () => {
    await enter();
    await keyboard().type("rm /tmp/victim-of-the-lab");
    await keyboard().press("Enter");
    await eventually(() => window.pixel(...TOAST_SPOT)).toEqual([120, 20, 20, 255]);
    expect(await window.pixel(...CORNER)).toEqual(BACKGROUND);
    await eventually(() => told("command.entered").length).toBe(1);
    expect(told("command.entered")[0]).toMatchObject({ decision: "blocked" });
    // Still at work: what comes after it arrives, and the Return between never did.
    await keyboard().press("x");
    await eventually(keys).toBe("rm /tmp/victim-of-the-labx");
  });

  it("is asked by an overlay, which goes after the right code and not before", async () => {
    await enter();
    await keyboard().type("touch me");
    await keyboard().press("Enter");
    await eventually(() => window.pixel(...CORNER)).toEqual(COVER);
    await keyboard().type("000000");
    await keyboard().press("Enter");
    // The question, that it is being checked, and that it was wrong.
    await eventually(async () => (await window.seen()).drawn["9000"]).toBe(3);
    expect(await window.pixel(...CORNER)).toEqual(COVER);
    expect(keys()).toBe("touch me");
    // The desktop goes on underneath, and may change its size meanwhile.
    desktop.say("size", 0, 800, 600);
    desktop.say("sync", 5_000);
    await eventually(() => window.pixel(790, 590)).toEqual(COVER);
    await keyboard().type(await generate({ secret: TOTP }));
    await keyboard().press("Enter");
    await eventually(keys).toBe("touch me<Return>");
    await eventually(() => told("command.entered").length).toBe(1);
    expect(told("command.entered")[0]).toMatchObject({ decision: "reauthenticated" });
    await eventually(() => window.pixel(10, 10)).not.toEqual(COVER);
  });

  it("pastes and sends what rules let pass, and is told what they do not", async () => {
    await enter();
    await window.paste("harmless é");
    await window.paste("-----BEGIN PRIVATE KEY-----");
    await window.upload("notes.txt", "hello");
    await window.upload("tools.zip", "PK");
    await eventually(() => told("file.transferred").length).toBe(2);
    await eventually(() => told("clipboard.transferred").length).toBe(2);
    expect(told("clipboard.transferred").map(({ outcome }) => outcome)).toEqual([
      "passed",
      "blocked",
    ]);
    expect(desktop.all("clipboard")).toHaveLength(1);
    expect(desktop.all("file").map((args) => args[2])).toEqual(["notes.txt"]);
    await eventually(async () =>
      (await window.seen()).acks.some(({ name, code }) => name === "tools.zip" && code === 771),
    ).toBe(true);
    desktop.say("clipboard", 3, "text/plain");
    desktop.say("blob", 3, Buffer.from("of the desktop é").toString("base64"));
    desktop.say("end", 3);
    await eventually(async () => (await window.seen()).clipboard).toEqual(["of the desktop é"]);
  });

  it("neither pastes, copies nor sends where the policy of the target says so", async () => {
    await enter("closed");
    await window.paste("anything");
    await window.upload("notes.txt", "hello");
    desktop.say("clipboard", 3, "text/plain");
    desktop.say("blob", 3, Buffer.from("of the desktop").toString("base64"));
    desktop.say("end", 3);
    desktop.say("sync", 6_000);
    await eventually(() => desktop.all("sync").some(([frame]) => frame === "6000")).toBe(true);
    await eventually(() => told("file.transferred").length).toBe(1);
    expect(desktop.all("clipboard")).toEqual([]);
    expect(desktop.all("file")).toEqual([]);
    expect((await window.seen()).clipboard).toEqual([]);
  });

  it("is killed, and shows the reason", async () => {
    await enter();
    const [opened] = told("session.opened");
    const { id } = opened?.["session"] as { id: string }; // by its schema
    await lab.api("POST", `/v1/sessions/${id}/suspend`, { reason: "who are you" });
    await eventually(() => window.pixel(...CORNER)).toEqual(COVER);
    await lab.api("POST", `/v1/sessions/${id}/resume`, { reason: "fine" });
    await eventually(() => window.pixel(...CORNER)).toEqual(BACKGROUND);
    await lab.api("POST", `/v1/sessions/${id}/kill`, { reason: "enough of it" });
    await eventually(async () => (await window.seen()).error).toEqual({
      code: 523,
      message: "enough of it",
    });
    await eventually(() => desktop.closed).toBe(true);
  });
}
