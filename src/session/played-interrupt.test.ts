// A Ctrl-C that is made to look as if it threw a line away, so that the one that drops a blocked line
// runs it instead. The file system is the judge.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openShellLab, type ShellLab, type ShellLabOptions } from "./shell-lab.testing.js";

const CTRL_C = "\x03";
const REBINDS = "stty intr undef; bind '\"\\C-c\": accept-line'";

interface Play {
  readonly by: string;
  readonly options: ShellLabOptions;
  readonly line: string;
  /** Typed in front of Ctrl-C, and what shows then. */
  readonly typed: string;
  readonly shown: RegExp;
}

const PLAYS: readonly Play[] = [
  {
    by: "a trap that gives it another meaning when it is pressed",
    options: { rc: `z() { ${REBINDS}; }` },
    line: "trap z INT",
    typed: "abc",
    shown: /abc(?:\^C)+\s+lab>\s*$/,
  },
  {
    by: "a function of the profile",
    options: { rc: `y() { ${REBINDS}; }; z() { trap y INT; }` },
    line: "z",
    typed: "abc",
    shown: /abc(?:\^C)+\s+lab>\s*$/,
  },
  {
    by: "^C in the line itself, where the key runs it",
    options: { name: "zsh", rc: "bindkey '^C' accept-line" },
    line: "stty intr undef",
    typed: "true ^C",
    shown: /true \^C\s+lab>\s*$/,
  },
  {
    by: "a key that types ^C and Enter",
    options: { name: "zsh", rc: "bindkey -s '^C' ' ; : \\^C^M'" },
    line: "stty intr undef",
    typed: "true",
    shown: /: \^C\s+lab>\s*$/,
  },
];

/** readline can take a signal between two looks, and show what became of it with the next key only. */
async function interrupt(lab: ShellLab, shown: RegExp): Promise<void> {
  for (let pressed = 0; pressed < 8 && !shown.test(lab.screen()); pressed += 1) {
    lab.type(CTRL_C);
    await lab.quiet();
  }
  await lab.see(shown);
}

describe("an interrupt that is played is not sent to a shell that was blocked: it is closed", () => {
  it.each(PLAYS)("by $by", async ({ options, line, typed, shown }) => {
    const lab = await openShellLab(options);
    try {
      const precious = join(lab.home, "precious");
      mkdirSync(precious);
      await lab.typeAndSee(line, line);
      lab.type("\r");
      await lab.seeEvent((event) => event.type === "command.entered");
      await lab.prompt();
      await lab.typeAndSee(typed, `lab> ${typed}`);
      await interrupt(lab, shown);
      lab.type("rm -rf precious\r");
      await expect.poll(() => lab.channelExit(), { timeout: 15_000 }).toBe(126);
      expect(existsSync(precious)).toBe(true);
    } finally {
      lab.close();
    }
  });
});
