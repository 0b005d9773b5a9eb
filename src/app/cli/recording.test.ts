import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { channelId, micros, sessionId, wallMicros } from "../../kernel/index.js";
import { createRecordings } from "../../recording/index.js";
import { loadCommands } from "./commands.js";
import { hearConsole } from "./console.testing.js";
import { runProgram } from "./program.js";

let folder = "";
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "chaperone-recording-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function chaperone(...argv: readonly string[]) {
  const console = hearConsole();
  const code = await runProgram(
    { commands: loadCommands, version: "1.2.3", console, env: {} },
    argv,
  );
  return { code, out: console.outText(), err: console.errText() };
}

async function keygen(
  name: string,
): Promise<{ readonly file: string; readonly recipient: string }> {
  const file = join(folder, name);
  const { code, out } = await chaperone("recording", "keygen", "--out", file);
  expect(code).toBe(0);
  return { file, recipient: out.trim() };
}

/** What a session with one command leaves; the recording's path. */
async function recorded(recipient: string, inputRecipient: string): Promise<string> {
  const recordings = createRecordings({
    folder,
    wallOf: () => wallMicros(Date.UTC(2026, 10, 20) * 1_000),
    encryption: { recipients: [recipient], inputRecipients: [inputRecipient] },
    log: { warn: () => undefined },
  });
  const recorder = recordings.open(
    {
      id: sessionId("s-1"),
      protocol: "ssh",
      person: { name: "alice", groups: [], phrase: "green boat", factors: [] },
      account: "root",
      target: { name: "db-1", address: "127.0.0.1:22", labels: {}, embedded: false },
      origin: "192.0.2.1",
      clientVersion: "OpenSSH_9.9",
      authMethods: ["publickey"],
    },
    (fault) => expect(fault).toBe("nothing is lost"),
  );
  let ms = 0;
  const at = () => micros((ms += 50) * 1_000);
  const say = (type: "input" | "output", text: string) =>
    recorder.record(channelId(1), { type, at: at(), bytes: Buffer.from(text) });
  recorder.record(channelId(1), { type: "start", at: at(), columns: 80, rows: 24, term: "xterm" });
  say("output", "$ ");
  for (const key of "whoami") {
    say("input", key);
    say("output", key);
  }
  say("input", "\r");
  say("output", "\r\nroot\r\n$ ");
  recorder.record(channelId(1), { type: "end", at: at() });
  await recordings.flush();
  return join(folder, "2026", "11", "20", "s-1-1.cast.age");
}

/** A request with a body that was typed, and one without; the log's path. */
async function requestsRecorded(recipient?: string, inputRecipient?: string): Promise<string> {
  const encryption =
    recipient === undefined
      ? {}
      : {
          encryption: {
            recipients: [recipient],
            ...(inputRecipient === undefined ? {} : { inputRecipients: [inputRecipient] }),
          },
        };
  const recordings = createRecordings({
    folder,
    wallOf: () => wallMicros(Date.UTC(2026, 10, 20) * 1_000),
    ...encryption,
    log: { warn: () => undefined },
  });
  const recorder = recordings.open(
    {
      id: sessionId("w-1"),
      protocol: "web",
      person: { name: "alice", groups: [], phrase: "green boat", factors: [] },
      account: "root",
      target: { name: "wiki", address: "127.0.0.1:80", labels: {}, embedded: false },
      origin: "192.0.2.1",
      clientVersion: "Firefox",
      authMethods: ["gateway-assertion"],
    },
    (fault) => expect(fault).toBe("nothing is lost"),
  );
  const page = channelId(0);
  recorder.record(page, { type: "start", at: micros(0), columns: 0, rows: 0, term: "" });
  const typed = {
    of: "request",
    type: "text/plain",
    bytes: 5,
    content: { text: "typed", cut: false },
  } as const;
  for (const [number, bodies] of [[typed], []].entries()) {
    const request = {
      number,
      method: "POST",
      protocol: "HTTP/1.1",
      url: `https://wiki.example/pages/${String(number)}`,
      asked: [],
      answered: [],
      outcome: { status: 200, bytes: { toTarget: 5, toPerson: 4 }, durationMs: 3 },
      decision: "allowed",
      rules: [],
      bodies,
    } as const;
    recorder.record(page, { type: "request", at: micros(1_000), request });
  }
  recorder.close();
  await recordings.flush();
  const age = recipient === undefined ? "" : ".age";
  return join(folder, "2026", "11", "20", `w-1-0.web${age}`);
}

