import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  findPostgres,
  startPostgres,
  type PostgresLab,
} from "../../src/core/store/postgres-lab.testing.js";
import type { EventDraft } from "../../src/events/index.js";
import { openShellLab, type ShellLab } from "../../src/session/shell-lab.testing.js";
import { longRun, seed } from "../../src/testing/seed.js";
import { isInstalled } from "./installed.js";

/**
 * Programs that read lines and keys themselves: their text is never a shell's command, and what they run
 * in a shell is judged like one.
 */
interface Scene {
  readonly name: string;
  readonly program: string;
  /** Typed key after key; the next when the screen has come to rest, or shows what is asked for. */
  readonly keys: readonly (string | { readonly see: string })[];
}

const NOTES = Array.from({ length: 60 }, (_, i) => `line ${String(i)}`).join("\n");
/** Servers of their own, ended with the test. */
const SERVER = `chaperone-lab-${String(process.pid)}`;
const TMUX = `tmux -f /dev/null -L ${SERVER} new\r`;
const SCREEN = `screen -S ${SERVER} -c /dev/null\r`;
const VIM = "vim -u NONE -N notes\r";

/** `rm -rf precious` stands in each of them, and none runs it. */
const HARMLESS: readonly Scene[] = [
  {
    name: "text typed into vim",
    program: "vim",
    keys: [VIM, "ione\rrm -rf precious\r$ rm -rf precious\rlast", "\x1b", ":wq\r"],
  },
  { name: "a search in vim", program: "vim", keys: [VIM, "/rm -rf precious\r", ":q!\r"] },
  { name: "a search in less", program: "less", keys: ["less notes\r", "/rm -rf precious\r", "q"] },
  {
    name: "a string in python",
    program: "python3",
    keys: ["python3 -q\r", "x = 'rm -rf precious'\r", "print(x)\r", "exit()\r"],
  },
  {
    name: "a string in sqlite3",
    program: "sqlite3",
    keys: ["sqlite3 x.db\r", "select 'rm -rf precious';\r", ".quit\r"],
  },
  {
    name: "a string in node",
    program: "node",
    keys: ["node\r", "x = 'rm -rf precious'\r", "console.log(x)\r", ".exit\r"],
  },
  {
    name: "text typed into nano",
    program: "nano",
    keys: ["nano notes\r", "rm -rf precious\r$ rm -rf precious\rlast", "\x18", "n"],
  },
  {
    name: "a search in nano",
    program: "nano",
    keys: ["nano notes\r", "\x17rm -rf precious\r", "\x18"],
  },
  {
    name: "a filter in htop",
    program: "htop",
    keys: ["htop\r", "/rm -rf precious\r", "\x03", "q"],
  },
  {
    name: "a search in a manual page",
    program: "less",
    keys: ["less -R notes\r", "/^rm -rf precious\r", "?rm -rf precious\r", "q"],
  },
  {
    name: "text typed into the tail of a file",
    program: "tail",
    keys: ["tail -f notes\r", "x = 'rm -rf precious'\r", "\x03"],
  },
];

/** The folder must still be there, and somebody is told. */
const ESCAPES: readonly Scene[] = [
  { name: ":! in vim", program: "vim", keys: [VIM, ":!rm -rf precious\r"] },
  { name: ":r ! in vim", program: "vim", keys: [VIM, ":r !rm -rf precious\r"] },
  { name: ":w ! in vim", program: "vim", keys: [VIM, ":w !rm -rf precious\r"] },
  {
    name: ":terminal in vim",
    program: "vim",
    keys: [VIM, ":terminal\r", { see: "[running]" }, "rm -rf precious\r"],
  },
  { name: ":terminal with a command", program: "vim", keys: [VIM, ":term rm -rf precious\r"] },
  { name: ":sh in vim", program: "vim", keys: [VIM, ":sh\r", "rm -rf precious\r"] },
  { name: "! in less", program: "less", keys: ["less notes\r", "!rm -rf precious\r"] },
  {
    name: "os.system in python",
    program: "python3",
    keys: ["python3 -q\r", "import os; os.system('rm -rf precious')\r"],
  },
  {
    name: ".shell in sqlite3",
    program: "sqlite3",
    keys: ["sqlite3 x.db\r", ".shell rm -rf precious\r"],
  },
  {
    name: "child_process in node",
    program: "node",
    keys: ["node\r", "require('child_process').execSync('rm -rf precious')\r"],
  },
  {
    name: "a command run by nano",
    program: "nano",
    keys: ["nano notes\r", "\x14rm -rf precious\r"],
  },
  { name: "a shell of su", program: "su", keys: ["su -s /bin/bash\r", "rm -rf precious\r"] },
  { name: "a shell in a shell", program: "bash", keys: ["bash --norc\r", "rm -rf precious\r"] },
  { name: "a shell of sudo", program: "sudo", keys: ["sudo -s\r", "rm -rf precious\r"] },
  {
    name: "a window of tmux",
    program: "tmux",
    keys: [TMUX, "\x02c", "rm -rf precious\r"],
  },
  {
    name: "a pane of tmux",
    program: "tmux",
    keys: [TMUX, '\x02"', "rm -rf precious\r"],
  },
  {
    name: "a window of screen",
    program: "screen",
    keys: [SCREEN, " ", "\x01c", "rm -rf precious\r"],
  },
  {
    name: "an alternate screen that was only printed",
    program: "bash",
    keys: ["printf '\\e[?1049h'\r", "rm -rf precious\r"],
  },
  {
    name: "an alternate screen and an editor that is over",
    program: "vim",
    keys: ["printf '\\e[?1049h'\r", "vim --version >x\r", "rm -rf precious\r"],
  },
];

