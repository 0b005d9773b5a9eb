import type { Command } from "./command.js";
import { EXIT } from "./exit-code.js";

/** `chaperone completion bash|zsh`: a script made from the very table that the parser uses. */
export function completionCommand(commands: () => Promise<readonly Command[]>): Command {
  return {
    words: ["completion"],
    positionals: "bash|zsh",
    summary: "a completion script for your shell",
    options: {},
    examples: [
      "source <(chaperone completion bash)",
      "chaperone completion zsh > ~/.zfunc/_chaperone",
    ],
    async run(call) {
      const [shell] = call.positionals;
      if (shell !== "bash" && shell !== "zsh") {
        call.console.err("chaperone completion: say bash or zsh");
        return EXIT.usage;
      }
      const known = await commands();
      call.console.out(shell === "bash" ? bashScript(known) : zshScript(known));
      return EXIT.fine;
    },
  };
}

/** Cases on the words typed so far; where a command is complete, its options and files are offered. */
function bashScript(commands: readonly Command[]): string {
  return `_chaperone() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words="\${COMP_WORDS[*]:1:COMP_CWORD-1}"
  case "$words" in
${wordCases(commands)}
  esac
  [ "\${COMP_WORDS[COMP_CWORD-1]}" = "--config" ] && COMPREPLY=()
  COMPREPLY+=($(compgen -f -- "$current"))
}
complete -o filenames -F _chaperone chaperone`;
}

function wordCases(commands: readonly Command[]): string {
  const first = new Set(commands.map((command) => command.words[0] ?? ""));
  const groups = new Map<string, string[]>();
  for (const { words } of commands) {
    const [group, member] = words;
    if (group === undefined || member === undefined) continue;
    groups.set(group, [...(groups.get(group) ?? []), member]);
  }
  return [
    row('""', [...first], true),
    ...[...groups].map(([group, members]) => row(`"${group}"`, members, true)),
    ...commands.map((command) =>
      row(
        `"${command.words.join(" ")}"*`,
        Object.keys(command.options).map((name) => `--${name}`),
        false,
      ),
    ),
  ].join("\n");
}

function row(pattern: string, words: readonly string[], only: boolean): string {
  return `    ${pattern}) COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$current"))${only ? "; return" : ""} ;;`;
}

function zshScript(commands: readonly Command[]): string {
  return `#compdef chaperone
autoload -U +X bashcompinit && bashcompinit
${bashScript(commands)}`;
}
