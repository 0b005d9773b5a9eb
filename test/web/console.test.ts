import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { connect, type ClientHttp2Session } from "node:http2";
import { request } from "node:https";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  BACKUP,
  CONSOLE_PASSWORD,
  startWebLab,
  type WebLab,
} from "../../src/app/web-lab.testing.js";
import { makeTlsLab } from "../../src/net/tls-lab.testing.js";
import { eventually } from "../../src/runtime/testing/eventually.testing.js";

const program = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((one) => existsSync(one));
const RULES = `apiVersion: chaperone/v1
kind: RulePack
metadata: { name: lab, version: 1.0.0 }
rules:
  - id: no-delete
    name: Nothing is deleted
    criticality: high
    match: { http: { method: DELETE } }
    action: block
    message: "Deleting is not permitted here."
  - id: who-is-it
    name: Ask who it is
    criticality: medium
    match: { http: { method: POST, path: /admin/** } }
    action: { do: reauth, factors: [totp] }
`;
const FORM = "{ login: { type: form, path: /login, user: user, password: pass } }";
const ACCOUNT = "{ name: root, password: { file: ./password } }";

// Debian: apt install chromium.
describe.skipIf(program === undefined)("a real browser at a console behind the sidecar", () => {
  let lab: WebLab;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let url = "";
  beforeAll(async () => {
    lab = await startWebLab({
      rules: RULES,
      web: FORM,
      account: ACCOUNT,
      listen: ", tls: { cert: ./server.pem, key: ./server.key }",
      prepare: (dir) => void makeTlsLab(dir),
    });
    url = `https://localhost:${String(lab.port)}`;
    browser = await chromium.launch({ executablePath: program ?? "", args: ["--no-sandbox"] });
    context = await browser.newContext({
      ignoreHTTPSErrors: true,
      acceptDownloads: true,
      // What a gateway would put in.
      extraHTTPHeaders: { "x-gateway-assertion": lab.assertion("alice") },
    });
    page = await context.newPage();
    page.setDefaultTimeout(15_000);
  });
  afterAll(async () => {
    await browser.close();
    await lab.close();
  });

  it("is inside without ever seeing the log-in, the password or the console's cookie", async () => {
    await page.goto(`${url}/inside`);
    expect(await page.textContent("body")).toContain("you are inside");
    const cookies = await context.cookies();
    expect(cookies.map(({ name }) => name)).toEqual(["__Host-chaperone-wiki"]);
    expect(cookies[0]).toMatchObject({ httpOnly: true, secure: true, sameSite: "Lax" });
    const login = lab.console.seen.find(
      ({ method, url: path }) => method === "POST" && path === "/login",
    );
    expect(login?.body.toString()).toContain(
      encodeURIComponent(CONSOLE_PASSWORD).replaceAll("%20", "+"),
    );
    expect(JSON.stringify(lab.events())).not.toContain(CONSOLE_PASSWORD);
    const protocol = await page.evaluate(
      "performance.getEntriesByType('navigation')[0].nextHopProtocol",
    );
    expect(protocol).toBe("h2");
  });

  it("sends and fetches files, and their digests are told", async () => {
    const content = Buffer.from("a file of the person\n".repeat(1_000));
    const file = join(lab.dir, "report.txt");
    writeFileSync(file, content);
    await page.goto(`${url}/files`);
    await page.setInputFiles("input[type=file]", file);
    await Promise.all([page.waitForURL(`${url}/upload`), page.click("button")]);
    await page.goto(`${url}/files`);
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("a")]);
    const saved = readFileSync(await download.path());
    expect(saved.equals(BACKUP)).toBe(true);
    const files = () => lab.events("file.transferred").map(({ data }) => data);
    await eventually(() => files().length).toBe(2);
    const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
    expect(files()).toMatchObject([
      { direction: "upload", path: "report.txt", sha256: sha256(content) },
      { direction: "download", path: "/backup", sha256: sha256(saved) },
    ]);
  });

  it("answers a question on a page of ours, and the form arrives as it was filled in", async () => {
    await page.goto(`${url}/form`);
    await page.fill("input[name=name]", "bob & söhne");
    await page.click("button");
    await page.waitForSelector("#answer");
    expect(await page.title()).toBe("Chaperone asks: is it you?");
    await page.fill("#answer", "000000");
    await page.click("form button:first-of-type");
    await page.waitForSelector(".note");
    expect(await page.textContent(".note")).toContain("That was not right.");
    await page.fill("#answer", lab.totp());
    await Promise.all([
      page.waitForURL(`${url}/admin/users`),
      page.click("form button:first-of-type"),
    ]);
    expect(await page.textContent("body")).toContain('"method":"POST"');
    const arrived = lab.console.seen.filter(({ url: path }) => path === "/admin/users");
    expect(arrived.map(({ method, body }) => [method, body.toString()])).toEqual([
      ["POST", "name=bob+%26+s%C3%B6hne&password=hunter2"],
    ]);
  });

  it("is stopped where a rule says so, and its WebSocket talks on", async () => {
    await page.goto(`${url}/form`);
    const status = await page.evaluate(
      "fetch('/pages/1', { method: 'DELETE' }).then((answer) => answer.status)",
    );
    const echoed = await page.evaluate(`new Promise((resolve) => {
      const socket = new WebSocket(location.origin.replace("http", "ws") + "/echo");
      socket.onopen = () => socket.send("hello");
      socket.onmessage = (message) => resolve(message.data);
      socket.onerror = () => resolve("failed");
    })`);
    expect(status).toBe(403);
    expect(echoed).toBe("hello");
    expect(lab.console.seen.some(({ method }) => method === "DELETE")).toBe(false);
  });

  it("is told that its session is over when an operator has ended it", async () => {
    const listed = (await lab.api("GET", "/v1/sessions")) as { sessions: { id: string }[] };
    for (const { id } of listed.sessions) {
      await lab.api("POST", `/v1/sessions/${id}/kill`, { reason: "enough for today" });
    }
    await page.goto(`${url}/form`);
    expect(await page.textContent("body")).toContain("enough for today");
    expect(await context.cookies()).toEqual([]);
  });
});

