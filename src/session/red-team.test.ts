import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { EventDraft } from "../events/index.js";
import { openBashLab, type BashLab, type BashLabOptions } from "./bash-lab.testing.js";

/**
 * Ways to make the shell run what a rule forbids, tried at a real bash. The file system is the judge:
 * the folder `precious` is still there, or an event says that we were not sure.
 */
interface Attack {
  readonly by: string;
  /** Typed one after the other, each when the terminal has become quiet. */
  readonly keys: readonly (string | ((lab: BashLab) => unknown))[];
  readonly options?: BashLabOptions;
}

async function attack(
  { keys, options }: Pick<Attack, "keys" | "options">,
  judge: (lab: BashLab, precious: string) => void | Promise<void>,
): Promise<void> {
  const lab = await openBashLab(options);
  try {
    const precious = join(lab.home, "precious");
    mkdirSync(precious);
    for (const part of keys) {
      if (typeof part === "string") lab.type(part);
      else await part(lab);
      await lab.quiet();
    }
    await judge(lab, precious);
  } finally {
    lab.close();
  }
}

function commands(lab: BashLab): readonly (EventDraft & { type: "command.entered" })[] {
  return lab.events.filter((event) => event.type === "command.entered");
}

const isDecided =
  (decision: string) =>
  (event: EventDraft): boolean =>
    event.type === "command.entered" && event.data.decision === decision;

function story(lab: BashLab): string {
  const told = commands(lab).map(({ data }) =>
    JSON.stringify([data.decision, data.text, data.confidence, data.unparsed]),
  );
  return `${lab.screen()}\n${told.join("\n")}`;
}

/** Nothing forbidden ran. */
function stops(attacks: readonly Attack[]): void {
  it.each(attacks)("by $by", async (one) => {
    await attack(one, async (lab, precious) => {
      await lab.seeEvent(isDecided("blocked"));
      await lab.quiet();
      expect(existsSync(precious), story(lab)).toBe(true);
    });
  });
}

/** What runs can not be known from outside: somebody is told. */
function alerts(attacks: readonly Attack[]): void {
  it.each(attacks)("by $by", async (one) => {
    await attack(one, (lab) => lab.seeEvent(isDecided("alerted")).then(() => undefined));
  });
}

describe("words that only the shell knows", () => {
  const unknown: Attack[] = [
    {
      by: "flags in a variable of the profile",
      keys: ["rm $zz precious\r"],
      options: { rc: "zz=-rf" },
    },
    {
      by: "a command in a variable of the profile",
      keys: ["$zz -rf precious\r"],
      options: { rc: "zz=rm" },
    },
  ];
  describe("are told where a rule may forbid them", () => alerts(unknown));
  describe("are stopped where policy says so", () =>
    stops(
      unknown.map((one) => ({
        ...one,
        options: { ...one.options, doubt: { onUnparsed: "block" } },
      })),
    ));

  it("are no reason to stop a line that no rule can mean", async () => {
    await attack(
      { keys: ["ls $zz\r"], options: { rc: "zz=-la", doubt: { onUnparsed: "block" } } },
      (lab) => expect(commands(lab).map(({ data }) => data.decision)).toEqual(["allowed"]),
    );
  });
});

describe("a prompt for more that looks like the prompt for commands hides nothing", () => {
  stops(
    [
      { by: "a trailing backslash", keys: ["r\\\r", "m -rf precious\r"] },
      { by: "a here-document", keys: ["bash <<'EOF'\r", "r\\\r", "m -rf precious\r", "EOF\r"] },
      { by: "a loop", keys: ["for x in rm; do\r", "$x -rf precious\r", "done\r"] },
      { by: "an open quote", keys: ["bash -c 'r''m \\\r", "-rf precious'\r"] },
    ].map((one) => ({ ...one, keys: ["PS2=$PS1\r", ...one.keys] })),
  );
});

/** In the history from before the session, where no witness but the screen can know it. */
const OLD = { files: { ".old": "ls\nrm -rf precious\n" }, rc: "history -r $HOME/.old" };

