import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import xterm from "@xterm/headless";
import { describe, expect, it, type TestContext } from "vitest";
import type { EventData, EventDraft } from "../../events/index.js";
import { longRun } from "../../testing/seed.js";
import { openShellLab, type ShellLab, type ShellLabOptions } from "../shell-lab.testing.js";

const NONCE = "0123456789abcdef";
/** Of the first channel. */
const SECRET = `${NONCE}1`;
const SHELLS = ["bash", "zsh", "fish"] as const;
const AUTO = { shell: "auto", nonce: NONCE } as const;

/** What is the same for all shells is tried with one of them; with all in the long run. */
const SAMPLE = longRun ? SHELLS : (["bash"] as const);

async function openPlain(context: TestContext, options: ShellLabOptions): Promise<ShellLab> {
  const lab = await openShellLab(options);
  context.onTestFinished(() => lab.close());
  return lab;
}

async function open(context: TestContext, options: ShellLabOptions): Promise<ShellLab> {
  const lab = await openPlain(context, { integration: AUTO, ...options });
  await lab.seeEvent(isState("active"));
  return lab;
}

/** Types lines, each once the one before has ended. */
async function run(lab: ShellLab, lines: readonly string[]): Promise<readonly Finished[]> {
  for (const line of lines) {
    const before = finished(lab).length;
    lab.type(`${line}\r`);
    await until(lab, () => finished(lab).length > before);
  }
  return finished(lab).slice(-lines.length);
}

type Finished = EventData["command.finished"];
const texts = (all: readonly Finished[]): readonly unknown[] => all.map(({ text }) => text);
const commands = (lab: ShellLab): readonly EventData["command.entered"][] =>
  lab.events.flatMap((event) => (event.type === "command.entered" ? [event.data] : []));

describe.each(SHELLS)("the third witness in %s", (name) => {
  it.concurrent(
    "tells the exact text of what runs, with its exit code and where the shell stands",
    async (context) => {
      const lab = await open(context, { name });
      const lines = [
        `cd /tmp; echo 'a;b\\n' "c  d" # e`,
        "false",
        "echo \u00e9 \u65e5\u672c \u{1f600} '%41;\\x41'",
        `printf '\\033[31mred\\033[0m\\n' | cat`,
        `echo ${"x".repeat(700)}`,
        "echo ';;\\\\' \"$HOME\" *",
      ];
      const told = await run(lab, lines);
      expect(texts(told)).toEqual(lines);
      expect(told.map(({ exitCode }) => exitCode)).toEqual([0, 1, 0, 0, 0, 0]);
      expect(
        told.every(({ judged, hidden, cwd }) => judged === "same" && !hidden && cwd === "/tmp"),
      ).toBe(true);
    },
  );

  it.concurrent(
    "leaves the person's screen as it is without it, cell for cell",
    async (context) => {
      const rc = name === "fish" ? "" : "echo Welcome, stranger.";
      const without = await openPlain(context, { name, rc });
      const withIt = await open(context, { name, rc });
      for (const lab of [without, withIt]) {
        for (const line of ["echo one", "echo two"]) {
          lab.type(`${line}\r`);
          await lab.see(new RegExp(`^${line.slice(5)}\\s*$`, "m"));
          await lab.prompt();
        }
        lab.type("echo thr");
        await lab.see("echo thr");
        await lab.quiet();
      }
      // fish colours what was typed in its own time.
      const colours = name !== "fish";
      expect(await cellsOf(withIt, colours)).toEqual(await cellsOf(without, colours));
      expect(Buffer.from(shownTo(withIt)).toString("latin1")).not.toContain("chp");
    },
  );

  it.concurrent(
    "is not in the history, not in the environment, and in no recording",
    async (context) => {
      const lab = await open(context, { name, rc: name === "bash" ? "set -a" : "" });
      lab.type("\x1b[A");
      await lab.quiet();
      expect(lab.screen().trimEnd().split("\n").at(-1)).not.toContain("chp");
      lab.type("\x15");
      await run(lab, ["echo first", "history > h.txt; env > e.txt"]);
      const told = ["h.txt", "e.txt"]
        .map((file) => readFileSync(join(lab.home, file), "utf8"))
        .join();
      expect(told).toContain("echo first");
      expect(told).not.toContain("chp");
      expect(told).not.toContain(NONCE);
      expect(JSON.stringify(lab.events)).not.toContain(NONCE);
      expect(Buffer.from(shownTo(lab)).toString("latin1")).not.toContain(NONCE);
    },
  );
});

