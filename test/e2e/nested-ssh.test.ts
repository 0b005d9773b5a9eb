// From the target on to a second one, with ssh inside of the session: by key and by password, with a
// command, with a shell, and from there to another account and back. The second target's own history
// file says what its shell ran, the file systems of both say what happened.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { seed } from "../../src/testing/seed.js";
import { shortType, type EventFields } from "./lab/events.js";
import { startLab, type Lab } from "./lab/lab.js";
import {
  accountsThere,
  makeAccount,
  startPasswordSshd,
  type PasswordSshd,
  type TestAccount,
} from "./lab/password-sshd.js";
import { programThere } from "./lab/program.js";
import { LAB_RULES } from "./lab/rules.js";
import { sshdThere, startSshd, type Sshd } from "./lab/sshd.js";
import { KEY, PROMPT, type Terminal } from "./lab/terminal.js";
import { eventually } from "./lab/wait.js";

/** The prompt of the second target's shell. */
const THERE = "there$ ";
const BLOCKED = "Removing whole trees is not permitted here.";
const SECRET = `n3sted-${String(seed)}-secret`;

let lab: Lab;
let second: Sshd;
let terminal: Terminal;

describe.skipIf(!sshdThere)("ssh inside of a session (needs sshd)", () => {
  beforeAll(async () => {
    lab = await startLab({ rules: LAB_RULES });
    second = await startSshd(join(lab.folder, "second"));
    for (const name of [".bashrc", ".bash_profile"]) {
      const file = join(second.home, name);
      writeFileSync(file, readFileSync(file, "utf8").replace("'ready$ '", `'${THERE}'`));
    }
    writeFileSync(
      lab.inHome("there.conf"),
      `Host there
  HostName 127.0.0.1
  Port ${String(second.port)}
  User ${second.account}
  IdentityFile ${second.keyFile}
  IdentitiesOnly yes
Host *
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  LogLevel ERROR
`,
    );
  });
  afterAll(async () => {
    // Only what was started before a failure is there to be stopped.
    await (second as Sshd | undefined)?.stop();
    await lab.end();
  });
  beforeEach(async () => {
    for (const home of [lab.inHome(""), second.home]) {
      mkdirSync(join(home, "victim"), { recursive: true });
      writeFileSync(join(home, "victim", "precious"), "precious");
    }
    terminal = lab.terminal("via");
    await terminal.ready();
  });
  afterEach(() => {
    terminal.close();
    for (const home of [lab.inHome(""), second.home])
      expect(readFileSync(join(home, "victim", "precious"), "utf8")).toBe("precious");
  });

  it("knows each command exactly there, in a shell started there, and back again", async () => {
    await terminal.runs("echo here before");
    await goesThere("ssh -F there.conf there");
    await runsThere("echo first there");
    await runsThere("echo second there");
    // From the history of a shell that the sidecar has not seen start.
    terminal.type(KEY.up.repeat(2));
    await terminal.until("the recalled line", () => terminal.line() === `${THERE}echo first there`);
    terminal.type(" again");
    await terminal.until("the longer line", () => terminal.line().endsWith(" again"));
    terminal.type(KEY.enter);
    await isThere();
    // Ctrl-C is seen to interrupt there: a line that is blocked can be dropped.
    terminal.type(KEY.ctrlC);
    await terminal.until("another prompt", () =>
      terminal.screen().endsWith(`^C\n${THERE}`.trimEnd()),
    );
    await isThere();
    await isBlocked("rm -rf victim");
    await isThere();
    await isBlocked("cd / && cd - && rm -fr ./victim");
    await isThere();
    terminal.type("exit\r");
    await terminal.ready();
    await terminal.runs("echo here after");
    await isBlocked("rm -rf victim");

    const told = await toldWith("echo here after");
    const ran = secondHistory();
    expect(ran).toEqual(
      expect.arrayContaining(["echo first there", "echo second there", "echo first there again"]),
    );
    expect(ran.filter((line) => line.includes("rm"))).toEqual([]);
    const texts = told.map(({ text }) => text);
    for (const line of ran) expect(texts).toContain(line);
    const inOrder = [
      "echo here before",
      "ssh -F there.conf there",
      "echo first there",
      "echo second there",
      "echo first there again",
      "exit",
      "echo here after",
    ];
    expect(texts.filter((text) => inOrder.includes(text ?? ""))).toEqual(inOrder);
    expect(falselyCertain(told, [...inOrder, ...ran])).toEqual([]);
  });

  it("judges a command that ssh carries, and the shell that a command starts", async () => {
    await isBlocked("ssh -F there.conf there rm -rf victim");
    await terminal.ready();
    await terminal.runs("ssh -F there.conf there 'echo carried > carried'");
    expect(readFileSync(join(second.home, "carried"), "utf8")).toBe("carried\n");
    await goesThere("ssh -F there.conf -t there bash");
    await runsThere("echo started > started");
    expect(readFileSync(join(second.home, "started"), "utf8")).toBe("started\n");
    terminal.type("exit\r");
    await terminal.ready();
    await terminal.runs("echo out again");
    await goesThere("ssh -F there.conf -t there bash");
    await isBlocked("rm -rf victim");
    const texts = (await toldWith("rm -rf victim")).map(({ text }) => text);
    expect(texts).toEqual(
      expect.arrayContaining([
        "ssh -F there.conf there 'echo carried > carried'",
        "echo started > started",
      ]),
    );
  });

  it.skipIf(userInfo().uid !== 0 || !programThere("su"))(
    "follows to another account there (needs root and su)",
    async () => {
      await goesThere("ssh -F there.conf there");
      terminal.type("su -m -s /bin/bash\r");
      await suStands(1);
      await runsThere("echo as another > another");
      await runsThere("exit");
      await runsThere("echo left > left");
      terminal.type("exit\r");
      await terminal.ready();
      await terminal.runs("echo home again");
      const texts = (await toldWith("echo home again")).map(({ text }) => text);
      for (const line of ["su -m -s /bin/bash", "echo as another > another", "echo left > left"])
        expect(texts).toContain(line);
      expect(existsSync(join(second.home, "another"))).toBe(true);
      await goesThere("ssh -F there.conf there");
      terminal.type("su -m -s /bin/bash\r");
      await suStands(2);
      await isBlocked("rm -rf victim");
    },
  );

  describe.skipIf(!accountsThere)("by password (needs root, useradd and PAM)", () => {
    let account: TestAccount;
    let asking: PasswordSshd;
    beforeAll(async () => {
      account = await makeAccount(SECRET);
      asking = await startPasswordSshd(join(lab.folder, "asking"), "password");
    });
    afterAll(async () => {
      await (asking as PasswordSshd | undefined)?.stop();
      await (account as TestAccount | undefined)?.remove();
    });

    it("leaves no trace of the password, and knows what is typed behind it", async () => {
      const port = String(asking.port);
      terminal.type(`ssh -F there.conf -p ${port} ${account.name}@127.0.0.1\r`);
      await terminal.until("the question", () => terminal.line().endsWith("password: "));
      terminal.type(`wrong-${SECRET}\r`);
      await terminal.until(
        "the question again",
        () =>
          terminal.line().endsWith("password: ") && terminal.screen().includes("Permission denied"),
      );
      for (const key of SECRET) terminal.type(key);
      terminal.type(KEY.enter);
      await terminal.until("a prompt of sh", () => /^\$ $/.test(terminal.line()));
      terminal.type("echo in by word\r");
      await terminal.until(
        "the answer",
        () => terminal.line() === "$ " && /^in by word$/m.test(terminal.screen()),
      );
      terminal.type("exit\r");
      await terminal.ready();
      await terminal.runs("echo out of there");
      const texts = (await toldWith("echo out of there")).map(({ text }) => text);
      expect(texts).toContain("echo in by word");
      await lab.sidecar.stop();
      const files = filesBelow(lab.stateDir);
      const holding = (needle: string): readonly string[] =>
        files.filter((file) => readFileSync(file).includes(needle));
      expect(holding("echo in by word"), "the search finds what is there").not.toEqual([]);
      for (const form of [SECRET, Buffer.from(SECRET).toString("base64")])
        expect(holding(form)).toEqual([]);
      expect(lab.sidecar.printed()).not.toContain(SECRET);
    });
  });
});