describe("chaperone recording har", () => {
  const har = (...argv: readonly string[]) => chaperone("recording", "har", ...argv);
  interface Har {
    readonly log: {
      readonly version: string;
      readonly creator: { readonly version: string };
      readonly entries: readonly { readonly request: Readonly<Record<string, unknown>> }[];
    };
  }
  const read = (path: string): Har => JSON.parse(readFileSync(path, "utf8")) as Har;

  it("writes the requests beside their log, for its owner alone, and over nothing", async () => {
    const file = await requestsRecorded();
    const shown = await har(file);
    expect(shown).toMatchObject({ code: 0, err: "" });
    expect(shown.out).toMatch(/w-1-0\.har: 2 requests/);
    const out = file.replace(/\.web$/, ".har");
    expect(statSync(out).mode & 0o777).toBe(0o600);
    const { log } = read(out);
    expect(log.version).toBe("1.2");
    expect(log.entries.map(({ request }) => request["url"])).toEqual([
      "https://wiki.example/pages/0",
      "https://wiki.example/pages/1",
    ]);
    expect(log.entries[0]?.request).toMatchObject({ postData: { text: "typed" } });
    expect((await har(file)).code).toBe(3);
    expect((await har(file, "--out", file)).code).toBe(2);
    expect((await har()).code).toBe(2);
    expect((await har(join(folder, "nothing.web"))).code).toBe(3);
  });

  it("says what an encrypted log keeps from this key, and when it was cut", async () => {
    const [auditor, officer] = [await keygen("a.key"), await keygen("b.key")];
    const file = await requestsRecorded(auditor.recipient, officer.recipient);
    expect((await har(file)).err).toContain("CHP_RECORDING_ENCRYPTED");
    const out = join(folder, "shown.har");
    const shown = await har(file, "--identity", auditor.file, "--out", out);
    expect(shown.code).toBe(0);
    expect(shown.err).toContain("what was typed is encrypted for others");
    expect(readFileSync(out, "utf8")).not.toContain('typed"');
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.subarray(0, -3));
    const cut = await har(file, "--identity", auditor.file, "--out", join(folder, "cut.har"));
    expect(cut.code).toBe(1);
    expect(cut.err).toContain("CHP_RECORDING_ALTERED");
  });

  it("reads a log whose last line is torn, and says so", async () => {
    const file = await requestsRecorded();
    writeFileSync(file, readFileSync(file).subarray(0, -3));
    const shown = await har(file);
    expect(shown.code).toBe(0);
    expect(shown.out).toContain("1 requests");
    expect(shown.err).toContain("the last line is torn");
  });
});

describe("chaperone recording", () => {
  it("makes a key pair whose private part is for its owner alone, and replaces none", async () => {
    const { file, recipient } = await keygen("a.key");
    expect(recipient).toMatch(/^age1/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const before = readFileSync(file, "utf8");
    expect((await chaperone("recording", "keygen", "--out", file)).code).toBe(3);
    expect(readFileSync(file, "utf8")).toBe(before);
  });

  it("decrypts what the key opens, says what it does not, and writes over nothing", async () => {
    const [auditor, officer] = [await keygen("a.key"), await keygen("b.key")];
    const file = await recorded(auditor.recipient, officer.recipient);
    const decrypt = (...more: readonly string[]) =>
      chaperone("recording", "decrypt", file, "--identity", ...more);
    const shown = await decrypt(auditor.file);
    expect(shown.code).toBe(0);
    expect(shown.err).toContain("what was typed is encrypted for others");
    const cast = file.replace(/\.age$/, "");
    expect(readFileSync(cast, "utf8")).toContain("root");
    expect(readFileSync(cast, "utf8")).not.toContain(', "i", ');
    expect((await decrypt(auditor.file)).code).toBe(3);
    const foreign = await decrypt(officer.file, "--out", join(folder, "x.cast"));
    expect(foreign.code).toBe(3);
    expect(foreign.err).toContain("CHP_RECORDING_ENCRYPTED");

    const bytes = readFileSync(file);
    writeFileSync(file, bytes.subarray(0, -3));
    const cut = await decrypt(auditor.file, "--out", join(folder, "cut.cast"));
    expect(cut.code).toBe(1);
    expect(cut.err).toContain("CHP_RECORDING_ALTERED");
  });

  it("gives a player what it decrypts, and leaves nothing of it on the disk", async () => {
    const [auditor, officer] = [await keygen("a.key"), await keygen("b.key")];
    const both = join(folder, "both.key");
    writeFileSync(both, readFileSync(auditor.file, "utf8") + readFileSync(officer.file, "utf8"));
    const file = await recorded(auditor.recipient, officer.recipient);
    const before = readdirSync(dirname(file));
    const shown = await chaperone("recording", "decrypt", file, "--identity", both, "--out", "-");
    expect(shown).toMatchObject({ code: 0, err: "" });
    expect(readdirSync(dirname(file))).toEqual(before);
    const { code } = await chaperone("recording", "decrypt", file, "--identity", both);
    expect(code).toBe(0);
    expect(`${shown.out}\n`).toBe(readFileSync(file.replace(/\.age$/, ""), "utf8"));
    expect(shown.out).toContain('"i", "w"');
  });

  it("replays an encrypted recording with both keys as one in clear text", async () => {
    const [auditor, officer] = [await keygen("a.key"), await keygen("b.key")];
    const file = await recorded(auditor.recipient, officer.recipient);
    const both = join(folder, "both.key");
    writeFileSync(both, readFileSync(auditor.file, "utf8") + readFileSync(officer.file, "utf8"));
    const config = join(folder, "chaperone.yaml");
    writeFileSync(
      config,
      `apiVersion: chaperone/v1
kind: Sidecar
people: []
targets: [ { name: local, protocol: ssh, shell: { runAs: auto } } ]
rules: []
`,
    );
    const replay = (...more: readonly string[]) =>
      chaperone("replay", "--config", config, ...more, file, file.replace(".cast", ".input.cast"));
    const { code, out } = await replay("--identity", both);
    expect(code).toBe(0);
    expect(out).toContain('"text":"whoami"');
    const without = await replay();
    expect(without.code).toBe(1);
    expect(without.err).toContain("CHP_RECORDING_ENCRYPTED");
  });
});
