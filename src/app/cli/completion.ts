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

/** Cases on the words typed so far: the next word, the value of an option, options and, where they are taken, files. */
function bashScript(commands: readonly Command[]): string {
  return `_chaperone() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words="\${COMP_WORDS[*]:1:COMP_CWORD-1}"
  COMPREPLY=()
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
${valueCases(commands)}
  esac
  case "$words" in
${wordCases(commands)}
  esac
}
complete -o filenames -F _chaperone chaperone`;
}

/** After an option that takes a value: files where it is one, nothing where nobody can know it. */
function valueCases(commands: readonly Command[]): string {
  const files = new Set<string>();
  const others = new Set<string>();
  for (const [name, { value = "" }] of commands.flatMap(({ options }) => Object.entries(options))) {
    if (isPath(value)) files.add(`--${name}`);
    else if (value !== "") others.add(`--${name}`);
  }
  // A name that is a file in one command and something else in another is offered files.
  for (const name of files) others.delete(name);
  return [
    `    ${[...files].join("|")}) ${FILES}; return ;;`,
    `    ${[...others].join("|")}) return ;;`,
  ].join("\n");
}

function wordCases(commands: readonly Command[]): string {
  const next = new Map<string, Set<string>>();
  for (const { words } of commands) {
    words.forEach((word, index) => {
      const before = words.slice(0, index).join(" ");
      next.set(before, (next.get(before) ?? new Set()).add(word));
    });
  }
  return [
    ...[...next].map(([before, words]) => `    "${before}") ${offering([...words])} ;;`),
    // The longest words first: `ctl tokens` is not `ctl token` with something behind it.
    ...[...commands].sort(byLength).map(commandCase),
  ].join("\n");
}

function byLength(a: Command, b: Command): number {
  return b.words.join(" ").length - a.words.join(" ").length;
}

function commandCase({ words, options, positionals = "" }: Command): string {
  const said = words.join(" ");
  const offered = offering(Object.keys(options).map((name) => `--${name}`));
  const files = isPath(positionals) ? `; ${FILES}` : "";
  return `    "${said}"|"${said} "*) ${offered}${files} ;;`;
}

function isPath(value: string): boolean {
  return /FILE|DIR|FOLDER/.test(value);
}

function offering(words: readonly string[]): string {
  return `COMPREPLY+=($(compgen -W "${words.join(" ")}" -- "$current"))`;
}

const FILES = 'COMPREPLY+=($(compgen -f -- "$current"))';

function zshScript(commands: readonly Command[]): string {
  return `#compdef chaperone
autoload -U +X bashcompinit && bashcompinit
${bashScript(commands)}`;
}
