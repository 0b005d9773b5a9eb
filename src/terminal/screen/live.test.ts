import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createScreen } from "./index.js";
import type { Screen } from "./index.js";
import { createReferenceTerminal, pictureOfScreen } from "./reference-terminal.testing.js";

interface Pty {
  onData(listener: (data: Buffer) => void): void;
  write(keys: string): void;
  kill(signal: string): void;
}

// Its declaration is written for another package name, so what is used is declared here.
const { spawn } = createRequire(import.meta.url)("node-pty") as {
  readonly spawn: (program: string, args: readonly string[], options: object) => Pty; // encoding: null gives Buffers
};

/** What a person does: keys, then wait until the screen shows something. */
interface Step {
  readonly keys: string;
  /** Searched in the rows of the screen, joined by newline without trailing blanks. */
  readonly until: RegExp;
}

const COLUMNS = 40;
const ROWS = 12;
const POLL_MS = 5;
const STEP_MS_MAX = 20_000;

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "screen-"));
  const lines = Array.from({ length: 200 }, (_, i) => `line ${i + 1} of the file, mañana 漢字`);
  await writeFile(join(home, "lines.txt"), `${lines.join("\n")}\n`);
});
afterAll(() => rm(home, { recursive: true, force: true }));

function isInstalled(program: string): boolean {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.some((folder) => existsSync(join(folder, program)));
}

function textOf(screen: Screen): string {
  const rows = Array.from({ length: screen.rows }, (_, row) => screen.rowText(row).trimEnd());
  return rows.join("\n").trimEnd();
}

/**
 * Runs the program on a pty, does the steps, and holds our screen, fed as the bytes arrived, against
 * xterm.js, fed with the whole recording of each step, at the end of every step.
 */
async function perform(program: string, args: string[], steps: readonly Step[]): Promise<void> {
  const screen = createScreen({ columns: COLUMNS, rows: ROWS });
  const reference = createReferenceTerminal(COLUMNS, ROWS, "ours");
  let recorded: Buffer[] = [];
  const pty = spawn(program, args, {
    cols: COLUMNS,
    rows: ROWS,
    cwd: home,
    encoding: null,
    env: { ...LOCALE, HOME: home, PATH: process.env["PATH"] ?? "", TERM: "xterm-256color" },
  });
  pty.onData((bytes) => {
    recorded.push(bytes);
    screen.feed(bytes);
  });
  try {
    for (const { keys, until } of steps) {
      pty.write(keys);
      await shown(screen, until);
      const whole = Buffer.concat(recorded);
      recorded = [];
      reference.write(whole);
      expect(pictureOfScreen(screen), JSON.stringify(keys)).toEqual(reference.picture());
      const copy = createScreen(screen);
      copy.feed(screen.repaint());
      expect(pictureOfScreen(copy), `repainted after ${JSON.stringify(keys)}`).toEqual(
        pictureOfScreen(screen),
      );
    }
  } finally {
    pty.kill("SIGKILL");
  }
}

const LOCALE = { LANG: "C.UTF-8", LC_ALL: "C.UTF-8", PS1: "$ ", INPUTRC: "/dev/null" };

async function shown(screen: Screen, until: RegExp): Promise<void> {
  const deadline = performance.now() + STEP_MS_MAX;
  while (!until.test(textOf(screen))) {
    if (performance.now() > deadline) {
      throw new Error(`never showed ${String(until)}:\n${textOf(screen)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

const LEFT = "\x1b[D";
const UP = "\x1b[A";
const TAB = "\t";

describe("what real programs print shows as in xterm.js", () => {
  it.runIf(isInstalled("bash"))("bash, a line edited with readline", () =>
    perform(
      "bash",
      ["--norc", "--noprofile", "-i"],
      [
        { keys: "", until: /\$$/ },
        { keys: `echo wrld-1${LEFT.repeat(5)}o\x05\r`, until: /\nworld-1\n\$$/ },
        { keys: `${UP}\x01\x1bf\x1bd two\r`, until: /\ntwo\n|\ntwo-1\n\$$/ },
        { keys: `ec${TAB}`, until: /\$ ec(ho)?\s?$/ },
        { keys: "\x15echo mañana 漢字 e\u0301\b\x7f\x7fx\r", until: /\nmañana [^$]*x\n\$$/ },
        { keys: "\x12two", until: /reverse-i-search/ },
        { keys: "\x07\x0cecho cleared\r", until: /^\$ echo cleared\ncleared\n\$$/ },
      ],
    ),
  );

  it.runIf(isInstalled("bash"))("bash, a line longer than the screen is wide", () =>
    perform(
      "bash",
      ["--norc", "--noprofile", "-i"],
      [
        { keys: "", until: /\$$/ },
        { keys: `echo ${"abcdefghi ".repeat(9)}end`, until: /end$/ },
        { keys: `${LEFT.repeat(60)}INSERTED`, until: /INSERTED[^]*end$/ },
        { keys: "\x01\x1b[C\x1b[C\x05\x17", until: /ghi$/ },
        { keys: `${"\x7f".repeat(30)}漢字漢字漢字漢字`, until: /漢字\n?漢字\n?漢字\n?漢字$/ },
        { keys: "\x01\x0b", until: /(^|\n)\$$/ },
        { keys: "x".repeat(38), until: /x{38}$/ },
        { keys: "\x01\x0becho out\r", until: /\nout\n\$$/ },
      ],
    ),
  );

  it.runIf(isInstalled("bash") && isInstalled("ls"))("ls in colour, and output that scrolls", () =>
    perform(
      "bash",
      ["--norc", "--noprofile", "-i"],
      [
        { keys: "ls --color=always -la /; echo listed\r", until: /\nlisted\n\$$/ },
        { keys: "cat lines.txt\r", until: /line 200 of the file, mañana 漢字\n\$$/ },
        { keys: "seq 1 3000 | paste -sd,\r", until: /2999,3000\n\$$/ },
        {
          keys: "printf '\\e[2;5r\\e[5;1H\\n\\nin\\e[r\\e[9;1H'; echo ok\r",
          until: /\nok[^]*\n\$ printf/,
        },
        { keys: "tput smcup; echo alt; tput rmcup; echo back\r", until: /\nback\n\$$/ },
      ],
    ),
  );

  it.runIf(isInstalled("vi"))("vi", () =>
    perform(
      "vi",
      ["lines.txt"],
      [
        { keys: "", until: /^line 1 of[^]*line 5 of/ },
        { keys: "ohello there\x1b", until: /\nhello there\n/ },
        { keys: "dd5jx", until: /\nine 7 of/ },
        { keys: "G", until: /line 200 of/ },
        { keys: "ggOtop \u6f22\u5b57\x1b", until: /^top 漢字\nline 1 of/ },
        { keys: "\x06\x06\x02", until: /line 1\d of/ },
      ],
    ),
  );

  it.runIf(isInstalled("less"))("less", () =>
    perform(
      "less",
      ["lines.txt"],
      [
        { keys: "", until: /^line 1 of[^]*line 11 of/ },
        { keys: " ", until: /line 20 of/ },
        { keys: "/line 77\r", until: /^line 77 of/ },
        { keys: "G", until: /line 200 of/ },
        { keys: "y", until: /line 199 of[^]*:$/ },
      ],
    ),
  );
});
