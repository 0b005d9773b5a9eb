import { describe, expect, it } from "vitest";
import { analyseLine, learnFromLine, type ShellKnowledge } from "../shell/index.js";
import { playsInterrupt } from "./interrupt-ways.js";

function behind(...lines: readonly string[]): boolean {
  let knowledge: ShellKnowledge = {};
  let plays = false;
  for (const line of lines) {
    const analysis = analyseLine(line, knowledge);
    knowledge = learnFromLine(knowledge, analysis);
    plays ||= playsInterrupt(analysis, knowledge);
  }
  return plays;
}

describe("a Ctrl-C that looks as if it worked", () => {
  it.each([
    "stty intr undef",
    "stty -isig",
    "sudo stty raw",
    "env stty intr ^G",
    'stty "$(cat modes)"',
    "stty 500:5:bf:8a3b:3:1c:7f:15:4:0:1:0",
    "trap z INT",
    "trap '. ./keys' SIGINT",
    "trap z DEBUG",
    "trap $x",
    "tmux bind -n C-c send-keys Enter",
    "tmux -f keys new",
    "screen -X bindkey ^C stuff x",
    "$unknown intr undef",
    "echo '\"\\C-c\": accept-line' > ~/.inputrc",
    "cp keys .tmux.conf",
  ])("proves nothing behind %s", (line) => expect(behind(line)).toBe(true));

  it("proves nothing behind a script that changes the key", () => {
    expect(behind("echo 'stty intr undef' > s", "sh s")).toBe(true);
  });

  it.each([
    "stty -a",
    "stty sane",
    "stty rows 40 cols 100",
    "stty -echo",
    "stty -ixon",
    "trap -p",
    "trap 'rm -f /tmp/x' EXIT",
    "tmux ls",
    "tmux attach -t work",
    "screen -r",
    "git log",
    "rm $file",
    "ssh host",
    "cat ~/.inputrc",
  ])("proves what it proved before behind %s", (line) => expect(behind(line)).toBe(false));
});
