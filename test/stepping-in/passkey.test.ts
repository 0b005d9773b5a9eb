// Passkeys and enrolment as people meet them: a real browser with a key of software, real ssh.
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { generate } from "otplib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startControlLab, type ControlLab } from "../admin/lab.js";
import { freePort } from "../e2e/lab/free-port.js";
import type { LabPerson } from "../e2e/lab/lab.js";
import { start } from "../e2e/lab/program.js";
import { sshdThere } from "../e2e/lab/sshd.js";
import { eventually } from "../e2e/lab/wait.js";
import { browserThere, openKeyBrowser, type KeyBrowser, type KeyWindow } from "./browser.js";

const RULES = `
apiVersion: chaperone/v1
kind: RulePack
metadata: { name: lab, version: 1.0.0 }
rules:
  - id: lab-key
    name: Files that need a key
    match: { command: { exec: touch, args: { any: { contains: keyed } } } }
    action: { do: reauth, factors: [webauthn], timeout: 60s, attempts: 2, grace: 0s }
`;

let control: ControlLab;
let browser: KeyBrowser;
let pages = "";

describe.skipIf(!sshdThere || !browserThere)("passkeys (needs sshd and chromium)", () => {
  beforeAll(async () => {
    const port = await freePort();
    pages = `http://localhost:${port}`;
    [control, browser] = await Promise.all([
      startControlLab({
        rules: RULES,
        withoutTotp: ["heidi"],
        listen: { pages: { address: "127.0.0.1", port } },
        config: { factors: { webauthn: {} } },
      }),
      openKeyBrowser(),
    ]);
  });
  afterAll(async () => {
    await browser.close();
    await control.lab.end();
  });

  async function enrolmentLink(person: LabPerson, factor: string): Promise<string> {
    const path = `/v1/people/${person}/enrolments`;
    const { status, body } = await control.call(path, { body: { factors: [factor] } });
    expect(status).toBe(201);
    return String(body["link"]);
  }

  async function enrolled(person: LabPerson): Promise<KeyWindow> {
    const window = await browser.window();
    await window.page.goto(await enrolmentLink(person, "webauthn"));
    await window.page.getByRole("button", { name: "Passkey or security key" }).click();
    await window.page.getByLabel("What do you call it?").fill("desk key");
    await window.page.getByRole("button", { name: "Set it up" }).click();
    await window.page.getByRole("heading", { name: "It is set up" }).waitFor();
    return window;
  }

  /** The link that stands in what was printed. */
  const linkIn = (text: string): string | undefined =>
    new RegExp(`${pages}/c/[A-Za-z0-9_-]{22}`).exec(text)?.[0];

  it("are enrolled under a link, release what a terminal holds, and are counted", async () => {
    const window = await enrolled("bob");
    const { lab } = control;
    const terminal = lab.terminal("via", { person: "bob" });
    await terminal.ready();
    terminal.type("touch keyed-1\r");
    const link = await eventually("the link", () => linkIn(terminal.screen()));
    await window.page.goto(link);
    const code = (await window.page.locator(".code").textContent()) ?? "";
    expect(terminal.screen()).toContain(`Code:   ${code.trim()}`);
    expect(existsSync(lab.inHome("keyed-1"))).toBe(false);
    await window.page.getByRole("button", { name: /Use passkey/ }).click();
    await window.page.getByRole("heading", { name: "Confirmed" }).waitFor();
    await eventually("the file", () => existsSync(lab.inHome("keyed-1")));
    await terminal.ready();
    // The link is used up: it says how it ended, and answers nothing any more.
    expect(
      (await fetch(`${link}/options`, { method: "POST", headers: { origin: pages } })).status,
    ).toBe(410);
    // A copy of the key stands at an older count.
    await window.setBack(0);
    terminal.type("touch keyed-2\r");
    const second = await eventually("another link", () => {
      const found = linkIn(terminal.screen());
      return found === link ? undefined : found;
    });
    await window.page.goto(second);
    await window.page.getByRole("button", { name: /Use passkey/ }).click();
    await window.page.getByRole("heading", { name: "Refused" }).waitFor();
    await control.lab.sidecar.told("factor.changed", (data) => data["change"] === "disabled");
    await terminal.shows("the command was not run");
    expect(existsSync(lab.inHome("keyed-2"))).toBe(false);
    expect(window.complaints).toEqual([]);
    terminal.close();
    await window.close();
  });

  it("release an exec, whose link stands on stderr alone, and refuse it with 126", async () => {
    const window = await enrolled("carol");
    const { lab } = control;
    const exec = async (file: string) => {
      const child = start("ssh", [
        ...lab.sshArgs("via", "carol"),
        "via",
        `touch ${file}; echo ran`,
      ]);
      let stdout = "";
      let stderr = "";
      child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
      child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
      child.stdin?.end();
      const link = await eventually("the link on stderr", () => linkIn(stderr));
      await window.page.goto(link);
      return { child, stdout: () => stdout, stderr: () => stderr };
    };
    const good = await exec("keyed-3");
    await window.page.getByRole("button", { name: /Use passkey/ }).click();
    await eventually("its end", () => good.child.exitCode === 0);
    expect(good.stdout()).toBe("ran\n");
    const bad = await exec("keyed-4");
    for (let attempt = 0; attempt < 2; attempt += 1) {
      if (attempt > 0) {
        const first = window.page.url();
        const next = await eventually("the link of the last attempt", () => {
          const all = [...bad.stderr().matchAll(/http:\/\/localhost:\d+\/c\/[\w-]{22}/g)];
          const last = all.at(-1)?.[0];
          return last === first ? undefined : last;
        });
        await window.page.goto(next);
      }
      await window.page.getByRole("button", { name: /This is not me/ }).click();
      await window.page.getByRole("heading", { name: "Refused" }).waitFor();
    }
    await eventually("its end", () => bad.child.exitCode === 126);
    expect(bad.stdout()).toBe("");
    expect(existsSync(lab.inHome("keyed-4"))).toBe(false);
    await window.close();
  });

  it("are not taken from somebody else's browser, and links are not for guessing", async () => {
    const link = await enrolmentLink("erin", "webauthn");
    const mine = await browser.window();
    await mine.page.goto(link);
    await mine.page.getByRole("button", { name: "Passkey or security key" }).click();
    await mine.page.getByLabel("What do you call it?").waitFor();
    const thief = await browser.window();
    await thief.page.goto(link);
    await thief.page.getByRole("heading", { name: "This link was opened before" }).waitFor();
    await Promise.all([mine.close(), thief.close()]);

    const guess = (at: number): Promise<Response> =>
      fetch(`${pages}/e/${String(at).padStart(22, "A")}`);
    for (let at = 0; at < 10; at += 1) expect((await guess(at)).status).toBe(404);
    expect((await guess(11)).status).toBe(429);
    // Who has a link is not kept waiting by who guesses.
    expect((await fetch(link)).status).toBe(200);
    const foreign = await fetch(link.replace("localhost", "127.0.0.1"));
    expect(foreign.status).toBe(421);
    const forged = await fetch(`${link}/begin`, {
      method: "POST",
      headers: { origin: "https://evil" },
    });
    expect(forged.status).toBe(403);
  });

  it("an authenticator app is enrolled without any script, and its code opens nothing twice", async () => {
    const window = await browser.window({ script: false });
    const link = await enrolmentLink("heidi", "totp");
    await window.page.goto(link);
    await window.page.getByRole("button", { name: "Authenticator app" }).click();
    expect(await window.page.getByRole("img", { name: /QR code/ }).isVisible()).toBe(true);
    const secret = ((await window.page.locator(".secret").textContent()) ?? "").replace(/\s/g, "");
    await window.page.getByLabel(/type the code/).fill("000000");
    await window.page.getByRole("button", { name: "Set it up" }).click();
    await window.page.getByText("That code was not right").waitFor();
    await window.page.getByLabel(/type the code/).fill(await generate({ secret }));
    await window.page.getByRole("button", { name: "Set it up" }).click();
    await window.page.getByRole("heading", { name: "It is set up" }).waitFor();
    const { body } = await control.call("/v1/people/heidi/factors");
    expect(body["factors"]).toMatchObject([{ id: "totp", factor: "totp", state: "good" }]);
    // Kept for its owner alone, and told without the secret.
    const folder = join(control.lab.stateDir, "enrolled");
    for (const file of readdirSync(folder)) {
      expect(statSync(join(folder, file)).mode & 0o077).toBe(0);
    }
    const events = JSON.stringify(control.lab.sidecar.events());
    expect(events).toContain("factor.changed");
    expect(events).not.toContain(secret);
    expect(control.heard()).not.toContain(secret);
    await window.close();
  });
});
