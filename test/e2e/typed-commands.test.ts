// Typed in bash with any mixture of editing keys, history, completion and paste. bash itself is the
// judge: its history file says what it ran, the file system says what happened.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { createSeededRandom, type SeededRandom } from "../../src/testing/random.js";
import { longRun, seed } from "../../src/testing/seed.js";
import { sequenceFaults, shortType, type EventFields } from "./lab/events.js";
import { startLab, type Lab } from "./lab/lab.js";
import { LAB_RULES } from "./lab/rules.js";
import { sshdThere } from "./lab/sshd.js";
import { KEY, PROMPT, type Terminal } from "./lab/terminal.js";
import { eventually } from "./lab/wait.js";

const PASTE_START = "\x1b[200~";
const PASTE_END = "\x1b[201~";
const random = createSeededRandom(seed);

let lab: Lab;
let terminal: Terminal;

describe.skipIf(!sshdThere)("typed in bash (needs sshd)", () => {
  beforeAll(async () => {
    lab = await startLab({ rules: LAB_RULES });
  });
  afterAll(() => lab.end());
  beforeEach(async () => {
    rmSync(lab.inHome(".history"), { force: true });
    terminal = lab.terminal("via");
    await terminal.ready();
  });
  afterEach(() => terminal.close());

  describe("the recorded text equals what bash ran", () => {
    const rows: readonly { how: string; keys: readonly string[]; runs: string }[] = [
      { how: "straight", keys: ["echo straight"], runs: "echo straight" },
      {
        how: "with a typo taken back",
        keys: ["ecko", KEY.backspace.repeat(2), "ho taken"],
        runs: "echo taken",
      },
      {
        how: "with a word put in at the front",
        keys: ["front", KEY.home, "echo ", KEY.end, " back"],
        runs: "echo front back",
      },
      {
        how: "with Ctrl-A and Ctrl-E",
        keys: ["b", KEY.ctrlA, "echo a", KEY.ctrlE, "c"],
        runs: "echo abc",
      },
      {
        how: "with letters put into the middle",
        keys: ["echo mile", KEY.left.repeat(2), "dd", KEY.end],
        runs: "echo middle",
      },
      {
        how: "with a word rubbed out",
        keys: ["echo one two", KEY.ctrlW, "three"],
        runs: "echo one three",
      },
      {
        how: "with the line killed and brought back",
        keys: ["echo brought", KEY.ctrlU, "x", KEY.backspace, KEY.ctrlY, " back"],
        runs: "echo brought back",
      },
      {
        how: "with the rest of the line killed",
        keys: ["echo keep drop", KEY.altB, KEY.ctrlK, "new"],
        runs: "echo keep new",
      },
      {
        how: "with words jumped over and one deleted",
        keys: ["echo aa bb cc", KEY.altB, KEY.altB, KEY.altD, "zz", KEY.end],
        runs: "echo aa zz cc",
      },
      { how: "with letters swapped", keys: ["echo ba", KEY.ctrlT], runs: "echo ab" },
      { how: "with Delete", keys: ["xecho del", KEY.home, KEY.delete, KEY.end], runs: "echo del" },
      {
        how: "with umlauts and wide letters",
        keys: ["echo grün 中文 🙂"],
        runs: "echo grün 中文 🙂",
      },
      {
        how: "with a wide letter taken back",
        keys: ["echo 中文", KEY.backspace, "字"],
        runs: "echo 中字",
      },
      {
        how: "longer than the line of the terminal",
        keys: [`echo ${"long ".repeat(40)}end`],
        runs: `echo ${"long ".repeat(40)}end`,
      },
      {
        how: "changed in the first of its rows",
        keys: [`cho ${"wide ".repeat(30)}end`, KEY.ctrlA, "e", KEY.ctrlE],
        runs: `echo ${"wide ".repeat(30)}end`,
      },
      {
        how: "with a file name completed",
        keys: ["echo unmis", KEY.tab],
        runs: "echo unmistakable ",
      },
      {
        how: "with a quote left open over two lines",
        keys: ["echo 'first", KEY.enter, "second'"],
        runs: "echo 'first\nsecond'",
      },
    ];

    it.each(rows)("$how", async ({ keys, runs }) => {
      writeFileSync(lab.inHome("unmistakable"), "");
      terminal.type(keys.join(""));
      await lineSettles();
      terminal.type(KEY.enter);
      await historyHolds(runs);
      expect(ranAccordingToUs(await commandsTold((texts) => texts.includes(runs)))).toContain(runs);
    });

    it("given up with Ctrl-C and typed anew", async () => {
      terminal.type("nonsense");
      await terminal.shows("nonsense");
      terminal.type(KEY.ctrlC);
      // The terminal throws away what was typed before the interrupt arrived.
      await terminal.ready();
      await terminal.runs("echo anew");
      await historyHolds("echo anew");
      const told = await commandsTold((texts) => texts.includes("echo anew"));
      expect(ranAccordingToUs(told)).not.toContain("nonsense");
    });

    it("recalled from this session's history, and changed", async () => {
      await terminal.runs("echo first");
      await terminal.runs("echo second");
      terminal.type(KEY.up.repeat(2));
      await terminal.until("the recalled line", () => terminal.line() === `${PROMPT}echo first`);
      terminal.type(" again\r");
      await historyHolds("echo first again");
      await commandsTold((texts) => texts.includes("echo first again"));
    });

    it("found again with Ctrl-R", async () => {
      await terminal.runs("echo needle in a haystack");
      await terminal.runs("echo something else");
      terminal.type(`${KEY.ctrlR}needle`);
      await terminal.until("the found line", (screen) =>
        screen.includes("reverse-i-search)`needle'"),
      );
      terminal.type(KEY.enter);
      await eventually(
        "the line twice in the history",
        () => countInHistory("echo needle in a haystack") === 2,
      );
      await commandsTold(
        (texts) => texts.filter((text) => text === "echo needle in a haystack").length === 2,
      );
    });

    it("with !! and !$ as bash expands them", async () => {
      await terminal.runs("echo expanded word");
      await terminal.runs("echo again !$");
      await historyHolds("echo again word");
      await commandsTold((texts) => texts.includes("echo again word"));
      await terminal.runs("!!");
      await eventually(
        "the line twice in the history",
        () => countInHistory("echo again word") === 2,
      );
      await commandsTold(
        (texts) => texts.filter((text) => text === "echo again word").length === 2,
      );
    });

    it("with several lines pasted at once", async () => {
      terminal.type(`${PASTE_START}echo paste one\necho paste two${PASTE_END}`);
      await terminal.shows("echo paste two");
      terminal.type(KEY.enter);
      await historyHolds("echo paste two");
      const told = await commandsTold((texts) => texts.join("\n").includes("echo paste two"));
      expect(ranAccordingToUs(told).join("\n")).toContain("echo paste one\necho paste two");
    });

    it("with any mixture of editing keys", async () => {
      const rounds = longRun ? 300 : 40;
      // Random letters may be a program, and `bc` would take the lines behind it for itself.
      await terminal.runs("PATH=/nowhere");
      for (let round = 0; round < rounds; round += 1) {
        const mark = `mark${round}`;
        terminal.type(`${editing(random)}${KEY.ctrlE} ; echo ${mark}`);
        await lineSettles();
        terminal.type(KEY.enter);
        await terminal.ready();
      }
      const last = `mark${rounds - 1}`;
      await commandsTold((texts) => texts.some((text) => text.endsWith(last)));
      expect(ranAccordingToUs(sessionCommands())).toEqual(history());
    });
  });

  describe("a forbidden rm -rf never runs", () => {
    beforeEach(() => {
      mkdirSync(lab.inHome("victim"), { recursive: true });
      writeFileSync(join(lab.inHome("victim"), "precious"), "precious");
      writeFileSync(lab.inHome("script.sh"), "echo harmless\n");
    });

    const ways: readonly { how: string; keys: readonly string[] }[] = [
      { how: "straight", keys: ["rm -rf victim"] },
      { how: "with the flags apart", keys: ["rm -f -r victim"] },
      { how: "with long flags", keys: ["rm --recursive --force victim"] },
      { how: "with the flags behind", keys: ["rm victim -rf"] },
      { how: "by its full path", keys: ["/bin/rm -rf victim"] },
      { how: "with a backslash before it", keys: ["\\rm -rf victim"] },
      { how: "with quotes inside", keys: ["r''m -r\"f\" victim"] },
      { how: "behind another command", keys: ["true; rm -rf victim"] },
      { how: "in a pipeline", keys: ["echo | rm -rf victim"] },
      { how: "in the background", keys: ["rm -rf victim &"] },
      { how: "in a subshell", keys: ["(cd . && rm -rf victim)"] },
      { how: "in a substitution", keys: ["echo $(rm -rf victim)"] },
      { how: "through env", keys: ["env A=b rm -rf victim"] },
      { how: "through nohup and nice", keys: ["nohup nice -n 5 rm -rf victim"] },
      { how: "through sh -c", keys: ["sh -c 'rm -rf victim'"] },
      { how: "through xargs", keys: ["echo victim | xargs rm -rf"] },
      { how: "through command", keys: ["command rm -rf victim"] },
      { how: "in a loop", keys: ["for d in victim; do rm -rf $d; done"] },
      {
        how: "corrected from a typo",
        keys: ["mr -rf victim", KEY.home, KEY.delete.repeat(2), "rm"],
      },
      {
        how: "with the dangerous flag put in last",
        keys: ["rm -r victim", KEY.altB, KEY.left, "f"],
      },
      { how: "with the command written in front", keys: ["-rf victim", KEY.ctrlA, "rm "] },
      { how: "killed and yanked", keys: ["rm -rf victim", KEY.ctrlU, KEY.ctrlY] },
      { how: "completed with Tab", keys: ["rm -rf vic", KEY.tab] },
      { how: "with an assignment before it", keys: ["A=1 rm -rf victim"] },
    ];

    it.each(ways)("$how", async ({ keys }) => {
      terminal.type(keys.join(""));
      await lineSettles();
      terminal.type(KEY.enter);
      await isBlocked();
    });

    it("typed in one burst with its Enter", async () => {
      terminal.type("rm -rf victim\r");
      await isBlocked();
    });

    it("with a line feed for its Enter", async () => {
      terminal.type("rm -rf victim\n");
      await isBlocked();
    });

    it("with Ctrl-O for its Enter", async () => {
      terminal.type("rm -rf victim\x0f");
      await isBlocked();
    });

    it("with the Enter of the keypad", async () => {
      terminal.type("rm -rf victim\x1bOM\r");
      await isBlocked();
    });

    it("over two lines with a backslash", async () => {
      terminal.type("rm \\\r");
      await terminal.until("the second prompt", () => terminal.line() === "> ");
      terminal.type("-rf victim\r");
      await isBlocked();
    });

    it("pasted between harmless lines: the first runs, the forbidden one does not", async () => {
      terminal.type("echo before > before\rrm -rf victim\r");
      await isBlocked();
      expect(existsSync(lab.inHome("before"))).toBe(true);
    });

    it("pasted as one bracketed block", async () => {
      terminal.type(`${PASTE_START}echo a\nrm -rf victim\necho b${PASTE_END}`);
      await terminal.shows("echo b");
      terminal.type(KEY.enter);
      await isBlocked();
    });

    it("recalled from a history that is older than the session", async () => {
      terminal.close();
      writeFileSync(lab.inHome(".history"), "rm -rf victim\n");
      terminal = lab.terminal("via");
      await terminal.ready();
      terminal.type(KEY.up);
      await terminal.until("the recalled line", () => terminal.line() === `${PROMPT}rm -rf victim`);
      terminal.type(KEY.enter);
      await isBlocked();
    });

    it("through an alias made in the session", async () => {
      await terminal.runs("alias tidy='rm -rf'");
      terminal.type("tidy victim\r");
      await isBlocked();
    });

    it("through a function made in the session", async () => {
      await terminal.runs('tidy() { rm -rf "$1"; }');
      terminal.type("tidy victim\r");
      await isBlocked();
    });

    it("while harmless neighbours do run", async () => {
      await terminal.runs("echo rm -rf victim > told");
      expect(readFileSync(lab.inHome("told"), "utf8")).toBe("rm -rf victim\n");
      await terminal.runs("rm -f told");
      expect(existsSync(lab.inHome("told"))).toBe(false);
      expect(readFileSync(join(lab.inHome("victim"), "precious"), "utf8")).toBe("precious");
    });
  });

  it("leaves no gap in the telling", () => {
    expect(sequenceFaults(lab.sidecar.events())).toEqual([]);
  });
});

