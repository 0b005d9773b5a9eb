// What a person meets when a rule holds: told, asked, stopped or sent away. The file system is the
// judge of what ran.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { shortType } from "./lab/events.js";
import { startLab, textOf, type Lab, type LabPerson } from "./lab/lab.js";
import { run, start } from "./lab/program.js";
import { LAB_RULES } from "./lab/rules.js";
import { sshdThere, stopped } from "./lab/sshd.js";
import { KEY, PROMPT, type Terminal } from "./lab/terminal.js";
import { totpCode, wrongCode } from "./lab/totp.js";
import { eventually } from "./lab/wait.js";

let lab: Lab;
const ran = (name: string): boolean => existsSync(lab.inHome(name));

async function open(person: LabPerson = "alice"): Promise<Terminal> {
  const terminal = lab.terminal("via", { person });
  await terminal.ready();
  return terminal;
}

describe.skipIf(!sshdThere)("a rule that holds (needs sshd)", () => {
  beforeAll(async () => {
    lab = await startLab({ rules: LAB_RULES });
  });
  afterAll(() => lab.end());

  describe("in a terminal", () => {
    it("warn: the person is asked whether they mean it, and it runs when they do", async () => {
      const terminal = await open();
      terminal.type("touch warned-1\r");
      await challenged(terminal, "alice");
      expect(terminal.screen()).toContain("Somebody will ask you about this file.");
      expect(ran("warned-1")).toBe(false);
      terminal.type("yes\r");
      await terminal.ready();
      await eventually("the command to have run", () => ran("warned-1"));
      await lab.sidecar.told("command.entered", (data) => data.decision === "warned");
      await lab.sidecar.told("rule.matched", (data) => data.rule?.id === "lab-warn");
      terminal.close();
    });

    it("warn: it is dropped when they do not", async () => {
      const terminal = await open();
      terminal.type("touch warned-2\r");
      await challenged(terminal, "alice");
      terminal.type("no\r");
      await terminal.ready();
      await terminal.runs("touch went-on-2");
      expect(ran("warned-2")).toBe(false);
      expect(ran("went-on-2")).toBe(true);
      terminal.close();
    });

    it("alert: the command runs and the person sees nothing", async () => {
      const terminal = await open();
      await terminal.runs("touch alerted-1");
      expect(ran("alerted-1")).toBe(true);
      expect(terminal.screen()).toBe(`${PROMPT}touch alerted-1\n${PROMPT}`.trimEnd());
      await lab.sidecar.told("command.entered", (data) => data.decision === "alerted");
      await lab.sidecar.told("rule.matched", (data) => data.rule?.id === "lab-alert");
      terminal.close();
    });

    it("block: the command never runs, the person sees why and goes on", async () => {
      mkdirSync(lab.inHome("victim"));
      const terminal = await open();
      terminal.type("rm -rf victim\r");
      await terminal.shows("Removing whole trees is not permitted here.");
      await terminal.ready();
      await terminal.runs("touch went-on");
      expect(ran("victim")).toBe(true);
      expect(ran("went-on")).toBe(true);
      await lab.sidecar.told("action.taken", (data) => data.action === "block");
      terminal.close();
    });

    it("kill: the command never runs, the person sees why, and the session is over", async () => {
      const terminal = await open();
      terminal.type("touch deadly-1\r");
      const { code } = await terminal.exited;
      expect(code).not.toBe(0);
      expect(terminal.received()).toContain("This ends your session.");
      expect(ran("deadly-1")).toBe(false);
      const told = await lab.sidecar.told("command.entered", (data) => data.decision === "killed");
      await eventually("the end of the session to be told", () =>
        lab.sidecar
          .events()
          .some((event) => event.subject === told.subject && shortType(event) === "session.closed"),
      );
    });
  });

  describe("reauth in a terminal", () => {
    it("right code: the screen comes back and the held command runs", async () => {
      const terminal = await open("bob");
      await terminal.runs("echo on the screen before");
      terminal.type("touch guarded-bob\r");
      await challenged(terminal, "bob");
      expect(terminal.screen()).toContain("Show that it is you.");
      expect(terminal.screen()).not.toContain("on the screen before");
      expect(ran("guarded-bob")).toBe(false);
      const code = totpCode(lab.totpSecret("bob"));
      terminal.type(code);
      terminal.type(KEY.enter);
      await terminal.ready();
      await eventually("the held command to have run", () => ran("guarded-bob"));
      expect(terminal.alternate).toBe(false);
      expect(terminal.screen()).toContain("on the screen before");
      expect(terminal.received()).not.toContain(code);
      await lab.sidecar.told("reauth.succeeded", (data) => data.session?.person === "bob");
      await lab.sidecar.told("command.entered", (data) => data.decision === "reauthenticated");
      // Nothing of the answer reached the target: bash knows only the command.
      expect(readFileSync(lab.inHome(".history"), "utf8")).not.toContain(code);
      terminal.close();
    });

    it("the same code is not taken a second time, in any session", async () => {
      const first = await open("carol");
      const code = totpCode(lab.totpSecret("carol"));
      first.type("touch guarded-carol-1\r");
      await challenged(first, "carol");
      first.type(`${code}\r`);
      await first.ready();
      await eventually("the held command to have run", () => ran("guarded-carol-1"));
      const second = await open("carol");
      second.type("touch guarded-carol-2\r");
      await challenged(second, "carol");
      second.type(`${code}\r`);
      await second.until("the refusal", (screen) => /left|again|wrong|already|used/i.test(screen));
      second.type(KEY.ctrlC);
      await second.ready();
      expect(ran("guarded-carol-2")).toBe(false);
      first.close();
      second.close();
    });

    it("wrong codes: after the last attempt the command is dropped", async () => {
      const terminal = await open("dave");
      const wrong = wrongCode(lab.totpSecret("dave"));
      terminal.type("touch guarded-dave\r");
      await challenged(terminal, "dave");
      terminal.type(`${wrong}\r`);
      await terminal.until("the second question", (screen) => /left|again|wrong/i.test(screen));
      terminal.type(`${wrong}\r`);
      await terminal.ready();
      expect(ran("guarded-dave")).toBe(false);
      const failed = await lab.sidecar.told(
        "reauth.failed",
        (data) => data.session?.person === "dave",
      );
      expect(failed.data.factor).toBe("totp");
      await terminal.runs("touch dave-goes-on");
      expect(ran("dave-goes-on")).toBe(true);
      terminal.close();
    });

    it("no answer in time: the command is dropped", async () => {
      const terminal = await open("erin");
      terminal.type("touch hurried-erin\r");
      await challenged(terminal, "erin");
      await terminal.ready();
      expect(ran("hurried-erin")).toBe(false);
      await lab.sidecar.told("reauth.failed", (data) => data.session?.person === "erin");
      terminal.close();
    });

    it("Ctrl-C: the person thinks better of it", async () => {
      const terminal = await open("erin");
      terminal.type("touch guarded-erin\r");
      await challenged(terminal, "erin");
      terminal.type(KEY.ctrlC);
      await terminal.ready();
      expect(ran("guarded-erin")).toBe(false);
      await terminal.runs("touch erin-goes-on");
      expect(ran("erin-goes-on")).toBe(true);
      terminal.close();
    });

    it("grace: who has just proved it is not asked again", async () => {
      const terminal = await open("frank");
      terminal.type("touch graced-1\r");
      await challenged(terminal, "frank");
      terminal.type(`${totpCode(lab.totpSecret("frank"))}\r`);
      await terminal.ready();
      await eventually("the held command to have run", () => ran("graced-1"));
      await terminal.runs("touch graced-2");
      expect(ran("graced-2")).toBe(true);
      const asked = lab.sidecar
        .events()
        .filter(
          (event) =>
            shortType(event) === "reauth.requested" && event.data.session?.person === "frank",
        );
      expect(asked).toHaveLength(1);
      terminal.close();
    });

    it("while it is asked, nothing passes on any channel of the session", async () => {
      const control = ["-o", `ControlPath=${join(lab.folder, "gated")}`];
      const terminal = lab.terminal("via", {
        person: "grace",
        options: ["-o", "ControlMaster=yes", ...control],
      });
      await terminal.ready();
      const sink = lab.inHome("through-the-side");
      const side = start("ssh", [
        ...lab.sshArgs("via", "grace"),
        ...control,
        "via",
        `cat > ${sink}`,
      ]);
      side.stdin?.write("before\n");
      await eventually("the side channel to work", () => content(sink) === "before\n");
      terminal.type("touch guarded-grace\r");
      await challenged(terminal, "grace");
      side.stdin?.write("while asked\n");
      // There is no event for "nothing happens": a full round on another session passes meanwhile.
      expect((await lab.ssh("via", ["true"])).code).toBe(0);
      expect(content(sink)).toBe("before\n");
      terminal.type(`${totpCode(lab.totpSecret("grace"))}\r`);
      await terminal.ready();
      await eventually("the held bytes", () => content(sink) === "before\nwhile asked\n");
      side.stdin?.end();
      await stopped(side);
      terminal.close();
    });
  });

  describe("on an exec", () => {
    it("block: it never starts, stderr says why, stdout stays clean", async () => {
      mkdirSync(lab.inHome("exec-victim"));
      const finished = await lab.ssh("via", ["rm -rf exec-victim"]);
      expect(finished.code).toBe(126);
      expect(finished.stderr).toContain("Removing whole trees is not permitted here.");
      expect(finished.stdout.length).toBe(0);
      expect(ran("exec-victim")).toBe(true);
      const told = await lab.sidecar.told(
        "command.entered",
        (data) => data.source === "exec" && data.decision === "blocked",
      );
      expect(told.data.text).toBe("rm -rf exec-victim");
    });

    it("block: wrappers and substitutions hide nothing", async () => {
      const finished = await lab.ssh("via", [`sh -c "env rm -rf $(echo exec-victim)"; echo over`]);
      expect(finished.code).toBe(126);
      expect(ran("exec-victim")).toBe(true);
    });

    it("reauth: it is refused with an explanation, because there is nobody to ask", async () => {
      const finished = await lab.ssh("via", ["touch guarded-exec"]);
      expect(finished.code).not.toBe(0);
      expect(finished.stderr).toMatch(/^(chaperone: [^\r\n]+\n)+$/);
      expect(finished.stdout.length).toBe(0);
      expect(ran("guarded-exec")).toBe(false);
    });

    it("warn: it runs, and the warning stands on stderr alone", async () => {
      const finished = await lab.ssh("via", ["touch warned-exec; echo payload"]);
      expect(finished.code).toBe(0);
      expect(finished.stdout.toString()).toBe("payload\n");
      expect(finished.stderr).toContain("Somebody will ask you about this file.");
      expect(ran("warned-exec")).toBe(true);
    });

    it("kill: the connection ends with a code other than 0", async () => {
      const finished = await lab.ssh("via", ["touch deadly-exec"]);
      expect(finished.code).not.toBe(0);
      expect(ran("deadly-exec")).toBe(false);
    });

    it("a shell that reads commands from a pipe obeys the same rules", async () => {
      mkdirSync(lab.inHome("piped-victim"));
      const finished = await run("ssh", [...lab.sshArgs("via"), "-T", "via"], {
        stdin: "echo one\nrm -rf piped-victim\necho two\n",
      });
      expect(ran("piped-victim")).toBe(true);
      // A line can not be taken out of a script without changing the rest: the shell ends there.
      expect(finished.code).toBe(126);
      expect(finished.stderr).toContain("Removing whole trees is not permitted here.");
      const harmless = await run("ssh", [...lab.sshArgs("via"), "-T", "via"], {
        stdin: "echo one\necho two\n",
      });
      expect(textOf("ssh", harmless)).toBe("one\ntwo\n");
    });
  });

  it("holds on the embedded target too", async () => {
    mkdirSync(join(lab.embeddedHome, "victim"));
    const terminal = lab.terminal("local");
    await terminal.ready();
    terminal.type("rm -rf victim\r");
    await terminal.shows("Removing whole trees is not permitted here.");
    await terminal.ready();
    expect(existsSync(join(lab.embeddedHome, "victim"))).toBe(true);
    await terminal.runs("id -u > who");
    const uid = readFileSync(join(lab.embeddedHome, "who"), "utf8").trim();
    if (process.getuid?.() === 0) expect(uid).toBe("65534");
    terminal.type("exit 5\r");
    expect((await terminal.exited).code).toBe(5);
  });

  it("gives back all of a large output of the embedded target, and its exit code", async () => {
    const finished = await lab.ssh("local", ["head -c 2000000 /dev/zero | tr '\\0' x; exit 9"]);
    expect(finished.stdout.length).toBe(2_000_000);
    expect(finished.code).toBe(9);
  });

  it("a target that paints a challenge of its own does not know the person's phrase", async () => {
    writeFileSync(lab.inHome("fake"), "Phrase: whatever the target makes up\n");
    const terminal = await open("heidi");
    await terminal.runs("cat fake");
    expect(terminal.received()).not.toContain(lab.phrase("heidi"));
    terminal.close();
  });
});

async function challenged(terminal: Terminal, person: LabPerson): Promise<void> {
  await terminal.shows(lab.phrase(person));
  expect(terminal.alternate).toBe(true);
}

function content(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}
