import { describe, expect, it } from "vitest";
import type { EventDraft } from "../../src/events/index.js";
import { openShellLab, type ShellLab } from "../../src/session/shell-lab.testing.js";
import { longRun } from "../../src/testing/seed.js";
import { KEY } from "./cases.js";
import { isInstalled } from "./installed.js";

/** What is told of lines that are typed in windows and panes against what the shells in them ran. */
type Multiplexer = "tmux" | "screen";

const PREFIX: Readonly<Record<Multiplexer, string>> = { tmux: "\x02", screen: "\x01" };
const START: Readonly<Record<Multiplexer, string>> = {
  tmux: "tmux -S ~/.s -f ~/.conf new\r",
  screen: "screen -S lab -c ~/.conf\r",
};
const AGAIN: Readonly<Record<Multiplexer, string>> = {
  tmux: "tmux -S ~/.s attach\r",
  screen: "screen -r lab\r",
};
const CONF: Readonly<Record<Multiplexer, string>> = {
  tmux: [
    'set-environment -g RAN "$HOME/.ran"',
    'set -g default-command "bash --rcfile $HOME/.bashrc -i"',
    "set -g status-interval 1",
    'set -g status-right "%H:%M:%S"',
    "set -g escape-time 10",
  ].join("\n"),
  screen: [
    "setenv RAN $HOME/.ran",
    "shell bash",
    "startup_message off",
    "hardstatus alwayslastline '%H %n %t %c:%s'",
    "term screen-256color",
  ].join("\n"),
};

type Situation = readonly [name: string, steps: (prefix: string, which: Multiplexer) => string[]];

const SITUATIONS: readonly Situation[] = [
  ["one window", () => ["say one two\r", KEY.up, " more\r", `say mid${KEY.left}${KEY.left}X\r`]],
  [
    "two windows",
    (p) => [`${p}c`, "say in second\r", `${p}n`, "say in first\r", `${p}p`, "say back\r"],
  ],
  ["a line half typed", (p) => ["say half ", `${p}c`, "say elsewhere\r", `${p}p`, "done\r"]],
  ["another command of its own", (p, which) => [`${p}:`, OWN[which], "say after\r"]],
  ["two panes", (p, which) => [...SPLIT[which](p), "say below\r", OTHER[which], "say above\r"]],
  ["gone and back", (p, which) => ["say in\r", `${p}d`, AGAIN[which], "say in again\r"]],
];
const BESIDE: Situation = [
  "two panes side by side",
  (p) => [`${p}%`, "say right\r", KEY.up, " x\r", `${p}o`, "say left\r", KEY.up, " y\r"],
];
const OWN = { tmux: "display-message hello\r", screen: "echo hello\r" };
const SPLIT: Readonly<Record<Multiplexer, (prefix: string) => string[]>> = {
  tmux: (p) => [`${p}"`],
  screen: (p) => [`${p}S`, `${p}\t`, `${p}c`],
};
const OTHER = { tmux: "\x02o", screen: "\x01\t" };

const RULES = `
apiVersion: chaperone/v1
kind: RulePack
metadata: { name: multiplexers, version: 1.0.0 }
rules:
  - id: never
    name: Nothing that is typed here
    criticality: low
    match: { command: { exec: never-typed } }
    action: alert
`;

const ONE_KEY = new RegExp(`${KEY.escape}\\[[A-Z]|[\\s\\S]`, "gu");
/** A shell says what it ran when it shows its next prompt. */
const RAN_WITHIN_MS = 15_000;

async function typeIn(lab: ShellLab, keys: string): Promise<void> {
  for (const key of keys.match(ONE_KEY) ?? []) {
    lab.type(key);
    await lab.settled(8);
  }
  await lab.settled(300);
}

type Entered = Extract<EventDraft, { type: "command.entered" }>["data"];

function toldOf(lab: ShellLab): readonly Entered[] {
  return lab.events
    .flatMap((event) => (event.type === "command.entered" ? [event.data] : []))
    .filter(({ text = "" }) => !/^(?:tmux|screen) /.test(text));
}

async function compare(which: Multiplexer, [, steps]: Situation): Promise<void> {
  const lab = await openShellLab({
    rules: RULES,
    rc: "export SCREENDIR=$HOME/.screens; mkdir -p -m 700 $SCREENDIR",
    files: { ".conf": `${CONF[which]}\n` },
    // The shells inside tell what they run; the one around them shows no line of theirs.
    env: { RAN: "/dev/null" },
  });
  try {
    await typeIn(lab, START[which]);
    await lab.see(/lab>[^]*\n[^]*\d\d:\d\d/);
    for (const keys of steps(PREFIX[which], which)) await typeIn(lab, keys);
    const told = toldOf(lab);
    const story = `${lab.screen()}\n${told.map((one) => JSON.stringify(one)).join("\n")}`;
    const lines = told.filter(({ context }) => context === "shell").map(({ text }) => text?.trim());
    for (let waited = 0; lab.ran().length < lines.length && waited < RAN_WITHIN_MS; waited += 20)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(lines, story).toEqual(lab.ran().map((line) => line.trim()));
  } finally {
    lab.close();
  }
}

// Each of them takes seconds, most of which is waiting for two terminals.
describe.runIf(longRun)("what is told of lines in a multiplexer is what its shells run", () => {
  it.each([...SITUATIONS, BESIDE])("in tmux, with %s", async (...situation) => {
    if (isInstalled("tmux")) await compare("tmux", situation);
    else console.warn("tmux is not installed: lines in it are not compared");
  });

  it.each([...SITUATIONS])("in screen, with %s", async (...situation) => {
    if (isInstalled("screen")) await compare("screen", situation);
    else console.warn("screen is not installed: lines in it are not compared");
  });
});