const sampled = (scenes: readonly Scene[], count: number): readonly Scene[] =>
  longRun ? scenes : scenes.filter((_, i) => (i + Math.abs(seed)) % scenes.length < count);

async function play(
  scene: Scene,
  judge: (lab: ShellLab, precious: string) => void | Promise<void>,
): Promise<void> {
  if (!isInstalled(scene.program)) {
    console.warn(`${scene.program} is not installed: ${scene.name} is not tried`);
    return;
  }
  const lab = await openShellLab({ files: { notes: NOTES }, env: { PAGER: "less" } });
  try {
    const precious = join(lab.home, "precious");
    mkdirSync(precious);
    for (const keys of scene.keys) {
      if (typeof keys !== "string") {
        await lab.see(keys.see);
        continue;
      }
      for (const key of keys) {
        lab.type(key);
        await lab.settled(4);
      }
      await lab.settled(200);
    }
    await judge(lab, precious);
  } finally {
    if (scene.program === "tmux") spawnSync("tmux", ["-L", SERVER, "kill-server"]);
    if (scene.program === "screen") spawnSync("screen", ["-S", SERVER, "-X", "quit"]);
    lab.close();
  }
}

function typed(keys: Scene["keys"][number] | undefined): string {
  return typeof keys === "string" ? keys.trim() : "";
}

function story(lab: ShellLab): string {
  return `${lab.screen()}\n${lab.events.map((event) => JSON.stringify(event)).join("\n")}`;
}

type Entered = Extract<EventDraft, { type: "command.entered" }>["data"];

function told(lab: ShellLab): readonly Entered[] {
  return lab.events.flatMap((event) => (event.type === "command.entered" ? [event.data] : []));
}

function staysInside(lab: ShellLab, scene: Scene): void {
  const [first, ...inside] = told(lab);
  expect(first?.text, story(lab)).toBe(typed(scene.keys[0]));
  expect(
    inside.filter(({ context }) => context === "shell"),
    story(lab),
  ).toEqual([]);
  expect(
    inside.filter(({ decision }) => decision === "blocked"),
    story(lab),
  ).toEqual([]);
}

async function isStopped(lab: ShellLab, precious: string): Promise<void> {
  await lab.seeEvent(
    (event) => event.type === "command.entered" && event.data.decision === "blocked",
  );
  await lab.settled();
  expect(existsSync(precious), story(lab)).toBe(true);
}

describe("what a program is typed is no command of a shell", () => {
  it.each(sampled(HARMLESS, 2))("$name", async (scene) => {
    await play(scene, (lab) => staysInside(lab, scene));
  });
});

describe("what a program runs in a shell is judged", () => {
  it.each(sampled(ESCAPES, 4))("$name", async (scene) => {
    await play(scene, isStopped);
  });
});

const POSTGRES = longRun ? findPostgres() : null;

// Its server takes seconds to start.
describe.runIf(POSTGRES !== null)("psql", () => {
  let postgres: PostgresLab | undefined;
  let psql = "";

  beforeAll(async () => {
    if (POSTGRES === null) return;
    postgres = await startPostgres(POSTGRES);
    psql = `psql -X '${postgres.newDatabase()}'\r`;
  });
  afterAll(() => postgres?.stop());

  const scene = (name: string, ...keys: Scene["keys"]): Scene => ({
    name,
    program: "psql",
    keys: [psql, { see: "=#" }, ...keys],
  });

  it("takes its statements for itself", async () => {
    const asked = scene("a string", "select 'rm -rf precious';\r", "\\q\r");
    await play(asked, (lab) => staysInside(lab, asked));
  });

  it.each(["\\! rm -rf precious\r", "select 1 \\! rm -rf precious\r", "\\o | rm -rf precious\r"])(
    "is stopped where it would run a command: %j",
    async (keys) => {
      await play(scene("an escape", keys), isStopped);
    },
  );
});
