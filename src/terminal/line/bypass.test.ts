import { describe, expect, it } from "vitest";
import { typeAtBash, type TypingAtBash, type TypingOptions } from "./typing-at-bash.testing.js";

/** The bypass corpus: ways to make a shell run what the monitor did not read. Numbers are the corpus's. */
async function atBash(
  options: TypingOptions,
  use: (bash: TypingAtBash) => Promise<void>,
): Promise<void> {
  const bash = await typeAtBash({ path: "/usr/bin:/bin", ...options });
  try {
    await use(bash);
  } finally {
    bash.close();
  }
}

/** Every line read so far equals what bash put into its history. */
async function readsWhatRan(bash: TypingAtBash, keys: string): Promise<void> {
  const from = bash.ran().length;
  const readings = await bash.type(keys);
  await bash.ready();
  const ran = bash
    .ran()
    .slice(from)
    .map((one) => one.text.trim());
  expect(readings.map((one) => one.text.trim())).toEqual(ran);
  for (const reading of readings) {
    expect(reading.confidence, JSON.stringify(reading)).toBeGreaterThanOrEqual(0.9);
  }
}

/** readline can miss an interrupt until the next key: a person presses it again. */
async function interrupt(bash: TypingAtBash): Promise<void> {
  const thrownAway = /\^C[\s\S]*lab\$ $/;
  for (let pressed = 0; pressed < 8 && !thrownAway.test(bash.output()); pressed += 1) {
    await bash.type("\u0003");
    for (let waited = 0; waited < 40 && !thrownAway.test(bash.output()); waited += 1) {
      await bash.pause(25);
    }
  }
  await bash.shows(thrownAway);
}

