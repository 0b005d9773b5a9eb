// Pages over TLS with an authority of our own, in a real browser: keys of https are keys of https.
import { createHash, X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { makeTlsLab, type TlsLab } from "../../src/net/tls-lab.testing.js";
import { longRun } from "../../src/testing/seed.js";
import { startControlLab, type ControlLab } from "../admin/lab.js";
import { freePort } from "../e2e/lab/free-port.js";
import { start } from "../e2e/lab/program.js";
import { sshdThere } from "../e2e/lab/sshd.js";
import { totpCode } from "../e2e/lab/totp.js";
import { eventually } from "../e2e/lab/wait.js";
import { browserThere, openKeyBrowser, type KeyBrowser } from "./browser.js";

const RULES = `
apiVersion: chaperone/v1
kind: RulePack
metadata: { name: lab, version: 1.0.0 }
rules:
  - id: lab-key
    name: Files that need a key
    match: { command: { exec: touch, args: { any: { contains: keyed } } } }
    action: { do: reauth, factors: [webauthn, totp], timeout: 60s, grace: 0s }
`;

let folder = "";
let tls: TlsLab;
let control: ControlLab;
let browser: KeyBrowser;
let pages = "";

/** Of the key in a certificate, as browsers pin it (RFC 7469 section 2.4). */
function spkiOf(pem: Buffer): string {
  const key = new X509Certificate(pem).publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(key).digest("base64");
}

/** The status of a GET by a client that trusts the authority, or why there is none. */
function fetched(path: string, ca: Buffer | undefined): Promise<number | string> {
  return new Promise((resolve) => {
    const call = request(`${pages}${path}`, { agent: false, ...(ca === undefined ? {} : { ca }) });
    call.on("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    call.end();
  });
}

/** What the link of a challenge says to who would answer it. */
function answering(link: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(`${pages}${link}/options`, {
      ...{ method: "POST", agent: false, ca: readFileSync(tls.file("ca.pem")) },
      headers: { origin: pages },
    });
    call.on("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on("error", reject);
    call.end();
  });
}

// Over TLS it is the same page: the short run has it without.
describe.skipIf(!longRun || !sshdThere || !browserThere)("passkeys over https (--long)", () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "chaperone-pages-tls-"));
    tls = makeTlsLab(folder);
    // As a server should: its own certificate, then who signed it.
    const chain = ["server.pem", "ca.pem"].map((name) => readFileSync(tls.file(name), "utf8"));
    writeFileSync(tls.file("chain.pem"), chain.join(""));
    const port = await freePort();
    pages = `https://localhost:${port}`;
    const pair = { cert: tls.file("chain.pem"), key: tls.file("server.key") };
    [control, browser] = await Promise.all([
      startControlLab({
        rules: RULES,
        listen: { pages: { address: "127.0.0.1", port, publicUrl: pages, tls: pair } },
        config: { factors: { webauthn: {} } },
      }),
      openKeyBrowser([spkiOf(readFileSync(tls.file("ca.pem")))]),
    ]);
  });
  afterAll(async () => {
    await browser.close();
    await control.lab.end();
    rmSync(folder, { recursive: true, force: true });
  });

  it("are enrolled and answered, with cookies for https alone", async () => {
    const { lab } = control;
    const { body } = await control.call("/v1/people/bob/enrolments", {
      body: { factors: ["webauthn"] },
    });
    const link = String(body["link"]);
    expect(link.startsWith(`${pages}/e/`)).toBe(true);
    const window = await browser.window();
    const { page } = window;
    await page.goto(link);
    await page.getByRole("button", { name: "Passkey or security key" }).click();
    await page.getByLabel("What do you call it?").fill("desk key");
    expect(await page.context().cookies()).toMatchObject([{ secure: true, httpOnly: true }]);
    await page.getByRole("button", { name: "Set it up" }).click();
    await page.getByRole("heading", { name: "It is set up" }).waitFor();
    const client = start("ssh", [...lab.sshArgs("via", "bob"), "via", "touch keyed-tls"]);
    let told = "";
    client.stderr?.on("data", (chunk: Buffer) => (told += chunk.toString()));
    client.stdin?.end();
    const asked = await eventually(
      "the link on stderr",
      () => new RegExp(`${pages}/c/[A-Za-z0-9_-]{22}`).exec(told)?.[0],
    );
    expect(existsSync(lab.inHome("keyed-tls"))).toBe(false);
    await page.goto(asked);
    await page.getByRole("button", { name: /Use passkey/ }).click();
    await page.getByRole("heading", { name: "Confirmed" }).waitFor();
    await eventually("its end", () => client.exitCode !== null);
    expect(client.exitCode).toBe(0);
    expect(existsSync(lab.inHome("keyed-tls"))).toBe(true);
    expect(window.complaints).toEqual([]);
    await window.close();
  });

  it("are one way to answer on a terminal, and Tab leads to the next", async () => {
    const { lab } = control;
    const terminal = lab.terminal("via", { person: "bob" });
    await terminal.ready();
    terminal.type("touch keyed-otherwise\r");
    await terminal.shows("Answer in your browser");
    expect(terminal.screen()).toContain("Tab:    answer with a verification code instead");
    const link = await eventually(
      "the link",
      () => new RegExp(`/c/[A-Za-z0-9_-]{22}`).exec(terminal.screen())?.[0],
    );
    terminal.type("\t");
    await terminal.shows("Verification code");
    // What was given up says so, and answers nothing any more.
    await eventually("the link to be over", async () => (await answering(link)) === 410);
    expect(existsSync(lab.inHome("keyed-otherwise"))).toBe(false);
    terminal.type(`${totpCode(lab.totpSecret("bob"))}\r`);
    await eventually("the command", () => existsSync(lab.inHome("keyed-otherwise")));
    await lab.sidecar.told(
      "reauth.succeeded",
      (data) => data.factor === "totp" && data.session?.person === "bob",
    );
    terminal.close();
  });

  it("are served to nobody who asks in plain, or does not know the authority", async () => {
    const path = `/e/${"A".repeat(22)}`;
    expect(await fetched(path, readFileSync(tls.file("ca.pem")))).toBe(404);
    expect(await fetched(path, undefined)).toMatch(/SELF_SIGNED|UNABLE_TO/);
    const plain = await fetch(`${pages.replace("https", "http")}${path}`).then(
      () => "answered",
      () => "refused",
    );
    expect(plain).toBe("refused");
  });
});