/**
 * Waits until the screen has come to rest: bash has read everything that was typed. There is no other
 * way to know from outside; what is decided later does not depend on it.
 */
async function lineSettles(): Promise<void> {
  let before = "";
  let same = 0;
  await eventually("the line to settle", () => {
    const now = terminal.screen() + terminal.line();
    same = now === before ? same + 1 : 0;
    before = now;
    return same >= 4;
  });
}

/** The target is alive, told the person why, and nothing was removed. */
async function isBlocked(): Promise<void> {
  await terminal.shows("Removing whole trees is not permitted here.");
  await terminal.ready();
  await terminal.runs("echo alive > alive");
  expect(readFileSync(lab.inHome("alive"), "utf8")).toBe("alive\n");
  expect(readFileSync(join(lab.inHome("victim"), "precious"), "utf8")).toBe("precious");
  await eventually(
    "the blocked command to be told",
    () => sessionCommands().some(({ decision }) => decision === "blocked"),
    { instead: () => JSON.stringify(sessionCommands(), null, 1) },
  );
}

function history(): readonly string[] {
  const file = lab.inHome(".history");
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
}

function countInHistory(line: string): number {
  return history().filter((ran) => ran === line).length;
}

function historyHolds(line: string): Promise<unknown> {
  return eventually(
    `bash to have run ${JSON.stringify(line)}`,
    () => `\n${history().join("\n")}\n`.includes(`\n${line}\n`),
    { instead: () => `${history().join("\n")}\n--- screen ---\n${terminal.screen()}` },
  );
}