describe("what bash runs is read before it runs", () => {
  it("B1: with Ctrl-J for Enter", () => atBash({}, (bash) => readsWhatRan(bash, "true one\n")));

  it("B2: with Ctrl-O, and the line it brings up next", () =>
    atBash({}, async (bash) => {
      await readsWhatRan(bash, "true one\r");
      await readsWhatRan(bash, "true two\r");
      await bash.type("\u001b[A\u001b[A");
      await readsWhatRan(bash, "\u000f");
      await readsWhatRan(bash, "\r");
      expect(bash.readings.at(-1)?.text).toBe("true two");
    }));

  it("B2: an editor opened on the line can not be read, and the person is told", () =>
    atBash({ rc: "export EDITOR=true" }, async (bash) => {
      const [reading] = await bash.type("true x\u0018\u0005");
      expect(reading).toMatchObject({ confidence: 0 });
      expect(reading?.unknowable).toMatch(/editor/);
    }));

  it("B2: with history expansion, and what is older than the session is told as unknowable", () =>
    atBash({ before: ["old thing"] }, async (bash) => {
      await readsWhatRan(bash, "true alpha\r");
      const [again] = await bash.type("!!:s/alpha/beta/\r");
      await bash.ready();
      expect(again).toMatchObject({ text: "true beta", typed: "!!:s/alpha/beta/" });
      expect(bash.ran().at(-1)?.text).toBe("true beta");
      const [unknown] = await bash.type("!old\r");
      expect(unknown?.unknowable).toMatch(/before this session.*Ctrl-R/s);
    }));

  it("B3: on an alternate screen that a printf switched to", () =>
    atBash({}, async (bash) => {
      await bash.type("printf '\\033[?1049h\\033[2;1H'\r");
      await bash.ready();
      expect(bash.line.frame().alternate).toBe(true);
      await readsWhatRan(bash, "true hidden\u001b[D\u001b[Dx\r");
      expect(bash.readings.at(-1)).toMatchObject({ context: "shell", hidden: false });
    }));

  it("B6: in a chunk of several lines, typed or pasted without brackets", () =>
    atBash({}, (bash) => readsWhatRan(bash, "true one\rtrue two\ntrue three\r")));

  it("B6: in a bracketed paste of several lines", () =>
    atBash({}, async (bash) => {
      const [reading] = await bash.type("\u001b[200~true one\rtrue two\u001b[201~\r");
      await bash.ready();
      expect(reading?.text).toBe("true one\ntrue two");
      expect(bash.ran().at(-1)?.text).toBe("true one\ntrue two");
    }));

  it("B6: in a paste whose brackets the target did not ask for, line by line", () =>
    atBash({}, async (bash) => {
      await bash.type("cat >/dev/null\r");
      await bash.shows(/2004l\r$/);
      const runs = bash.line.decode(Buffer.from("\u001b[200~true one\rtrue two\r\u001b[201~"));
      expect(runs.filter((run) => run.kind === "submit")).toMatchObject([
        { form: "paste-line" },
        { form: "paste-line" },
      ]);
    }));

  it("B7: with the cursor moved left, on a line that wraps", () =>
    atBash({ columns: 30 }, (bash) =>
      readsWhatRan(bash, `true ${"long-argument ".repeat(6)}\u0001\u001bf\u001b[C-x \u001b[D\r`),
    ));

  it("B8: after a paste that was edited", () =>
    atBash({}, (bash) =>
      readsWhatRan(bash, "\u001b[200~trueone\u001b[201~\u001b[D\u001b[D\u001b[D \u0005-x\r"),
    ));

  it("B9: recalled, searched and completed", () =>
    atBash({ before: ["true from long ago"] }, async (bash) => {
      await readsWhatRan(bash, "\u001b[A\r");
      await readsWhatRan(bash, "\u0012long\r");
      await readsWhatRan(bash, "\u0012long\u001b[C\u001b[Cx\r");
      await bash.type("true /et");
      await bash.type("\t");
      await bash.shows("/etc/");
      await readsWhatRan(bash, "\r");
      await readsWhatRan(bash, "true \u001b.\r");
    }));

  it("B9: after completion has listed and redrawn below", () =>
    atBash({ rc: "bind 'set show-all-if-ambiguous on'" }, async (bash) => {
      await bash.type("true /etc/host\t");
      await bash.shows(/hosts.*lab\$ true \/etc\/host/s);
      await readsWhatRan(bash, "s\r");
    }));

  it("B10: after a line that was thrown away with Ctrl-C", () =>
    atBash({}, async (bash) => {
      await bash.type("true allowed");
      await bash.shows("true allowed");
      await interrupt(bash);
      await bash.type("true other");
      await bash.shows(/true other$/);
      await readsWhatRan(bash, "\r");
    }));

  it("B10: typed in the same breath as Ctrl-C, the characters readline may lose are doubted", () =>
    atBash({}, async (bash) => {
      const [reading] = await bash.type("true\u0003xtrue one\r");
      await bash.ready();
      const ran = bash.ran().at(-1)?.text ?? "";
      // Even characters typed before Ctrl-C can survive it: then nothing but the doubt is left.
      if (reading?.text !== ran) expect(reading?.confidence).toBeLessThan(0.9);
    }));

  it("B14: with echo off and a prompt that asks for a password, it is judged and never told", () =>
    atBash({}, async (bash) => {
      await bash.type("PS1='Password:'; stty -echo\r");
      await bash.shows(/Password:$/);
      const [reading] = await bash.type("true blind\r");
      expect(reading).toMatchObject({ text: "true blind", hidden: true });
    }));

  it("B21: after the window was resized in the middle of the line", () =>
    atBash({ columns: 60 }, async (bash) => {
      await bash.type(`true ${"argument ".repeat(8)}`);
      await bash.shows(/argument $/);
      const before = bash.output().length;
      bash.resize(33, 12);
      while (bash.output().length === before) await bash.pause(5);
      await readsWhatRan(bash, "tail\u001b[D\u001b[Dx\r");
    }));

  it("B25: in vi mode, in command mode with the cursor at the start", () =>
    atBash({}, async (bash) => {
      await readsWhatRan(bash, "set -o vi\r");
      await readsWhatRan(bash, "true one two\u001b0\r");
      await bash.type("true ab\u001b");
      await bash.pause(600);
      await bash.type("0wx");
      await bash.pause(100);
      const [reading] = await bash.type("\r");
      await bash.ready();
      expect(reading?.text).toBe(bash.ran().at(-1)?.text);
    }));

  it("B26: once the interrupt can have been rebound, Ctrl-C is not trusted and is itself judged", () =>
    atBash({}, async (bash) => {
      expect(bash.line.interruptTrusted).toBe(true);
      await bash.type("stty intr undef; bind '\"\\C-c\": accept-line'\r");
      await bash.ready();
      expect(bash.line.interruptTrusted).toBe(false);
      const [reading] = await bash.type("true smuggled\u0003");
      expect(reading?.text).toBe("true smuggled");
    }));

  it("B26: trust comes back when Ctrl-C was seen to work at this prompt", () =>
    atBash({}, async (bash) => {
      await bash.type("ssh -V\r");
      await bash.ready();
      expect(bash.line.interruptTrusted).toBe(false);
      await bash.type("abc");
      await bash.shows(/abc$/);
      await interrupt(bash);
      expect(bash.line.interruptTrusted).toBe(true);
    }));

  it.each(["vt100", "dumb"])("on a terminal without bracketed paste (%s)", (term) =>
    atBash({ term, rc: "bind 'set enable-bracketed-paste off'" }, async (bash) => {
      await readsWhatRan(bash, "true one\r");
      await readsWhatRan(bash, "\u001b[A\u001b[D\u001b[Dx\r");
      await readsWhatRan(bash, "true two\rtrue three\r");
    }),
  );

  it("on a prompt that changes with every directory", () =>
    atBash({ rc: "PS1='\\[\\e[32m\\]\\u@host\\[\\e[0m\\]:\\w \\# lab$ '" }, async (bash) => {
      await readsWhatRan(bash, "cd /usr\r");
      await readsWhatRan(bash, "true here\r");
      await readsWhatRan(bash, "cd /\rtrue ahead\r");
      expect(bash.readings.at(-1)).toMatchObject({ context: "shell", prompt: "primary" });
    }));

  it("knows a continuation line from a new command", () =>
    atBash({}, async (bash) => {
      const readings = await bash.type("true 'a\r");
      await bash.shows(/> $/);
      readings.concat();
      const [more] = await bash.type("b'\r");
      await bash.ready();
      expect(more).toMatchObject({ text: "b'", prompt: "continuation", context: "shell" });
      const [next] = await bash.type("true\r");
      expect(next).toMatchObject({ prompt: "primary" });
    }));

  it("knows a program's line from a command", () =>
    atBash({}, async (bash) => {
      await bash.type("python3 -q\r");
      await bash.shows(">>> ");
      const [reading] = await bash.type("x = 1\r");
      expect(reading).toMatchObject({ text: "x = 1", context: "program", program: "python3" });
      await bash.shows(/>>> [^>]*>>> /);
      await bash.type("exit()\r");
      await bash.shows(/exit\(\)[\s\S]*lab\$ $/);
      const [after] = await bash.type("true\r");
      expect(after).toMatchObject({ text: "true", context: "shell", prompt: "primary" });
    }));

  it("reads what the kernel edits for a shell without an editor", () =>
    atBash({}, async (bash) => {
      await bash.type("dash\r");
      await bash.shows(/\r[$#] $/);
      const [reading] = await bash.type("wrong\u0015true onne\u007f\u007fe\r");
      expect(reading?.text).toBe("true one");
    }));
});
