// What a real guacd has drawn, through the sidecar, in a real browser. The recordings lie beside the
// project, not in it: where they are absent, this is skipped.
import { afterAll, beforeAll, expect, it } from "vitest";

import { startDesktopLab, type DesktopLab } from "../../src/app/desktop-lab.testing.js";
import type { Desktop } from "../../src/protocols/guacamole/fake-guacd.testing.js";
import {
  fixturesAreThere,
  readFixture,
  type FixtureName,
} from "../../src/protocols/guacamole/fixtures.testing.js";
import { eventually } from "../../src/runtime/testing/eventually.testing.js";
import type { DesktopBrowser } from "./client.js";

const RULES = `apiVersion: chaperone/v1
kind: RulePack
metadata: { name: lab, version: 1.0.0 }
rules:
  - id: no-victim
    name: The victim is not touched
    criticality: high
    match: { command: { exec: rm, args: [/tmp/victim-of-the-lab] } }
    action: block
`;
const DRAWINGS: readonly FixtureName[] = ["rdp-full", "vnc-full"];
/** A desktop that stands there, with what was opened on it. */
const FRAMES = 40;

/** Draws what was drawn then, one recording after the other for whoever comes. */
function recordedDesktops(): Desktop {
  let next = 0;
  return (to) => {
    const name = DRAWINGS[next++ % DRAWINGS.length] ?? "rdp-full";
    const drawn = readFixture(name).flatMap(({ from, instruction }) =>
      from === "target" ? [instruction] : [],
    );
    const ready = drawn.findIndex(({ opcode }) => opcode === "ready");
    let frames = 0;
    for (const { opcode, args } of drawn.slice(ready + 1)) {
      if (opcode === "disconnect" || opcode === "error") break;
      to.say(opcode, ...args);
      if (opcode === "sync" && ++frames >= FRAMES) break;
    }
    return { hears: () => undefined, joins: () => undefined };
  };
}

export const recordingsThere = fixturesAreThere();

export function asItWasDrawn(given: () => { browser: DesktopBrowser }): void {
  let lab: DesktopLab;
  let browser: DesktopBrowser;
  beforeAll(async () => {
    ({ browser } = given());
    lab = await startDesktopLab({ rules: RULES, desktop: recordedDesktops() });
  });
  afterAll(() => lab.close());

  it.each(DRAWINGS)("of %s is seen through the sidecar, with a notice above it", async () => {
    const port = lab.sidecar.addresses.guacamole?.port ?? 0;
    const query = `token=${lab.sealed()}&width=1024&height=768&image=image/png`;
    const window = await browser.enter(`ws://127.0.0.1:${port}/tunnel`, query);
    const colours = (): Promise<number> =>
      window.page.evaluate(`(() => {
        const canvas = window.client.getDisplay().flatten();
        if (canvas.width === 0 || canvas.height === 0) return 0;
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return new Set(new Uint32Array(data.buffer)).size;
      })()`);
    await eventually(colours).toBeGreaterThan(8);
    expect((await window.seen()).error).toBeNull();
    await window.page.keyboard.type("rm /tmp/victim-of-the-lab");
    await window.page.keyboard.press("Enter");
    await eventually(async () => (await window.seen()).drawn["9001"]).toBe(1);
    const returns = lab.guacd.connections.flatMap((one) =>
      one.all("key").filter(([key]) => key === String(0xff0d)),
    );
    expect(returns).toEqual([]);
    await window.close();
  });
}