describe.skipIf(program === undefined)("a page of a console with the sidecar's script", () => {
  let lab: WebLab;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    lab = await startWebLab({ rules: RULES, web: "{ script: on }" });
    browser = await chromium.launch({ executablePath: program ?? "", args: ["--no-sandbox"] });
    const context = await browser.newContext({
      extraHTTPHeaders: { "x-gateway-assertion": lab.assertion("alice") },
    });
    page = await context.newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(`http://127.0.0.1:${String(lab.port)}/strict`);
  });
  afterAll(async () => {
    await browser.close();
    await lab.close();
  });

  it("tells how the person types, and of a password not even that", async () => {
    const [report] = await Promise.all([
      page.waitForResponse((answer) => answer.url().endsWith("/.chaperone/keys")),
      page
        .locator("input[name=code]")
        .pressSequentially("Xyzzy")
        .then(() => page.locator("input[name=note]").pressSequentially("abba")),
    ]);
    expect(report.status()).toBe(204);
    const keys = (JSON.parse(report.request().postData() ?? "[]") as [string][]).map(
      ([key]) => key,
    );
    expect("abba".startsWith(keys.join(""))).toBe(true);
    expect(keys.length).toBeGreaterThan(0);
  });

  it("tells which page is looked at, by its title and without values", async () => {
    const views = (title: string) =>
      lab.events("web.viewed").filter(({ data }) => data["title"] === title);
    await eventually(() => views("Console").length).toBeGreaterThan(0);
    await page.goto(`http://127.0.0.1:${String(lab.port)}/form?of=7#top`);
    await page.evaluate("document.title = 'Add a user, token=abc123'");
    await eventually(() => views("Add a user, token=[masked]")[0]?.data).toMatchObject({
      url: `http://127.0.0.1:${String(lab.port)}/form?of=`,
      focused: true,
    });
  });

  it("shows what an operator says, and the question over the page until it is answered", async () => {
    const listed = (await lab.api("GET", "/v1/sessions")) as { sessions: { id: string }[] };
    const id = listed.sessions[0]?.id ?? "";
    await lab.api("POST", `/v1/sessions/${id}/message`, { text: "Please finish by six." });
    await page.waitForSelector(".chaperone-message");
    expect(await page.textContent(".chaperone-message")).toContain("Please finish by six.");
    await page.goto(`http://127.0.0.1:${String(lab.port)}/form`);
    await page.evaluate("fetch('/admin/api', { method: 'POST' })");
    const frame = page.frameLocator(".chaperone-cover iframe");
    await frame.locator("#answer").fill(lab.totp());
    await frame.locator("form button").first().click();
    await page.waitForSelector(".chaperone-cover", { state: "detached" });
    expect(
      await page.evaluate("fetch('/admin/api', { method: 'POST' }).then((one) => one.status)"),
    ).toBe(200);
  });
});

describe("a gateway with a certificate", () => {
  let lab: WebLab;
  beforeAll(async () => {
    lab = await startWebLab({
      rules: RULES,
      listen: ", tls: { cert: ./server.pem, key: ./server.key, clientCa: ./ca.pem }",
      prepare: (dir) => void makeTlsLab(dir),
    });
  });
  afterAll(() => lab.close());

  const read = (name: string): Buffer => readFileSync(join(lab.dir, name));

  function status(client: {
    readonly cert?: Buffer;
    readonly key?: Buffer;
  }): Promise<number | string> {
    return new Promise((resolve) => {
      const headers = { "x-gateway-assertion": lab.assertion("alice") };
      const options = { host: "localhost", port: lab.port, path: "/x", headers, agent: false };
      request({ ...options, ca: read("ca.pem"), ...client }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      })
        .on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
        .end();
    });
  }

  it("comes in; nobody else can even ask", async () => {
    expect(await status({ cert: read("client.pem"), key: read("client.key") })).toBe(200);
    const without = await status({});
    expect(without).not.toBe(200);
    expect(typeof without).toBe("string");
  });

  it("may ask many things at once over one HTTP/2 connection, each judged by itself", async () => {
    const session: ClientHttp2Session = connect(`https://localhost:${String(lab.port)}`, {
      ca: read("ca.pem"),
      cert: read("client.pem"),
      key: read("client.key"),
    });
    const assertion = lab.assertion("bob");
    const ask = (method: string, path: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const stream = session.request({
          ":method": method,
          ":path": path,
          "x-gateway-assertion": assertion,
        });
        stream.on("response", (headers) => resolve(headers[":status"] ?? 0));
        stream.on("error", reject);
        stream.resume();
        stream.end();
      });
    const asked = Array.from({ length: 40 }, (_, i) =>
      ask(i % 4 === 0 ? "DELETE" : "GET", `/h2/${String(i)}`),
    );
    const answers = await Promise.all(asked);
    session.close();
    expect(answers).toEqual(answers.map((_, i) => (i % 4 === 0 ? 403 : 200)));
    const opened = lab
      .events("session.opened")
      .filter(({ data }) => JSON.stringify(data).includes("bob"));
    expect(opened).toHaveLength(1);
  });
});