describe.each(SAMPLE)("the third witness in %s, and who is against it,", (name) => {
  it.concurrent("takes no part in what is printed in its place", async (context) => {
    const lab = await open(context, { name });
    writeFileSync(
      join(lab.home, "evil.log"),
      "a\x1b]633;E;rm -rf important;x\x07b\x1b]133;A\x07c\n",
    );
    await run(lab, ["cat evil.log"]);
    const forged = await lab.seeEvent(isState("forged"));
    expect(forged.data).toMatchObject({ reason: "it does not know the secret of this session" });
    await run(lab, ["true"]);
    expect(commands(lab).map(({ text }) => text)).toEqual(["cat evil.log", "true"]);
    const shown = Buffer.from(shownTo(lab)).toString("latin1");
    expect(shown).toContain("ab\x1b]133;A\x07c");
  });

  it.concurrent("knows what was printed before when it is printed again", async (context) => {
    const lab = await open(context, { name });
    writeFileSync(join(lab.home, "typescript"), `\x1b]633;D;${SECRET};2;0;/nowhere\x07\n`);
    await run(lab, ["cat typescript"]);
    const forged = await lab.seeEvent(isState("forged"));
    expect(forged.data).toMatchObject({ reason: "it was seen before" });
  });

  it.concurrent("leaves the profile's own hooks and exit codes as they are", async (context) => {
    const rc = {
      bash: `PS0='\\033[1m(run)\n'; trap 'debugged=1' DEBUG`,
      zsh: `precmd() { mine=$?; }; preexec() { print -n '(run)'; }`,
      fish: "function mine --on-event fish_postexec; set -g mine $status; end; function my_run --on-event fish_preexec; echo '(run)'; end",
    }[name];
    const lab = await open(context, { name, rc });
    // As a profile of the time before it was a list would; what was set before goes on as well.
    if (name === "bash") await run(lab, ["PROMPT_COMMAND='mine=$?'"]);
    await run(lab, ["false", "echo m=$mine"]);
    await lab.see("m=1");
    await lab.see("(run)");
    if (name === "bash") await run(lab, ["echo d=$debugged"]).then(() => lab.see("d=1"));
  });

  it.concurrent(
    "hears of a command that no line of the person's explains, and says so",
    async (context) => {
      const rc = {
        bash: `bind '"\\C-t": "echo from a key\\n"'`,
        zsh: `bindkey -s '^T' 'echo from a key\\n'`,
        fish: `bind \\ct 'commandline "echo from a key"; commandline -f execute'`,
      }[name];
      const lab = await open(context, { name, rc });
      lab.type("\x14");
      const event = await lab.seeEvent((one) => isEntered(one, "echo from a key"));
      expect(event.data).toMatchObject({ source: "hook", decision: "alerted" });
      await until(lab, () => finished(lab).at(-1)?.judged === "different");
    },
  );

  it.concurrent("closes the terminal when what ran so is forbidden", async (context) => {
    const rc = {
      bash: `bind '"\\C-t": "rm -rf nothing-here\\n"'`,
      zsh: `bindkey -s '^T' 'rm -rf nothing-here\\n'`,
      fish: `bind \\ct 'commandline "rm -rf nothing-here"; commandline -f execute'`,
    }[name];
    const lab = await open(context, { name, rc });
    lab.type("\x14");
    await until(lab, () => lab.channelExit() !== null);
    expect(lab.events).toContainEqual(
      expect.objectContaining({
        type: "action.taken",
        data: expect.objectContaining({ action: "close", reason: "lab-rm" }) as unknown,
      }),
    );
  });

  it.concurrent("is silent in another shell, and speaks again behind it", async (context) => {
    const lab = await open(context, { name });
    lab.type("dash -i\r");
    await lab.see(/^[$#]\s*$/m);
    lab.type("echo in-$((40+2))\r");
    await lab.see("in-42");
    lab.type("exit\r");
    await until(lab, () => finished(lab).some(({ text }) => text === "dash -i"));
    const [told] = await run(lab, ["echo behind"]);
    expect(told).toMatchObject({ text: "echo behind", judged: "same" });
    expect(lab.events.filter(isState("forged"))).toEqual([]);
  });
});

/** bash's history joins them, the others keep them. */
const SEVERAL = [
  ["bash", ["for i in 1 2", "do echo $i", "done"], "for i in 1 2; do echo $i; done"],
  ["bash", ["cat <<X", "a\\b;c", "X"], "cat <<X\na\\b;c\nX"],
  ["bash", ["echo a \\", "b"], "echo a b"],
  ["zsh", ["for i in 1 2", "do echo $i", "done"], "for i in 1 2\ndo echo $i\ndone"],
  ["zsh", ["cat <<X", "a\\b;c", "X"], "cat <<X\na\\b;c\nX"],
  ["zsh", ["echo 'a", "b'"], "echo 'a\nb'"],
  ["fish", ["for i in 1 2", "echo $i", "end"], "for i in 1 2\necho $i\nend"],
] as const;

describe("lines of several lines", () => {
  it.concurrent.for(SEVERAL.filter((_, i) => longRun || i % 2 === 0))(
    "are one command in %s",
    async ([name, lines, text], context) => {
      const lab = await open(context, { name });
      for (const line of lines.slice(0, -1)) {
        lab.type(`${line}\r`);
        await lab.see(line.slice(0, 5));
        await lab.settled();
      }
      const [told] = await run(lab, lines.slice(-1));
      expect(told?.judged).toBe("same");
      expect(told?.text?.trimEnd()).toBe(text);
    },
  );
});

describe("what bash keeps out of its history", () => {
  it.concurrent(
    "is known from the two other witnesses alone, or is what was before",
    async (context) => {
      const lab = await open(context, { name: "bash", rc: "HISTCONTROL=ignoreboth" });
      // The lab's own profile clears it again.
      lab.type("HISTCONTROL=ignoreboth\r");
      await until(lab, () => finished(lab).length === 1);
      const told = await run(lab, ["echo one", "echo one", " echo two"]);
      expect(told.map(({ judged, text }) => ({ judged, text }))).toEqual([
        { judged: "same", text: "echo one" },
        { judged: "same", text: "echo one" },
        { judged: "unknown", text: undefined },
      ]);
      expect(commands(lab).every(({ source }) => source !== "hook")).toBe(true);
    },
  );

  it.concurrent("is brought back by history expansion as what it expands to", async (context) => {
    const lab = await open(context, { name: "bash" });
    const told = await run(lab, ["echo one", "!! two"]);
    expect(texts(told)).toEqual(["echo one", "echo one two"]);
    expect(told[1]?.judged).toBe("same");
  });
});

describe("without a shell that can be asked", () => {
  const others = longRun ? (["dash", "ash", "mksh"] as const) : (["dash"] as const);
  it.concurrent.for(others)("%s works as it does without", async (name, context) => {
    const lab = await openPlain(context, { name, integration: AUTO });
    lab.type("echo ok-$((40+2))\r");
    await lab.see("ok-42");
    await lab.seeEvent(isState("absent"));
    expect(lab.sentToTarget()).not.toContain("chp");
    expect(commands(lab).map(({ text }) => text)).toEqual(["echo ok-$((40+2))"]);
  });

  it.concurrent(
    "a shell of another kind than was said goes on with a line of its own",
    async (context) => {
      const lab = await openPlain(context, {
        name: "bash",
        integration: { shell: "fish", nonce: NONCE },
      });
      await lab.seeEvent(isState("absent"));
      lab.type("echo ok-$((40+2))\r");
      await lab.see("ok-42");
      expect(lab.screen()).not.toContain("chp");
    },
  );
});

describe("a shell that is typed at before its prompt has come", () => {
  it.concurrent("runs what was typed, judged, and nothing else that shows", async (context) => {
    const early = { typedAtOnce: "echo early\r", integration: AUTO };
    const lab = await openPlain(context, { name: "bash", ...early });
    await until(lab, () => lab.ran().includes("echo early"));
    await lab.see(/^early\s*$/m);
    expect(commands(lab).map(({ text }) => text)).toEqual(["echo early"]);
    expect(lab.screen()).not.toContain("chp");
  });
});

describe("where the shell says it stands", () => {
  const rules = `
apiVersion: chaperone/v1
kind: RulePack
metadata: { name: lab, version: 1.0.0 }
rules:
  - id: lab-kept
    name: Kept files
    criticality: high
    match: { command: { exec: unlink, args: { path: "/tmp/chaperone-kept/**" } } }
    action: block
`;
  it.concurrent.for(SAMPLE)(
    "%s: a path is judged where it leads from there",
    async (name, context) => {
      const lab = await open(context, {
        name,
        rules,
        doubt: { onUnparsed: "allow", onUncertain: "allow" },
      });
      const line = name === "fish" ? "cd (echo /tmp)" : "cd $(echo /tmp)";
      await run(lab, [line]);
      lab.type("unlink chaperone-kept/file\r");
      await lab.see("Blocked by Chaperone");
      await lab.prompt();
      expect(commands(lab).at(-1)).toMatchObject({ decision: "blocked", rules: ["lab-kept"] });
    },
  );
});

function isState(state: string): (event: EventDraft) => boolean {
  return (event) => event.type === "integration.changed" && event.data.state === state;
}

function isEntered(event: EventDraft, text: string): boolean {
  return event.type === "command.entered" && event.data.text === text;
}

function finished(lab: ShellLab): readonly Finished[] {
  return lab.events.flatMap((event) => (event.type === "command.finished" ? [event.data] : []));
}

async function until(lab: ShellLab, holds: () => boolean): Promise<void> {
  for (let waited = 0; !holds(); waited += 10) {
    if (waited > 15_000) {
      throw new Error(
        `never came\n${lab.screen()}\n${lab.events.map((e) => JSON.stringify(e)).join("\n")}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What the person's terminal was sent. */
function shownTo(lab: ShellLab): Uint8Array {
  return Buffer.concat(
    lab.records.flatMap((entry) => (entry.type === "output" ? [entry.bytes] : [])),
  );
}

/** Every cell of the person's screen, with how it looks, and the cursor. */
async function cellsOf(lab: ShellLab, colours: boolean): Promise<unknown> {
  const terminal = new xterm.Terminal({ cols: 100, rows: 24, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(shownTo(lab), resolve));
  const { active } = terminal.buffer;
  const rows = Array.from({ length: active.length }, (_, y) => {
    const line = active.getLine(y);
    return Array.from({ length: 100 }, (__, x) => {
      const cell = line?.getCell(x);
      if (!colours) return cell?.getChars();
      return `${cell?.getChars() ?? ""}/${String(cell?.getFgColor())}/${String(cell?.getBgColor())}/${String(cell?.isInverse())}`;
    }).join("|");
  });
  const cursor = { x: active.cursorX, y: active.cursorY };
  terminal.dispose();
  return { rows, cursor };
}
