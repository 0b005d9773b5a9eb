import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openShellLab, type ShellName } from "../../src/session/shell-lab.testing.js";
import { hasShell } from "./installed.js";

/** Keys of an editor that are no Enter, and run something all the same. The folder is the judge. */
interface Way {
  readonly by: string;
  readonly shell: ShellName;
  readonly rc?: string;
  /** Typed one after the other; the next when the screen has come to rest, or shows what is asked for. */
  readonly keys: readonly (string | { readonly see: string })[];
}

/** Nothing else is there that a word could be a mistake for. */
const FEW_PROGRAMS = "ln -s /bin/rm $HOME/bin/rm; PATH=$HOME/bin; hash -r";

const WAYS: readonly Way[] = [
  { by: "Enter with Shift", shell: "fish", keys: ["rm -rf precious", "\x1b[13;2u"] },
  { by: "Enter with Ctrl", shell: "fish", keys: ["rm -rf precious", "\x1b[27;5;13~"] },
  {
    by: "a line that comes back behind a key that ran something else",
    shell: "zsh",
    keys: ["rm -rf precious", "\x1b?", "\r"],
  },
  {
    by: "a line that was put aside, behind a prompt that has changed",
    shell: "zsh",
    keys: ["PS1='%~ %# '\r", "rm -rf ../precious", "\x1bq", "cd bin\r", "\r"],
  },
  {
    by: "a line that comes back with the cursor in front of it",
    shell: "zsh",
    keys: ["rm -rf precious\x01", "\x1b?", "\r"],
  },
  {
    by: "a line that comes back, typed on without a look",
    shell: "zsh",
    keys: ["rm -rf precious\x1b?\r"],
  },
  {
    by: "a line put aside, typed on without a look",
    shell: "zsh",
    keys: ["rm -rf precious\x1bqsay x\r\r"],
  },
  {
    by: "an alias for the help about a command",
    shell: "zsh",
    rc: "unalias run-help 2>/dev/null",
    keys: ["alias run-help='rm -rf precious; :'\r", "say", "\x1bh"],
  },
  {
    by: "the answer to the question about a mistake",
    shell: "zsh",
    rc: `${FEW_PROGRAMS}; setopt correct`,
    keys: ["rmm -rf precious\r", { see: "[nyae]?" }, "y"],
  },
];

describe("what a key runs is judged, whatever the key", () => {
  it.each(WAYS)("in $shell, by $by", async ({ shell, rc, keys }) => {
    if (!hasShell(shell)) {
      console.warn(`${shell} is not installed: its keys are not tried`);
      return;
    }
    const lab = await openShellLab({ name: shell, ...(rc === undefined ? {} : { rc }) });
    try {
      const precious = join(lab.home, "precious");
      mkdirSync(precious);
      for (const part of keys) {
        if (typeof part === "string") {
          lab.type(part);
          await lab.settled();
        } else await lab.see(part.see);
      }
      await lab.seeEvent(
        (event) => event.type === "command.entered" && event.data.decision === "blocked",
      );
      await lab.settled();
      const told = lab.events.map((event) => JSON.stringify(event)).join("\n");
      expect(existsSync(precious), `${lab.screen()}\n${told}`).toBe(true);
    } finally {
      lab.close();
    }
  });
});
