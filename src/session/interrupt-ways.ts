import type { Analysis, Invocation } from "../model/index.js";
import { isOpaque, type ShellKnowledge } from "../shell/index.js";

/**
 * True when a command that was released may have given the interrupt key another meaning, so that a
 * Ctrl-C that looks as if it worked proves nothing: a key that types `#^C` and Enter looks the same.
 */
export function playsInterrupt(analysis: Analysis, knowledge: ShellKnowledge): boolean {
  return (
    isOpaque(analysis) ||
    analysis.invocations.some((one) => changesInterrupt(one)) ||
    setsKeysByFile(knowledge)
  );
}

function changesInterrupt({ exec, argv }: Invocation): boolean {
  const words = argv.slice(1);
  if (exec === null) return true;
  switch (exec) {
    case "stty":
      return words.some((word) => word === null || STTY_WORDS.test(word));
    case "trap":
      return !words.every((word, i) => word !== null && (i === 0 || TRAPS_AT_END.test(word)));
    case "tmux":
      return words.some((word) => word === null || TMUX_WORDS.test(word));
    case "screen":
      return words.some((word) => word === null || SCREEN_WORDS.test(word));
    default:
      return !ONLY_SHOWS.has(exec) && words.some((word) => KEY_FILE.test(word ?? ""));
  }
}

const ONLY_SHOWS: ReadonlySet<string> = new Set(
  "cat less more head tail grep ls stat wc file diff cmp md5sum sha256sum echo".split(" "),
);

/** Which byte interrupts or ends a line, whether any does, and modes saved before (`stty $(cat f)`). */
const STTY_WORDS =
  /^(?:intr|eol2?|eof|-?isig|-?raw|-?cooked|-?cbreak|-?icanon|inlcr|igncr|-icrnl|lnext|[0-9a-f]+:.*)$/;
/** `trap CODE EXIT`: it runs when nothing is typed any more. */
const TRAPS_AT_END = /^(?:0|EXIT|SIGEXIT|HUP|SIGHUP|1|TERM|SIGTERM|15)$/;
const TMUX_WORDS = /^(?:bind(?:-key)?|unbind(?:-key)?|source(?:-file)?|-f.*)$/;
const SCREEN_WORDS = /^-[Xc].*$/;

/** Files of this session in which programs find their keys when they start or are asked to look again. */
function setsKeysByFile({ files }: ShellKnowledge): boolean {
  for (const path of files?.keys() ?? []) if (KEY_FILE.test(path)) return true;
  return false;
}

const KEY_FILE = /(?:^|[/=])(?:\.?inputrc|\.editrc|\.?tmux\.conf|\.?screenrc)$/;
