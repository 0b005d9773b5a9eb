import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { EventDraft } from "../events/index.js";
import { decodeUtf8 } from "../kernel/index.js";
import { openBashLab, type BashLab, type BashLabOptions } from "./bash-lab.testing.js";

/** The event comes before what it tells. */
const WAIT = { timeout: 15_000 };

const labs: BashLab[] = [];
afterEach(() => {
  for (const lab of labs.splice(0)) lab.close();
});

async function open(options: BashLabOptions = {}): Promise<BashLab> {
  const lab = await openBashLab(options);
  labs.push(lab);
  return lab;
}

const commands = (lab: BashLab): (readonly [string | undefined, string])[] =>
  lab.events.flatMap((event) =>
    event.type === "command.entered" ? [[event.data.text, event.data.decision] as const] : [],
  );

const isCommand =
  (decision: string) =>
  (event: EventDraft): boolean =>
    event.type === "command.entered" && event.data.decision === decision;

function precious(lab: BashLab): string {
  const folder = join(lab.home, "precious");
  mkdirSync(folder);
  return folder;
}

describe.each([{ cut: false }, { cut: true }])("a person at bash (bytes cut: $cut)", ({ cut }) => {
  it("works normally, and every command is told as bash ran it", async () => {
    const lab = await open({ cut });
    await lab.typeAndSee("echo one; echo t'w'o\r", "two");
    await lab.prompt();
    await lab.typeAndSee("pwd\r", lab.home);
    await lab.prompt();
    expect(commands(lab)).toEqual([
      ["echo one; echo t'w'o", "allowed"],
      ["pwd", "allowed"],
    ]);
    expect(lab.ran()).toEqual(["echo one; echo t'w'o", "pwd"]);
  });

  it("sees a forbidden command stopped before it runs, and types on", async () => {
    const lab = await open({ cut });
    const folder = precious(lab);
    await lab.typeAndSee("rm -rf precious\r", "Recursive delete is not permitted here. [lab-rm]");
    await lab.seeEvent(isCommand("blocked"));
    await lab.prompt();
    await lab.typeAndSee("echo still here\r", "\nstill here");
    expect(existsSync(folder)).toBe(true);
    expect(commands(lab)).toEqual([
      ["rm -rf precious", "blocked"],
      ["echo still here", "allowed"],
    ]);
    expect(lab.sentToTarget()).not.toContain("precious\r");
  });

  it.each([
    ["Ctrl-J", "rm -rf precious\n"],
    ["Ctrl-O", "rm -rf precious\x0f"],
    ["keypad Enter", "rm -rf precious\x1bOM"],
    ["cursor keys", "rf precious\x01rm -\r"],
    ["a word deleted and yanked", "precious rm -rf \x01\x0b\x15\x19\x01\x1bd\x05\x19\r"],
    ["erased letters", "rmm\x7f -rff\x7f preciousss\x7f\x7f\r"],
    ["completion", "rm -rf prec\t\r"],
    ["a quoted letter", "r\x16m -rf precious\r"],
    ["transposed letters", "mr\x14 -rf precious\r"],
    ["several commands", "cd /tmp; cd -; rm -rf precious\r"],
    ["sudo and quotes", "command 'r'm -r -f precious\r"],
    ["upper case lowered", "RM -RF precious\x01\x1bl\x1bl\r"],
  ])("can not run it by %s", async (_way, keys) => {
    const lab = await open({ cut });
    const folder = precious(lab);
    lab.type(keys);
    await lab.seeEvent(isCommand("blocked"));
    await lab.prompt();
    await lab.typeAndSee("echo done\r", "\ndone");
    expect(existsSync(folder)).toBe(true);
  });

  it("can not run it by recalling it from the history", async () => {
    const lab = await open({ cut });
    const folder = precious(lab);
    await lab.typeAndSee("echo rm -rf precious\r", "\nrm -rf precious");
    await lab.prompt();
    lab.type("\x1b[A\x01\x1bd\x04\r");
    await lab.seeEvent(isCommand("blocked"));
    await lab.prompt();
    lab.type("\x12rm -rf\x01\x1bd\r");
    await lab.seeEvent(
      (event) => isCommand("blocked")(event) && event !== lab.events.find(isCommand("blocked")),
    );
    expect(existsSync(folder)).toBe(true);
  });

  it("pastes several lines, and each is judged by itself", async () => {
    const lab = await open({ cut });
    const folder = precious(lab);
    lab.type("echo first\rrm -rf precious\recho third\r");
    await lab.seeEvent(isCommand("blocked"));
    await lab.prompt();
    await lab.typeAndSee("echo typed on\r", "\ntyped on");
    expect(existsSync(folder)).toBe(true);
    expect(commands(lab).slice(0, 2)).toEqual([
      ["echo first", "allowed"],
      ["rm -rf precious", "blocked"],
    ]);
  });

  it("pastes in brackets, and the block is judged before it runs", async () => {
    const lab = await open({ cut });
    const folder = precious(lab);
    lab.type("\x1b[200~echo first\nrm -rf precious\necho third\x1b[201~\r");
    await lab.seeEvent(isCommand("blocked"));
    await lab.prompt();
    expect(existsSync(folder)).toBe(true);
  });

  it("types ahead while a command runs, and is judged all the same", async () => {
    const lab = await open({ cut });
    const folder = precious(lab);
    lab.type("sleep 0.4\rrm -rf precious\r");
    await lab.seeEvent(isCommand("blocked"));
    await lab.prompt();
    await lab.typeAndSee("echo typed on\r", "\ntyped on");
    expect(existsSync(folder)).toBe(true);
  });

  it("writes a command over several lines, and it is told as one", async () => {
    const lab = await open({ cut });
    lab.type("echo 'a\r");
    await lab.see(">");
    await lab.typeAndSee("b'\r", "\nb");
    await lab.prompt();
    expect(commands(lab)).toEqual([["echo 'a\nb'", "allowed"]]);
  });

  it("presses Ctrl-C and types on in the same breath", async () => {
    const lab = await open({ cut });
    const folder = precious(lab);
    lab.type("echo nothing\x03xrm -rf precious\x03rm -rf precious\r");
    await lab.seeEvent(isCommand("blocked"));
    await lab.prompt();
    expect(existsSync(folder)).toBe(true);
    expect(commands(lab)).toEqual([["rm -rf precious", "blocked"]]);
  });

  it("may write forbidden words into a here-document", async () => {
    const lab = await open({ cut });
    lab.type("cat > note <<EOF\r");
    await lab.see(">");
    lab.type("rm -rf precious\r");
    lab.type("EOF\r");
    await lab.seeEvent(isCommand("allowed"));
    await lab.prompt();
    expect(commands(lab)).toEqual([["cat > note <<EOF\nrm -rf precious\nEOF", "allowed"]]);
  });
});