function isThere(): Promise<void> {
  return terminal.until("the prompt there", () => terminal.line() === THERE);
}

/** Types the line that leads to the second target, and waits for its prompt. */
async function goesThere(line: string): Promise<void> {
  terminal.type(line);
  await terminal.until("the line", () => terminal.line() === PROMPT + line);
  terminal.type(KEY.enter);
  await isThere();
}

async function runsThere(line: string): Promise<void> {
  terminal.type(line);
  await terminal.until("the line", () => terminal.line() === THERE + line);
  terminal.type(KEY.enter);
  await isThere();
}

/** The prompt comes again behind the line that starts su. */
function suStands(times: number): Promise<void> {
  return terminal.until("the shell of su", () => {
    const behind = terminal.screen().split("su -m -s /bin/bash");
    return (
      terminal.line() === THERE &&
      behind.length > times &&
      behind.at(-1)?.includes(THERE.trim()) === true
    );
  });
}

/** The person is told why; where the line can not be dropped for certain, the terminal is closed. */
async function isBlocked(line: string): Promise<void> {
  const times = (): number => terminal.received().split(BLOCKED).length;
  const before = times();
  terminal.type(`${line}\r`);
  await terminal.until("the reason", () => times() > before);
  await eventually("the blocked command to be told", () =>
    sessionCommands().some(({ decision, text }) => decision === "blocked" && text === line),
  );
}

function secondHistory(): readonly string[] {
  return readFileSync(join(second.home, ".history"), "utf8").split("\n").slice(0, -1);
}

/** Facts about the commands of the newest session. */
function sessionCommands(): readonly EventFields[] {
  const events = lab.sidecar.events();
  const newest = events.filter((event) => shortType(event) === "session.opened").at(-1)?.subject;
  return events
    .filter((event) => event.subject === newest && shortType(event) === "command.entered")
    .map(({ data }) => data);
}

function toldWith(last: string): Promise<readonly EventFields[]> {
  return eventually(
    `${JSON.stringify(last)} to be told`,
    () => sessionCommands().some(({ text }) => text === last) && sessionCommands(),
    { instead: () => JSON.stringify(sessionCommands(), null, 1) },
  );
}

/** What was told as a command for certain, ran according to us, and did not run. */
function falselyCertain(told: readonly EventFields[], ran: readonly string[]): readonly string[] {
  return told
    .filter(({ decision, confidence }) => decision !== "blocked" && (confidence ?? 0) >= 0.9)
    .flatMap(({ text = "" }) => (ran.includes(text) ? [] : [text]));
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => statSync(path).isFile());
}
