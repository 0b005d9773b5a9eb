import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { sealToken, type SealedFacts } from "../identity/index.js";
import { Secret } from "../kernel/index.js";
import {
  browseTo,
  comeIn,
  startFakeGuacd,
  type Browser,
  type FakeGuacd,
  type Talker,
  type Voice,
} from "../protocols/guacamole/fake-guacd.testing.js";
import { eventually } from "../runtime/testing/eventually.testing.js";
import { startSidecar, type RunningSidecar } from "./compose.js";
import { parseConfig, thisHost } from "./config/index.js";

const RULES = `apiVersion: chaperone/v1
kind: RulePack
metadata: { name: lab, version: 1.0.0 }
rules:
  - id: no-victim
    name: The victim is not touched
    criticality: high
    match: { command: { exec: rm, args: [/tmp/victim-of-the-lab] } }
    action: block
  - id: sure
    name: Think about it
    criticality: low
    match: { command: { exec: touch } }
    action: warn
  - id: end
    name: The end
    criticality: critical
    match: { command: { exec: mkfs } }
    action: kill
  - id: no-archives
    name: No archives
    criticality: medium
    match: { transfer: { direction: upload, path: "*.zip" } }
    action: block
`;
const TUNNEL_KEY = "0123456789abcdef0123456789abcdef";
const RETURN = 0xff0d;
const PASSWORD = "secret-of-the-target";

interface Told {
  readonly type: string;
  readonly sequence: number;
  readonly data: Readonly<Record<string, unknown>>;
}