describe("a person who is asked to prove who they are", () => {
  it("goes on after the code: the command runs and the screen is as before", async () => {
    const lab = await open();
    await lab.typeAndSee("echo before\r", "\nbefore");
    await lab.prompt();
    await lab.typeAndSee("touch secret\r", "Verification code");
    expect(lab.screen()).toContain("blue heron");
    expect(lab.screen()).not.toContain("before");
    expect(existsSync(join(lab.home, "secret"))).toBe(false);
    lab.type("123456\r");
    await lab.seeEvent(isCommand("reauthenticated"));
    await lab.prompt();
    expect(lab.screen()).toContain("before");
    expect(lab.screen()).not.toContain("Verification");
    expect(existsSync(join(lab.home, "secret"))).toBe(true);
    expect(lab.sentToTarget()).not.toContain("123456");
    expect(lab.sentToTarget()).not.toContain("heron");
  });

  it("is told when the code was wrong, and the command is dropped after the last attempt", async () => {
    const lab = await open({ stepUp: { attempts: 2 } });
    await lab.typeAndSee("touch secret\r", "Verification code");
    await lab.typeAndSee("000000\r", "1 attempt left");
    lab.type("000000\r");
    await lab.seeEvent(isCommand("unanswered"));
    await lab.prompt();
    expect(existsSync(join(lab.home, "secret"))).toBe(false);
    expect(lab.events.map((event) => event.type)).toContain("reauth.failed");
  });

  it("may give up with Ctrl-C and type on", async () => {
    const lab = await open();
    await lab.typeAndSee("touch secret\r", "Verification code");
    lab.type("\x03");
    await lab.seeEvent(isCommand("unanswered"));
    await lab.prompt();
    await lab.typeAndSee("echo on\r", "\non");
    expect(existsSync(join(lab.home, "secret"))).toBe(false);
  });

  it("is not waited for longer than the rule allows", async () => {
    const lab = await open({ stepUp: { timeoutMs: 100, onTimeout: "kill" } });
    lab.type("touch secret\r");
    await lab.seeEvent(isCommand("killed"));
    expect(lab.closed()).not.toBeNull();
    expect(existsSync(join(lab.home, "secret"))).toBe(false);
  });

  it("is not asked again while the grace lasts", async () => {
    const lab = await open();
    await lab.typeAndSee("touch secret1\r", "Verification code");
    lab.type("123456\r");
    await lab.seeEvent(isCommand("reauthenticated"));
    await lab.prompt();
    lab.type("touch secret2\r");
    await lab.seeEvent(
      (event) => event.type === "command.entered" && event.data.text === "touch secret2",
    );
    await expect.poll(() => existsSync(join(lab.home, "secret2")), { timeout: 15_000 }).toBe(true);
    expect(lab.events.filter((event) => event.type === "reauth.requested")).toHaveLength(1);
  });
});

