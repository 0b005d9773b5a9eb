// Pages that show desktops, in a real browser: a recording played, and a session as it goes on.
import type { Page } from "playwright-core";
import { afterEach, beforeEach, expect, it } from "vitest";

import type { DesktopLab } from "../../src/app/desktop-lab.testing.js";
import { comeIn, type Talker } from "../../src/protocols/guacamole/fake-guacd.testing.js";
import { eventually } from "../../src/runtime/testing/eventually.testing.js";
import type { DesktopBrowser } from "./client.js";

const RETURN = 0xff0d;
const BACKGROUND = [24, 96, 112];
const PAPER = [250, 250, 250];

/** What operators see of it, live and recorded. */
export function onAPage(given: () => { lab: DesktopLab; browser: DesktopBrowser }): void {
  let lab: DesktopLab;
  let browser: DesktopBrowser;
  let person: Talker;
  const pages: Page[] = [];
  const complaints: string[] = [];
  beforeEach(() => {
    ({ lab, browser } = given());
  });
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.context().close();
    expect(complaints).toEqual([]);
  });
  async function enter(): Promise<string> {
    const before = lab.events("session.opened").length;
    const token = await lab.ticket();
    person = comeIn(lab.sidecar.addresses.guacd?.port ?? 0, { "chaperone-token": token });
    await eventually(() => person.all("sync").length).toBeGreaterThan(0);
    await eventually(() => lab.events("session.opened").length).toBe(before + 1);
    const { data } = lab.events("session.opened").at(-1) ?? {};
    return (data?.["session"] as { id: string }).id; // by its schema
  }
  function types(text: string): void {
    for (const key of [...Array.from(text, (one) => one.codePointAt(0) ?? 0), RETURN]) {
      person.say("key", key, 1);
      person.say("key", key, 0);
    }
  }
  async function open(link: unknown): Promise<Page> {
    const page = await browser.page();
    pages.push(page);
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (/content security policy/i.test(message.text())) complaints.push(message.text());
    });
    await page.goto(String(link));
    return page;
  }
  /** Colour in the middle of what is drawn at this share of the screen's sides. */
  const colour = (page: Page, x: number, y: number): Promise<readonly number[]> =>
    page.evaluate(`(() => {
      const all = [...document.querySelectorAll(".screen canvas")].sort((a, b) => b.width - a.width);
      const [canvas] = all;
      if (canvas === undefined || canvas.width === 0) return [];
      const at = canvas.getContext("2d").getImageData(canvas.width * ${x}, canvas.height * ${y}, 1, 1);
      return [...at.data].slice(0, 3);
    })()`);

  it("shows a session as it is and as it goes on, to the one browser that opens it", async () => {
    const id = await enter();
    types("echo before");
    const { status, body } = await lab.api("POST", `/v1/sessions/${id}/views`, {});
    expect(status).toBe(201);
    const page = await open(body["link"]);
    await eventually(() => colour(page, 0.95, 0.95)).toEqual(BACKGROUND);
    await eventually(() => colour(page, 0.45, 0.3)).toEqual(PAPER);
    const joined = lab.guacd.connections.at(-1);
    expect(joined?.all("select")).toEqual([["$guacd-secret-number"]]);
    expect(lab.guacd.parameters()).toMatchObject({ "read-only": "true", password: "" });
    expect(lab.events("operator.joined").map(({ data }) => data)).toMatchObject([
      { by: "ops", mode: "watch" },
    ]);
    const frames = joined?.all("sync").length ?? 0;
    types("echo after");
    await eventually(() => joined?.all("sync").length).toBeGreaterThan(frames);
    expect(joined?.all("key")).toEqual([]);
    const other = await open(body["link"]);
    await eventually(() => other.textContent("main")).toContain("was opened before");
    await page.context().close();
    pages.splice(pages.indexOf(page), 1);
    await eventually(() => lab.events("operator.left").length).toBe(1);
    await eventually(() => joined?.closed).toBe(true);
    const again = await lab.api("POST", `/v1/sessions/${id}/views`, {});
    const last = await open(again.body["link"]);
    await eventually(() => colour(last, 0.95, 0.95)).toEqual(BACKGROUND);
    person.say("disconnect");
    await eventually(() => last.textContent("#said")).toContain("It is over");
  });

  it("plays a recording, from any place in it", async () => {
    const id = await enter();
    types("whoami");
    await eventually(() => person.all("sync").length).toBeGreaterThan(6);
    person.say("disconnect");
    const closed = () =>
      lab.events("session.closed").some(({ data }) => JSON.stringify(data).includes(id));
    await eventually(closed).toBe(true);
    const listed = async () => (await lab.api("GET", `/v1/recordings?session=${id}`)).body;
    await eventually(listed).toMatchObject({
      recordings: [{ id: `${id}-0`, format: "guacamole" }],
    });
    const { body } = await lab.api("POST", `/v1/recordings/${id}-0/views`, { ttlSeconds: 60 });
    const page = await open(body["link"]);
    await page.waitForSelector('[data-loaded="true"]', { state: "attached" });
    await page
      .locator("#seek")
      .evaluate((seek: { value: string; max: string; dispatchEvent: (event: unknown) => void }) => {
        seek.value = seek.max;
        seek.dispatchEvent(new Event("input"));
      });
    await eventually(() => colour(page, 0.95, 0.95)).toEqual(BACKGROUND);
    await eventually(() => colour(page, 0.45, 0.3)).toEqual(PAPER);
    await page.click("#play");
    const download = await lab.api("GET", `/v1/recordings/${id}-0`);
    expect(String(download.body["text"])).toContain("4.size,1.0,4.1024,3.768;");
  });

  it("is refused for what is no desktop, and a link that nobody gave opens nothing", async () => {
    expect((await lab.api("POST", "/v1/sessions/none/views", {})).status).toBe(404);
    expect((await lab.api("POST", "/v1/recordings/none-0/views", {})).status).toBe(404);
    const page = await open(
      `http://127.0.0.1:${lab.sidecar.addresses.pages?.port ?? 0}/v/${"x".repeat(22)}`,
    );
    expect(await page.textContent("h1")).toBe("This link opens nothing");
  });
}