/** Facts about the commands of the newest session. */
function sessionCommands(): readonly EventFields[] {
  const events = lab.sidecar.events();
  const newest = events.filter((event) => shortType(event) === "session.opened").at(-1)?.subject;
  return events
    .filter((event) => event.subject === newest && shortType(event) === "command.entered")
    .map(({ data }) => data);
}

/** Lines that ran, blank ones left out as bash leaves them out of its history. */
function ranAccordingToUs(commands: readonly EventFields[]): readonly string[] {
  return commands
    .filter(({ decision, context }) => decision !== "blocked" && context === "shell")
    .map(({ text = "" }) => text)
    .filter((text) => text.trim() !== "");
}

function commandsTold(
  enough: (texts: readonly string[]) => boolean,
): Promise<readonly EventFields[]> {
  return eventually(
    "the commands to be told",
    () => {
      const commands = sessionCommands();
      return enough(ranAccordingToUs(commands)) && commands;
    },
    { instead: () => JSON.stringify(sessionCommands(), null, 1) },
  );
}

/** Letters and editing keys in any order. None of the lines they can make does any harm. */
function editing(from: SeededRandom): string {
  const letters = ["a", "b", "c", "d", " ", "é", "word", "two words"];
  const keys = [
    ...[KEY.left, KEY.right, KEY.home, KEY.end, KEY.backspace, KEY.delete],
    ...[KEY.ctrlA, KEY.ctrlE, KEY.ctrlK, KEY.ctrlU, KEY.ctrlW, KEY.ctrlY, KEY.ctrlT],
    ...[KEY.altB, KEY.altF, KEY.altD, KEY.up, KEY.down],
  ];
  const count = 1 + from.below(25);
  const strokes = Array.from({ length: count }, () =>
    from.next() < 0.5 ? from.pick(letters) : from.pick(keys),
  );
  return `: ${strokes.join("")}`;
}
