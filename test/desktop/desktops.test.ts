// Desktops in a real browser. One file, for one start of the browser and of the sidecar.
import { afterAll, beforeAll, describe } from "vitest";

import type { DesktopLab } from "../../src/app/desktop-lab.testing.js";
import { asItWasDrawn, recordingsThere } from "./as-it-was-drawn.js";
import { atADesktop } from "./at-a-desktop.js";
import { browserThere, openDesktopBrowser, type DesktopBrowser } from "./client.js";
import { startLab } from "./lab.js";
import { onAPage } from "./on-a-page.js";

// Debian: apt install chromium.
describe.skipIf(!browserThere)("desktops", () => {
  let lab: DesktopLab;
  let browser: DesktopBrowser;
  const given = () => ({ lab, browser });
  beforeAll(async () => {
    [lab, browser] = await Promise.all([startLab(), openDesktopBrowser()]);
  });
  afterAll(async () => {
    await browser.close();
    await lab.close();
  });

  describe("for a browser at a desktop", () => atADesktop(given));
  describe("for a page that shows one", () => onAPage(given));
  // The recordings lie beside the project, not in it.
  describe.skipIf(!recordingsThere)("as a real guacd drew them", () => asItWasDrawn(given));
});
