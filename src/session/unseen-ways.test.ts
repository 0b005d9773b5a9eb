import { describe, expect, it } from "vitest";
import { analyseLine } from "../shell/index.js";
import { unseenWay } from "./unseen-ways.js";

const why = (line: string): string | undefined => unseenWay(analyseLine(line, {}));

describe("a builtin after which lines would run unseen", () => {
  it.each([
    "fc -s rm",
    "fc -e true",
    "bind '\"q\": accept-line'",
    "bind -f keys",
    "bind $x",
    "INPUTRC=keys bash",
    "env INPUTRC=keys bash",
    "bindkey -s '^M' 'rm -rf /etc\\n'",
    "bindkey q accept-line",
    "bindkey $x",
    "zle -N accept-line f",
    "enable -f ./x.so x",
    "r true=",
    "tmux -L x paste-buffer -d",
    "screen -S q -X paste .",
    "sudo bash -c 'enable -f ./x.so x'",
  ])("is told as such: %s", (line) => {
    expect(why(line)).toMatch(/\w/);
  });

  it.each([
    "fc -l",
    "fc -ln -5",
    "bind -p",
    "bind 'set bell-style none'",
    "bind '\"\\e[A\": history-search-backward'",
    "bindkey -e",
    "bindkey -L",
    "bindkey '^[[A' history-beginning-search-backward",
    "enable -n test",
    "enable",
    "zle -l",
    "tmux list-buffers",
    "./r x=y",
    "ls",
  ])("is told apart from harmless ones: %s", (line) => {
    expect(why(line)).toBeUndefined();
  });
});
