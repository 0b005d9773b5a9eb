import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decodeUtf8 } from "../../kernel/index.js";
import { typeAtBash, type TypingAtBash } from "./typing-at-bash.testing.js";
import type { VisibleInput } from "./typed-line.js";

const SECRET = "hunter2-Grün";

/** Runs bash, starts what asks for a secret, types it, and says what could be told afterwards. */
async function typeSecret(options: {
  readonly starts: string;
  readonly asks: string;
  readonly secret?: string;
  readonly rc?: string;
  readonly path?: string;
}): Promise<{ bash: TypingAtBash; readings: readonly unknown[]; input: readonly VisibleInput[] }> {
  const bash = await typeAtBash({
    rc: options.rc ?? "",
    path: options.path ?? "/usr/bin:/bin",
  });
  await bash.type(`${options.starts}\r`);
  await bash.shows(new RegExp(`\n[^\n]*${options.asks}$`));
  bash.line.takeVisibleInput(bash.now());
  const input: VisibleInput[] = [];
  for (const character of options.secret ?? SECRET) {
    await bash.type(character);
    input.push(...bash.line.takeVisibleInput(bash.now()));
  }
  const readings = await bash.type("\r");
  input.push(...bash.line.takeVisibleInput(bash.now()));
  while (bash.line.visibilityPending) {
    await bash.pause(20);
    input.push(...bash.line.takeVisibleInput(bash.now()));
  }
  return { bash, readings, input };
}

function shownText(input: readonly VisibleInput[]): string {
  return input.map((one) => (one.kind === "shown" ? decodeUtf8(one.bytes) : "")).join("");
}

const PROMPTS = [
  { name: "read -s", starts: "read -s -p 'Password: ' x", asks: "Password: " },
  {
    name: "a shell with echo switched off",
    starts: "stty -echo; read -p 'PIN? ' x",
    asks: "PIN\\? ",
  },
  {
    name: "a program that asks as sudo does",
    starts: `python3 -c 'import getpass; getpass.getpass("[sudo] password for alice: ")'`,
    asks: "password for alice: ",
  },
  {
    name: "a prompt that looks like the shell's own",
    starts: "read -s -p 'lab$ ' x",
    asks: "lab\\$ ",
  },
  {
    name: "a program that echoes stars",
    starts:
      `python3 -c 'import sys,tty,termios\nfd=0;o=termios.tcgetattr(fd);tty.setcbreak(fd);` +
      `print("Token: ",end="",flush=True)\nwhile True:\n c=sys.stdin.buffer.raw.read(1)\n ` +
      `if c in b"\\r\\n": break\n print("*",end="",flush=True)\ntermios.tcsetattr(fd,0,o)'`,
    asks: "Token: ",
  },
];

describe("what is typed with echo off", () => {
  it.each(PROMPTS)("leaves no trace at $name", async ({ starts, asks }) => {
    const { bash, readings, input } = await typeSecret({
      starts: starts.replaceAll("\n", "\u0016\n"),
      asks,
    });
    try {
      expect(readings).toMatchObject([{ hidden: true }]);
      const shown = shownText(input).replaceAll("\r", "");
      expect(shown, "bytes told to the recording").toBe("");
      expect(input.filter((one) => one.kind === "hidden")).toHaveLength(1);
    } finally {
      bash.close();
    }
  });

  it("leaves no trace when editing keys are typed in between", async () => {
    const { bash, readings, input } = await typeSecret({
      starts: "read -s -p 'Password: ' x",
      asks: "Password: ",
      secret: "ab\u0012cd\tef\u001b[Agh\u0018",
    });
    try {
      expect(readings).toMatchObject([{ hidden: true }]);
      expect(shownText(input)).not.toMatch(/[a-h]/);
    } finally {
      bash.close();
    }
  });

  it("leaves no trace where it was begun before it was asked for, and its begin shows", async () => {
    const folder = mkdtempSync(join(tmpdir(), "chaperone-ahead-"));
    const go = join(folder, "go");
    const bash = await typeAtBash({ path: "/usr/bin:/bin" });
    try {
      const asks = "stty -echo; printf 'Password: '; read -r x; stty echo";
      await bash.type(`echo wai''ts; until [ -e ${go} ]; do sleep 0.1; done; ${asks}\r`);
      await bash.shows(/\rwaits\r\n$/);
      for (const character of "hunt") await bash.type(character);
      await bash.shows(/\nhunt$/);
      writeFileSync(go, "");
      await bash.shows(/huntPassword: $/);
      for (const character of "er2-secret") await bash.type(character);
      const readings = await bash.type("\r");
      expect(readings).toMatchObject([{ hidden: true }]);
    } finally {
      bash.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("tells ordinary lines whole, in order", async () => {
    const bash = await typeAtBash({});
    try {
      const input: VisibleInput[] = [];
      for (const key of ["e", "c", "h", "o", " ", "x", "y", "\u007f", "\u001b[D", "Z", "ü", "\r"]) {
        await bash.type(key);
      }
      await bash.ready();
      while (bash.line.visibilityPending) {
        await bash.pause(10);
        input.push(...bash.line.takeVisibleInput(bash.now()));
      }
      input.push(...bash.line.takeVisibleInput(bash.now()));
      expect(shownText(input)).toBe("echo xy\u007f\u001b[DZü\r");
    } finally {
      bash.close();
    }
  });
});
