// A passkey as the answer to a question on a page: a real browser with a key of software.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startWebLab, type WebLab } from "../../src/app/web-lab.testing.js";
import { longRun } from "../../src/testing/seed.js";
import { freePort } from "../e2e/lab/free-port.js";
import { browserThere, openKeyBrowser, type KeyBrowser } from "../stepping-in/browser.js";

const RULES = `apiVersion: chaperone/v1
kind: RulePack
metadata: { name: lab, version: 1.0.0 }
rules:
  - id: who-is-it
    name: New users need a key
    criticality: medium
    match: { http: { method: POST, path: /admin/** } }
    action: { do: reauth, factors: [webauthn], timeout: 5m }
`;

describe.skipIf(!longRun || !browserThere)(
  "a passkey at a console behind the sidecar (--long)",
  () => {
    let lab: WebLab;
    let browser: KeyBrowser;
    beforeAll(async () => {
      const port = await freePort();
      [lab, browser] = await Promise.all([
        startWebLab({
          rules: RULES,
          listener: `pages: { address: 127.0.0.1, port: ${String(port)} }`,
          policy: "factors: { webauthn: {} }",
        }),
        openKeyBrowser(),
      ]);
    });
    afterAll(async () => {
      await browser.close();
      await lab.close();
    });

    it("releases a form that was held, as it was filled in and once", async () => {
      const window = await browser.window();
      // Keys of software belong to one page: this one is the tab that a link of the question opens.
      const { page: keyPage } = window;
      const enrolments = "/v1/people/alice/enrolments";
      const { link } = (await lab.api("POST", enrolments, { factors: ["webauthn"] })) as {
        link: string;
      };
      await keyPage.goto(link);
      await keyPage.getByRole("button", { name: "Passkey or security key" }).click();
      await keyPage.getByLabel("What do you call it?").fill("desk key");
      await keyPage.getByRole("button", { name: "Set it up" }).click();
      await keyPage.getByRole("heading", { name: "It is set up" }).waitFor();

      const page = await keyPage.context().newPage();
      page.setDefaultTimeout(15_000);
      await page.setExtraHTTPHeaders({ "x-gateway-assertion": lab.assertion("alice") });
      const console = `http://127.0.0.1:${String(lab.port)}`;
      await page.goto(`${console}/form`);
      await page.fill("input[name=name]", "bob & söhne");
      await page.click("button");
      const question = page.locator("a[target=_blank]");
      const phrase = await page.locator(".phrase").textContent();
      expect(phrase).not.toBe("");
      await keyPage.goto((await question.getAttribute("href")) ?? "");
      expect(lab.console.seen.some(({ method }) => method === "POST")).toBe(false);
      await keyPage.getByRole("button", { name: /Use passkey/ }).click();
      await keyPage.getByRole("heading", { name: "Confirmed" }).waitFor();

      await page.waitForURL(`${console}/admin/users`);
      await page.waitForSelector("text=method");
      const arrived = lab.console.seen.filter(({ url }) => url === "/admin/users");
      expect(arrived.map(({ method, body }) => [method, body.toString()])).toEqual([
        ["POST", "name=bob+%26+s%C3%B6hne&password=hunter2"],
      ]);
      expect(window.complaints).toEqual([]);
      await window.close();
    });
  },
);