describe("a desktop behind guacd", () => {
  let dir = "";
  let sidecar: RunningSidecar | null = null;
  let guacd: FakeGuacd;
  /** Events of earlier tests. */
  let before = 0;
  const people: Talker[] = [];
  const browsers: Browser[] = [];
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "chaperone-desktops-"));
    writeFileSync(join(dir, "rules.yaml"), RULES);
    writeFileSync(join(dir, "password"), PASSWORD);
    writeFileSync(join(dir, "tunnel.key"), TUNNEL_KEY);
    guacd = await startFakeGuacd();
    await start();
  });
  afterEach(async () => {
    for (const { socket } of people.splice(0)) socket.destroy();
    for (const browser of browsers.splice(0)) browser.close();
    const open = () => told("session.opened").length - told("session.closed").length;
    await eventually(open).toBe(0);
    before = allEvents().length;
  });
  afterAll(async () => {
    await sidecar?.stop("tests over", 0);
    await guacd.close();
    rmSync(dir, { recursive: true, force: true });
  });

  async function start(): Promise<void> {
    const text = `apiVersion: chaperone/v1
kind: Sidecar
site: lab
workers: 0
stateDir: ./var
listen:
  ssh: { address: 127.0.0.1, port: 0 }
  guacd: { address: 127.0.0.1, port: 0, target: "127.0.0.1:${guacd.port}", peers: [ { from: [ 127.0.0.2 ], person: alice, target: win-1 } ] }
  guacamole: { address: 127.0.0.1, port: 0, path: /tunnel, tokenKey: { file: ./tunnel.key } }
  admin: { port: 0, tokens: [ { name: ops, role: admin, file: ./admin.token } ] }
people: [ { name: alice, groups: [dba], password: { file: ./password } } ]
targets:
  - name: win-1
    protocol: rdp
    address: 192.0.2.7:13389
    parameters: { security: nla, domain: LAB }
    accounts: [ { name: Administrator, password: { file: ./password } } ]
  - { name: look, protocol: vnc, address: "192.0.2.8", desktop: { readOnly: true, copy: deny }, accounts: [ { name: me, passthrough: true } ] }
  - { name: local, protocol: ssh, shell: { command: [/bin/bash], runAs: auto } }
rules: [ ./rules.yaml ]
events: { file: { path: ./events.ndjson }, sealed: false }
`;
    const config = parseConfig({ text, file: join(dir, "chaperone.yaml"), host: thisHost() });
    if (!config.ok) throw new Error(JSON.stringify(config.error, null, 1));
    const options = { version: "0.0.0", env: {}, log: { level: "silent" } } as const;
    const started = await startSidecar(config.value, options);
    if (!started.ok) throw new Error(JSON.stringify(started.error));
    sidecar = started.value;
  }

  async function api(method: string, path: string, body?: unknown): Promise<unknown> {
    const port = sidecar?.addresses.admin?.port ?? 0;
    const token = readFileSync(join(dir, "admin.token"), "utf8").trim();
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return await answer.json();
  }

  async function ticket(target = "win-1"): Promise<string> {
    const issued = await api("POST", "/v1/session-tokens", { person: "alice", target });
    return (issued as { token: string }).token; // the API's own document says so
  }

  const events = () => allEvents().slice(before);
  function allEvents(): readonly Told[] {
    return readFileSync(join(dir, "events.ndjson"), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const { type, ...rest } = JSON.parse(line) as Told; // written by ourselves
        return { ...rest, type: type.replace(/^io\.chaperone\.|\.v1$/g, "") };
      });
  }
  const told = (type: string) => events().filter((event) => event.type === type);

  function enter(given: Readonly<Record<string, string>>, protocol?: string): Talker {
    const talker = comeIn(sidecar?.addresses.guacd?.port ?? 0, given, protocol);
    people.push(talker);
    return talker;
  }

  /** Opens a session and waits until the desktop is there. */
  async function open(target?: string, protocol?: string): Promise<[Talker, Talker]> {
    const person = enter({ "chaperone-token": await ticket(target) }, protocol);
    await eventually(() => person.all("sync").length).toBeGreaterThan(0);
    const desktop = guacd.connections.at(-1);
    if (desktop === undefined) throw new Error("guacd was not asked");
    return [person, desktop];
  }

  async function sessionOpened(): Promise<string> {
    await eventually(() => told("session.opened").length).toBe(1);
    return (told("session.opened")[0]?.data["session"] as { id: string }).id; // by its schema
  }

  function press(person: Voice, ...keys: readonly number[]): void {
    for (const key of keys) {
      person.say("key", key, 1);
      person.say("key", key, 0);
    }
  }
  const type = (person: Voice, text: string) =>
    press(person, ...Array.from(text, (one) => one.codePointAt(0) ?? 0));
  /** Characters and names of the keys that arrived pressed. */
  const typed = (desktop: Talker) =>
    desktop
      .all("key")
      .filter(([, pressed]) => pressed === "1")
      .map(([key]) => (Number(key) === RETURN ? "<Return>" : String.fromCodePoint(Number(key))))
      .join("");
  /** In the order of the wire: what was said before this was dealt with. */
  async function settled(person: Voice, desktop: Talker): Promise<void> {
    const before = desktop.all("sync").length;
    person.say("sync", 1000);
    await eventually(() => desktop.all("sync").length).toBe(before + 1);
  }

  it("is opened with a one-time token, by parameters that only the sidecar knows", async () => {
    const token = await ticket();
    const person = enter({
      "chaperone-token": token,
      hostname: "198.51.100.1",
      password: "of-the-gateway",
      "initial-program": "cmd.exe",
      "color-depth": "16",
    });
    await eventually(() => person.all("sync").length).toBe(1);
    expect(person.all("args")[0]?.at(-1)).toBe("chaperone-token");
    expect(person.all("ready")[0]?.[0]).not.toContain("guacd-secret-number");
    expect(guacd.parameters()).toMatchObject({
      VERSION_1_5_0: "VERSION_1_5_0",
      hostname: "192.0.2.7",
      port: "13389",
      domain: "LAB",
      username: "Administrator",
      password: PASSWORD,
      width: "1280",
      "color-depth": "16",
      security: "nla",
      "initial-program": "",
    });
    expect(guacd.connections.at(-1)?.all("image")[0]).toEqual(["image/png"]);
    person.say("disconnect");
    await eventually(() => told("session.closed").length).toBe(1);
    expect(told("session.opened")[0]?.data).toMatchObject({
      session: { protocol: "rdp", person: "alice", account: "Administrator", target: "win-1" },
    });
    expect(told("session.closed")[0]?.data["bytes"]).toMatchObject({
      toPerson: expect.any(Number) as number,
    });
    const again = enter({ "chaperone-token": token });
    await eventually(() => again.all("error").length).toBe(1);
    expect(again.all("error")[0]?.[1]).toBe("769");
    expect(told("auth.failed").map(({ data }) => data["reason"])).toEqual(["unknown-token"]);
  });

  it("is opened by nobody who has no token, wants to join, or writes something else", async () => {
    const asked = guacd.connections.length;
    const none = enter({});
    const joining = enter({}, "$2a7b4275-e0e1-41c4-8174-a143435c929e");
    const other = enter({ "chaperone-token": await ticket("win-1") }, "vnc");
    const broken = enter({});
    broken.socket.write("3.key,2.65,1.1;XX");
    for (const one of [none, joining, other, broken]) {
      await eventually(() => one.closed).toBe(true);
      expect(one.all("ready")).toEqual([]);
    }
    expect(joining.all("error")[0]?.[1]).toBe("768");
    expect(guacd.connections.slice(asked).flatMap((one) => one.all("connect"))).toEqual([]);
    await eventually(() => told("auth.failed").length).toBeGreaterThanOrEqual(3);
    expect(told("session.opened")).toEqual([]);
  });

  it("gets no line that a rule forbids, and the person sees why", async () => {
    const [person, desktop] = await open();
    type(person, "echo hello");
    press(person, RETURN);
    await settled(person, desktop);
    expect(typed(desktop)).toBe("echo hello<Return>");
    type(person, "rm /tmp/victim-of-the-lab");
    press(person, RETURN);
    await settled(person, desktop);
    expect(typed(desktop)).toBe("echo hello<Return>rm /tmp/victim-of-the-lab");
    await eventually(() => person.all("img").some((args) => args[2] === "9001")).toBe(true);
    await eventually(() => told("command.entered").length).toBe(2);
    expect(told("command.entered").map(({ data }) => [data["text"], data["decision"]])).toEqual([
      ["echo hello", "allowed"],
      ["rm /tmp/victim-of-the-lab", "blocked"],
    ]);
  });

  it("waits while the person is asked; nothing of the answer reaches it", async () => {
    const [person, desktop] = await open();
    type(person, "touch x");
    press(person, RETURN);
    await eventually(() => person.all("size").some(([layer]) => layer === "9000")).toBe(true);
    type(person, "yes");
    person.say("mouse", 10, 10, 1);
    press(person, RETURN);
    await eventually(() => person.all("dispose").length).toBe(1);
    await settled(person, desktop);
    expect(typed(desktop)).toBe("touch x<Return>");
    expect(desktop.all("mouse")).toEqual([]);
    type(person, "touch y");
    press(person, RETURN);
    await eventually(() => person.all("size").filter(([layer]) => layer === "9000").length).toBe(2);
    desktop.say("size", 0, 640, 480);
    await eventually(() => person.all("size").at(-1)).toEqual(["9000", "640", "480"]);
    type(person, "no");
    press(person, RETURN);
    await eventually(() => person.all("dispose").length).toBeGreaterThanOrEqual(2);
    await settled(person, desktop);
    expect(typed(desktop)).toBe("touch x<Return>touch y");
    expect(told("command.entered").map(({ data }) => data["decision"])).toEqual([
      "warned",
      "aborted",
    ]);
  });

  it("is suspended, told something, and killed by an operator, with the reason on the screen", async () => {
    const [person, desktop] = await open();
    const id = await sessionOpened();
    await api("POST", `/v1/sessions/${id}/message`, { text: "please save your work" });
    await eventually(() => person.all("img").some((args) => args[2] === "9001")).toBe(true);
    await api("POST", `/v1/sessions/${id}/suspend`, { reason: "who are you" });
    await eventually(() => person.all("size").some(([layer]) => layer === "9000")).toBe(true);
    type(person, "unseen");
    person.say("clipboard", 0, "text/plain");
    await settled(person, desktop);
    expect(typed(desktop)).toBe("");
    expect(desktop.all("clipboard")).toEqual([]);
    await api("POST", `/v1/sessions/${id}/resume`, { reason: "all is well" });
    await eventually(() => person.all("dispose").at(-1)).toEqual(["9000"]);
    type(person, "seen");
    await settled(person, desktop);
    expect(typed(desktop)).toBe("seen");
    await api("POST", `/v1/sessions/${id}/kill`, { reason: "enough" });
    await eventually(() => person.closed && desktop.closed).toBe(true);
    expect(person.all("error")).toEqual([["enough", "523"]]);
    expect(desktop.all("disconnect")).toHaveLength(1);
    await eventually(() => told("session.closed").length).toBe(1);
    const numbers = events().flatMap((event) =>
      event.type !== "admin.called" && "session" in event.data ? [event.sequence] : [],
    );
    expect(numbers).toEqual(numbers.map((_, index) => index));
  });

  it("takes and gives what the policy of its target lets pass", async () => {
    const [person, desktop] = await open("look", "vnc");
    expect(guacd.parameters()).toMatchObject({ "read-only": "true", "disable-copy": "true" });
    type(person, "nothing");
    person.say("mouse", 1, 1, 1);
    await settled(person, desktop);
    expect(typed(desktop)).toBe("");
    expect(desktop.all("mouse")).toEqual([]);
    desktop.say("clipboard", 1, "text/plain");
    desktop.say("blob", 1, Buffer.from("of the desktop").toString("base64"));
    desktop.say("end", 1);
    desktop.say("sync", 2000);
    await eventually(() => person.all("sync").at(-1)).toEqual(["2000"]);
    expect(person.all("clipboard")).toEqual([]);
  });

  it("gets files and clipboards that rules let pass, and every one is told", async () => {
    const [person, desktop] = await open();
    const send = (index: number, name: string, content: string): void => {
      person.say("file", index, "application/octet-stream", name);
      person.say("blob", index, Buffer.from(content).toString("base64"));
      person.say("end", index);
    };
    send(1, "notes.txt", "hello");
    send(2, "tools.zip", "PK");
    person.say("clipboard", 3, "text/plain");
    person.say("blob", 3, Buffer.from("pasted é").toString("base64"));
    person.say("end", 3);
    await settled(person, desktop);
    expect(desktop.all("file").map((args) => args[2])).toEqual(["notes.txt"]);
    expect(desktop.all("clipboard")).toHaveLength(1);
    expect(person.all("ack").find(([stream]) => stream === "2")?.[2]).toBe("771");
    await eventually(() => told("clipboard.transferred").length).toBe(1);
    const files = told("file.transferred").map(({ data }) => [data["path"], data["outcome"]]);
    expect(files).toEqual([
      ["notes.txt", "passed"],
      ["tools.zip", "blocked"],
    ]);
    expect(told("clipboard.transferred")[0]?.data).toMatchObject({
      direction: "upload",
      bytes: 9,
      outcome: "passed",
    });
    expect(JSON.stringify(events())).not.toContain("pasted");
  });

  it("is recorded as guacd would, and no secret is in any file", async () => {
    const [person, desktop] = await open();
    desktop.say("rect", 0, 0, 0, 10, 10);
    desktop.say("cfill", 14, 0, 255, 0, 0, 255);
    desktop.say("sync", 3000);
    await eventually(() => person.all("sync").at(-1)).toEqual(["3000"]);
    person.say("clipboard", 0, "text/plain");
    person.say("blob", 0, Buffer.from("clip-content").toString("base64"));
    person.say("end", 0);
    type(person, "whoami");
    press(person, RETURN);
    await settled(person, desktop);
    person.say("disconnect");
    await eventually(() => told("session.closed").length).toBe(1);
    const id = await sessionOpened();
    const files = () =>
      readdirSync(dir, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    const dump = () => {
      const file = files().find((one) => one.name === `${id}-0.guac`);
      return file === undefined ? "" : readFileSync(join(file.parentPath, file.name), "utf8");
    };
    await eventually(dump).toContain("3.key,");
    const text = dump();
    expect(text).toContain("4.size,1.0,4.1024,3.768;");
    expect(text).toContain("5.cfill,2.14,1.0,3.255,1.0,1.0,3.255;4.sync,4.3000;");
    expect(text).toMatch(/3\.key,3\.119,1\.1,\d+\.\d+;/);
    expect(text).not.toContain("9.clipboard");
    const secrets = [PASSWORD, "clip-content", Buffer.from("clip-content").toString("base64")];
    for (const one of files()) {
      if (one.name === "password") continue;
      const content = readFileSync(join(one.parentPath, one.name), "latin1");
      for (const secret of secrets) expect(content.includes(secret), one.name).toBe(false);
    }
  });

  it("ends with its guacd, and with whoever breaks the protocol in the middle", async () => {
    const [person, desktop] = await open();
    desktop.socket.destroy();
    await eventually(() => person.closed).toBe(true);
    const [rogue, other] = await open();
    rogue.socket.write("3.key,4. 65x,1.1;");
    await eventually(() => rogue.closed && other.closed).toBe(true);
    expect(other.all("key")).toEqual([]);
    expect(rogue.all("error")[0]?.[1]).toBe("523");
    await eventually(() => told("session.closed").length).toBe(2);
    expect(told("action.taken").map(({ data }) => String(data["reason"]))).toEqual([
      expect.stringContaining("CHP_GUACAMOLE_ARGUMENT"),
    ]);
  });

  /** A browser: the protocol in a WebSocket, the token in its address. */
  function browse(token: string): Browser {
    const port = sidecar?.addresses.guacamole?.port ?? 0;
    const address = `ws://127.0.0.1:${port}/tunnel?token=${token}&width=1000&height=700&image=image/png`;
    const talker = browseTo(address);
    browsers.push(talker);
    return talker;
  }
  const sealed = (more: Partial<SealedFacts> = {}) => {
    const iat = Math.floor(Date.now() / 1_000);
    const facts = { person: "alice", target: "win-1", iat, exp: iat + 60, ...more };
    return sealToken(facts, new Secret(Buffer.from(TUNNEL_KEY)));
  };

  it("is reached without a token from an address that is one person's, and from no other", async () => {
    const port = sidecar?.addresses.guacd?.port ?? 0;
    const listed = comeIn(port, {}, "rdp", "127.0.0.2");
    const other = comeIn(port, {}, "rdp", "127.0.0.3");
    const named = comeIn(port, { "chaperone-token": "chp-peer" }, "rdp", "127.0.0.3");
    people.push(listed, other, named);
    await eventually(() => listed.all("sync").length).toBe(1);
    await eventually(() => other.closed && named.closed).toBe(true);
    expect(told("session.opened").map(({ data }) => data["session"])).toMatchObject([
      { person: "alice", origin: "127.0.0.2" },
    ]);
    const tunnel = browse("chp-peer");
    await eventually(() => tunnel.closed).toBe(true);
    expect(tunnel.all("error")[0]?.[1]).toBe("769");
  });

  it("is reached by a browser with a token that its gateway has sealed, once", async () => {
    const token = sealed({ context: { ticket: "T-7" } });
    const browser = browse(token);
    await eventually(() => browser.all("sync").length).toBe(1);
    expect(browser.heard[0]?.opcode).toBe("");
    expect(guacd.parameters()).toMatchObject({ width: "1000", username: "Administrator" });
    browser.say("", "ping", "5");
    await eventually(() => browser.all("").at(-1)).toEqual(["ping", "5"]);
    const desktop = guacd.connections.at(-1);
    if (desktop === undefined) throw new Error("guacd was not asked");
    type(browser, "rm /tmp/victim-of-the-lab");
    press(browser, RETURN);
    await settled(browser, desktop);
    expect(typed(desktop)).toBe("rm /tmp/victim-of-the-lab");
    expect(told("session.opened")[0]?.data).toMatchObject({ context: { ticket: "T-7" } });
    for (const bad of [token, sealed({ person: "", target: "win-1" }), "", "chp-x"]) {
      const other = browse(bad);
      await eventually(() => other.closed).toBe(true);
      expect(other.all("error")[0]?.[1]).toBe("769");
    }
  });

  it("is reached through guacamole-lite, as the example shows", async () => {
    const example = fileURLToPath(
      new URL("../../examples/guacamole-lite/front.mjs", import.meta.url),
    );
    const { admin, guacd: listener } = sidecar?.addresses ?? {};
    const front = spawn(process.execPath, [example, "alice", "win-1"], {
      env: {
        PATH: process.env["PATH"],
        CHAPERONE_URL: `http://127.0.0.1:${admin?.port ?? 0}`,
        CHAPERONE_TOKEN_FILE: join(dir, "admin.token"),
        CHAPERONE_GUACD: `127.0.0.1:${listener?.port ?? 0}`,
        FRONT_PORT: "0",
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      let said = "";
      front.stdout.on("data", (bytes: Buffer) => (said += bytes.toString()));
      await eventually(() => said).toContain("ws://");
      const browser = browseTo(said.trim());
      browsers.push(browser);
      await eventually(() => browser.all("sync").length).toBe(1);
      browser.say("", "ping", "5");
      await eventually(() => browser.all("").some(([what]) => what === "ping")).toBe(true);
      expect(told("session.opened")[0]?.data).toMatchObject({ session: { person: "alice" } });
      const forged = browseTo(`${said.trim().split("?")[0] ?? ""}?token=bm9uc2Vuc2U=`);
      await eventually(() => forged.closed).toBe(true);
      expect(front.exitCode).toBeNull();
    } finally {
      front.kill("SIGKILL");
    }
  });

  it("is slow for a person who does not read, and never piles up in between", async () => {
    const [person, desktop] = await open();
    person.socket.pause();
    const picture = "A".repeat(8_000);
    let taken = 0;
    const wire = desktop.socket;
    wire.write("3.img,1.1,2.14,1.0,9.image/png,1.0,1.0;");
    while (taken < 64 * 1024 * 1024 && wire.writableLength < 4 * 1024 * 1024) {
      wire.write(`4.blob,1.1,8000.${picture};`);
      taken += picture.length;
      if (taken % 80_000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    // What the kernel's buffers and ours hold; the rest never left guacd.
    expect(wire.writableLength).toBeGreaterThanOrEqual(4 * 1024 * 1024);
    person.socket.resume();
    desktop.say("end", 1);
    desktop.say("sync", 9000);
    await eventually(() => person.all("sync").at(-1)).toEqual(["9000"]);
    expect(person.all("blob").length).toBe(taken / picture.length);
  });

  it("answers the pings of browsers, and forgets what no rule knows", async () => {
    const [person, desktop] = await open();
    person.say("", "ping", "17");
    person.say("usbconnect", "1", "2");
    await eventually(() => person.all("")).toEqual([["ping", "17"]]);
    await settled(person, desktop);
    expect(desktop.heard.map((one) => one.opcode)).not.toContain("usbconnect");
    expect(desktop.heard.map((one) => one.opcode)).not.toContain("");
  });
});