describe("commands of the history that are not shown before they run", () => {
  stops([
    { by: "fc -s", keys: ["fc -s rm\r"], options: OLD },
    { by: "fc and an editor", keys: ["fc -e true rm\r"], options: OLD },
    { by: "fc with a replacement", keys: ["rx -rf precious\r", "fc -s rx=rm\r"] },
  ]);
  stops([
    { by: "an entry that is made", keys: ["history -s 'rm -rf precious'\r", "!!\r"] },
    {
      by: "a list that is exchanged",
      keys: ["echo a\r", "echo b\r", "history -c; history -r .old\r", "!-2\r"],
      options: { files: OLD.files },
    },
    {
      by: "entries that are left out",
      keys: ["HISTIGNORE='echo x*'\r", "echo rm -rf precious\r", "echo xx yy\r", "!!:1*\r"],
    },
  ]);
  it("may be listed", async () => {
    await attack({ keys: ["fc -l\r", "fc -ln -5\r"] }, (lab) =>
      expect(commands(lab).map(({ data }) => data.decision)).toEqual(["allowed", "allowed"]),
    );
  });
});

describe("keys that run a line unseen can not be made", () => {
  stops([
    { by: "a key that accepts", keys: ["bind '\"q\":accept-line'\r", "rm -rf preciousq"] },
    { by: "a key that types", keys: ['bind \'"q":"rm -rf precious\\n"\'\r', "q"] },
    {
      by: "a key that edits the line",
      keys: ['bind -x \'"\\C-m":READLINE_LINE="rm -rf precious"\'\r', "echo\r"],
    },
    {
      by: "a file of bindings",
      keys: ["bind -f ir\r", "rm -rf preciousq"],
      options: { files: { ir: '"q":accept-line\n' } },
    },
    {
      by: "a file of bindings for another shell",
      keys: ["INPUTRC=$HOME/ir bash --norc\r", "rm -rf preciousq"],
      options: { files: { ir: '"q":accept-line\n' } },
    },
  ]);
  it("but searching with the arrows may be set up", async () => {
    await attack(
      { keys: [`bind '"\\e[A": history-search-backward'\r`, "bind 'set bell-style none'\r"] },
      (lab) => expect(commands(lab).map(({ data }) => data.decision)).not.toContain("blocked"),
    );
  });
});

const UP_TWICE = "\x1b[A\x1b[A";
const LIAR = "printf '\\r\\e[2Klab> echo hello'";

describe("a screen that does not show the line", () => {
  stops([
    { by: "echo off and a recall", keys: ["stty -echo\r", `${UP_TWICE}\r`], options: OLD },
    { by: "echo off and a search", keys: ["stty -echo\r", "\x12rm\r"], options: OLD },
    {
      by: "a recalled line that is longer than the screen",
      keys: [UP_TWICE, "\r"],
      options: {
        ...OLD,
        columns: 40,
        rows: 6,
        files: { ".old": `rm -rf precious; echo ${"a".repeat(600)}\n` },
      },
    },
    {
      by: "a line that scrolls sideways",
      keys: [UP_TWICE, "\r"],
      options: {
        columns: 30,
        files: { ".old": `rm -rf precious; echo ${"a".repeat(60)}\n` },
        rc: `${OLD.rc}\nbind 'set horizontal-scroll-mode on'`,
      },
    },
    {
      by: "a completion that takes its time",
      keys: ["x\t -rf precious\r"],
      options: { rc: "_e() { sleep 0.5; COMPREPLY=(rm); }; complete -I -F _e" },
    },
    { by: "letters drawn as lines", keys: ["printf '\\e(0'\r", "rm -rf prec\t\r"] },
    { by: "a comment taken off", keys: ["#rm -rf precious\r", "\x1b[A", "\x1b1\x1b#"] },
    {
      by: "completion typed ahead",
      keys: ["sleep 0.3\rx\t -rf precious\r"],
      options: { rc: "_e() { COMPREPLY=(rm); }; complete -I -F _e" },
    },
    { by: "a yank typed ahead", keys: ["rm -rf precious\x15echo\r", "sleep 0.3\r\x19\r"] },
  ]);

  alerts([
    {
      by: "a job that rewrites it later",
      keys: [
        `(until [ -e go ]; do sleep 0.02; done; ${LIAR}) &\r`,
        UP_TWICE,
        (lab) => writeFileSync(join(lab.home, "go"), ""),
        (lab) => lab.see("\nlab> echo hello"),
        "\r",
      ],
      options: OLD,
    },
    {
      by: "a terminal that does not wrap",
      keys: ["printf '\\e[?7l'\r", `${UP_TWICE}\x1b[A`, "\r"],
      options: { ...OLD, columns: 20 },
    },
  ]);
});
