import { createCipheriv, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { connect as connectSecurely } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { makeTlsLab, type TlsLab } from "../net/tls-lab.testing.js";
import {
  browseTo,
  comeIn,
  comeInBy,
  type Browser,
  type Talker,
} from "../protocols/guacamole/fake-guacd.testing.js";
import { eventually } from "../runtime/testing/eventually.testing.js";
import { startDesktopLab, type DesktopLab } from "./desktop-lab.testing.js";
import { readFileSync } from "node:fs";

const NO_RULES = `apiVersion: chaperone/v1
kind: RulePack
metadata: { name: none, version: 1.0.0 }
rules: []
`;
const LITE_KEY = "of-guacamole-lite-and-32-bytes-l";

describe("the doors to desktops", () => {
  let lab: DesktopLab;
  let tls: TlsLab;
  const people: Talker[] = [];
  const browsers: Browser[] = [];
  beforeAll(async () => {
    lab = await startDesktopLab({
      rules: NO_RULES,
      prepare(dir) {
        tls = makeTlsLab(dir);
        writeFileSync(`${dir}/lite.key`, LITE_KEY);
      },
      guacdListener: ", tls: { cert: ./server.pem, key: ./server.key, clientCa: ./ca.pem }",
      tunnelListener:
        ", tls: { cert: ./server.pem, key: ./server.key }, guacamoleLite: { key: { file: ./lite.key } }",
      more: "recording: { content: { file: 1KiB } }",
      targets: [
        '{ name: open, protocol: vnc, address: "192.0.2.9", accounts: [ { name: me, passthrough: true } ] }',
      ],
    });
  });
  afterEach(() => {
    for (const { socket } of people.splice(0)) socket.destroy();
    for (const browser of browsers.splice(0)) browser.close();
  });
  afterAll(() => lab.close());

  const pem = (name: string) => readFileSync(tls.file(name));
  function secured(given: Readonly<Record<string, string>>, withCertificate: boolean): Talker {
    const { port = 0 } = lab.sidecar.addresses.guacd ?? {};
    const own = withCertificate ? { cert: pem("client.pem"), key: pem("client.key") } : {};
    const socket = connectSecurely({ host: "127.0.0.1", port, ca: pem("ca.pem"), ...own });
    const talker = comeInBy(socket, given);
    people.push(talker);
    return talker;
  }
  function browse(token: string): Browser {
    const { port = 0 } = lab.sidecar.addresses.guacamole ?? {};
    const address = `wss://127.0.0.1:${port}/tunnel?token=${encodeURIComponent(token)}`;
    const browser = browseTo(address, { ca: pem("ca.pem") });
    browsers.push(browser);
    return browser;
  }

  it("for web applications open to who has a certificate, and to nobody in the clear", async () => {
    const person = secured({ "chaperone-token": await lab.ticket() }, true);
    await eventually(() => person.all("sync").length).toBe(1);
    const stranger = secured({ "chaperone-token": await lab.ticket() }, false);
    await eventually(() => stranger.closed).toBe(true);
    expect(stranger.heard).toEqual([]);
    const plain = comeIn(lab.sidecar.addresses.guacd?.port ?? 0, {});
    people.push(plain);
    await eventually(() => plain.closed).toBe(true);
    expect(plain.heard).toEqual([]);
  });

  it("for browsers is a tunnel in TLS", async () => {
    const browser = browse(lab.sealed());
    await eventually(() => browser.all("sync").length).toBe(1);
  });

  it("let files and clipboards through, and what these held is kept beside the recording", async () => {
    const browser = browse(lab.sealed());
    await eventually(() => browser.all("sync").length).toBe(1);
    const file = "what was sent, ".repeat(100);
    browser.say("file", 1, "text/plain", "notes.txt");
    browser.say("blob", 1, Buffer.from(file).toString("base64"));
    browser.say("end", 1);
    browser.say("clipboard", 2, "text/plain");
    browser.say("blob", 2, Buffer.from("some words é").toString("base64"));
    browser.say("end", 2);
    browser.say("disconnect");
    const kept = () => lab.files().filter((one) => one.includes(".content-"));
    await eventually(() => kept().length).toBe(2);
    await eventually(() => lab.events("file.transferred").length).toBe(1);
    await eventually(() => lab.events("clipboard.transferred").length).toBe(1);
    const [sent] = lab.events("file.transferred");
    const [pasted] = lab.events("clipboard.transferred");
    expect(sent?.data).toMatchObject({ bytes: 1_500, contentBytes: 1_024 });
    expect(pasted?.data).toMatchObject({ bytes: 13, contentBytes: 13 });
    const textOf = (name: unknown): string => {
      const path = kept().find((one) => one.endsWith(`${String(name)}.bin`));
      return path === undefined ? "" : Buffer.from(lab.read(path), "latin1").toString("utf8");
    };
    await eventually(() => textOf(sent?.data["contentFile"])).toBe(file.slice(0, 1_024));
    await eventually(() => textOf(pasted?.data["contentFile"])).toBe("some words é");
  });

  /** As guacamole-lite's README has it. */
  function lite(connection: unknown, key = LITE_KEY): string {
    const iv = randomBytes(16);
    const cipher = createCipheriv("aes-256-cbc", key, iv);
    const value = Buffer.concat([cipher.update(JSON.stringify({ connection })), cipher.final()]);
    const packed = { iv: iv.toString("base64"), value: value.toString("base64") };
    return Buffer.from(JSON.stringify(packed)).toString("base64");
  }

  it("for browsers take guacamole-lite's tokens that hold one of ours, and what it gives to the target", async () => {
    const settings = {
      "chaperone-token": await lab.ticket("open"),
      username: "ann",
      password: "é",
    };
    const browser = browse(lite({ type: "vnc", settings }));
    await eventually(() => browser.all("sync").length).toBe(1);
    expect(lab.guacd.parameters()).toMatchObject({ username: "ann", password: "é" });
    const others = [
      lite({ type: "vnc", settings }),
      lite({ type: "vnc", settings: { username: "ann" } }),
      lite(
        { type: "vnc", settings: { "chaperone-token": await lab.ticket("open") } },
        "x".repeat(32),
      ),
      lite({ type: "rdp", settings: { "chaperone-token": await lab.ticket("open") } }),
      lite("nothing"),
      Buffer.from("{}").toString("base64"),
    ];
    for (const token of others) {
      const other = browse(token);
      await eventually(() => other.closed).toBe(true);
      expect(other.all("sync")).toEqual([]);
      expect(other.all("error")[0]?.[1]).toBe("769");
    }
  });
});