describe("other actions", () => {
  it("warns: the person decides", async () => {
    const lab = await open();
    await lab.typeAndSee("touch warn1\r", "are you sure");
    lab.type("no\r");
    await lab.seeEvent(isCommand("aborted"));
    await lab.prompt();
    await lab.typeAndSee("touch warn2\r", "are you sure");
    lab.type("yes\r");
    await lab.seeEvent(isCommand("warned"));
    await lab.prompt();
    expect(existsSync(join(lab.home, "warn1"))).toBe(false);
    expect(existsSync(join(lab.home, "warn2"))).toBe(true);
  });

  it("alerts and lets the command run", async () => {
    const lab = await open();
    lab.type("touch alert1\r");
    await lab.seeEvent(isCommand("alerted"));
    await expect.poll(() => existsSync(join(lab.home, "alert1")), WAIT).toBe(true);
  });

  it("kills: the reason is shown and nothing runs", async () => {
    const lab = await open();
    await lab.typeAndSee("touch kill1\r", "Chaperone ends this session");
    expect(lab.closed()).not.toBeNull();
    expect(existsSync(join(lab.home, "kill1"))).toBe(false);
  });
});

describe("what is typed while the echo is off", () => {
  it("is in no event and in no recording", async () => {
    const lab = await open();
    await lab.typeAndSee("read -s -p 'Password: ' pw; echo; echo ok\r", "Password:");
    lab.type("hunter2-topsecret\r");
    await lab.see("\nok");
    await lab.prompt();
    lab.close();
    labs.splice(labs.indexOf(lab), 1);
    const told = JSON.stringify(lab.events);
    const recorded = lab.records
      .flatMap((entry) => ("bytes" in entry ? [decodeUtf8(entry.bytes)] : []))
      .join("");
    expect(told).not.toContain("hunter2");
    expect(recorded).not.toMatch(/hun|top|sec(?!ret_)/);
  });

  it("is judged all the same when it is a command", async () => {
    const lab = await open();
    const folder = precious(lab);
    lab.type("stty -echo\r");
    await lab.seeEvent(
      (event) => event.type === "command.entered" && event.data.text === "stty -echo",
    );
    lab.type("rm -rf precious\r");
    await lab.seeEvent(isCommand("blocked"));
    expect(existsSync(folder)).toBe(true);
  });
});

describe("a shell in which Ctrl-C has another meaning", () => {
  it("is closed instead of being sent one", async () => {
    const lab = await open({ files: { keys: `bind '"\\C-c": accept-line'\n` } });
    const folder = precious(lab);
    lab.type("stty intr undef; . ./keys\r");
    await lab.seeEvent((event) => event.type === "command.entered");
    await lab.prompt();
    lab.type("rm -rf precious\r");
    await lab.seeEvent(isCommand("blocked"));
    await expect.poll(() => lab.channelExit()).toBe(126);
    expect(existsSync(folder)).toBe(true);
    expect(lab.sentToTarget()).not.toContain("\x03");
  });
});
