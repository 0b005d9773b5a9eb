import { INTERPRETERS } from "../wrappers/interpreters.js";
import { inside, quiet, runScriptText, type Unwrapping } from "../wrappers/run-script.js";
import { rowsOf, SHELLS } from "../wrappers/table.js";
import { onlyHandlesText } from "../wrappers/text-handlers.js";
import { COMMAND_OPTION, HARMFUL_NAME } from "./harmful-names.js";
import { field, type Field } from "../words/text.js";
import type { Walk } from "./walk.js";

/**
 * Where a program that is in no table says that the rest of its words, or one of them, is a command, that
 * is followed, not only suspected: `--`, a verb of starting, an option that is called so, or a name of its
 * own that says it (`myexec rm -rf x`).
 */
export function startsItsWords(walk: Walk, given: Unwrapping): boolean {
  const exec = given.draft.exec ?? "";
  // Most programs are known, and their words need no look.
  if (isKnown(exec) && !LAUNCHING.has(exec) && !isLibrary(given)) return false;
  const words = given.fields.slice(1);
  const change = { ...quiet(given), doubtful: true };
  const at = words.findIndex((one, i) => i + 1 < words.length && PLAIN_NAME.test(one.text));
  if (at >= 0) {
    if (!isSaid(exec, words.slice(0, at), isLibrary(given))) return false;
    given.start(walk, words.slice(at), inside(given, change));
    return true;
  }
  const text = words.findIndex((one) => one.known && WHOLE_COMMAND.test(one.text));
  const found = words[text];
  if (found === undefined || isKnown(exec)) return false;
  const value = found.text.replace(OPTION_NAME, "");
  const option =
    value === found.text ? words.slice(0, text) : [field(found.text.slice(0, -1 - value.length))];
  if (!isSaid(exec, option, false) && !/^--?c$/.test(option.at(-1)?.text ?? "")) return false;
  runScriptText(walk, { ...found, text: value }, given, change);
  return true;
}

/** `ruby -run -e rm -- -r x`: the library of that name takes the words. */
function isLibrary({ draft, fields }: Unwrapping): boolean {
  return draft.exec?.startsWith("ruby") === true && fields.some((one) => one.text === "-run");
}

function isSaid(exec: string, words: readonly Field[], library: boolean): boolean {
  if (library) return true;
  const known = isKnown(exec);
  if (known && !LAUNCHING.has(exec)) return false;
  const before = words.at(-1)?.text ?? "";
  if (before === "--") return true;
  if (/^--?\w/.test(before) && COMMAND_OPTION.test(before)) return true;
  if (words.some((one) => (known ? EXECUTING_VERB : STARTING_VERB).test(one.text))) return true;
  return !known && RUNNER_NAME.test(exec) && !ABOUT_COMMANDS.test(exec);
}

function isKnown(exec: string): boolean {
  return (
    onlyHandlesText(exec) ||
    rowsOf(exec) !== undefined ||
    SHELLS.has(exec) ||
    INTERPRETERS.has(exec.replace(/[\d.]+$/, ""))
  );
}

/** One word that is a whole command, or the value of an option that is one. */
const WHOLE_COMMAND = new RegExp(`^(?:--?[\\w-]+=)?${HARMFUL_NAME}[ \\t]+\\S`);
const OPTION_NAME = /^--?[\w-]+=/;
const PLAIN_NAME = new RegExp(`^${HARMFUL_NAME}$`);
/** They keep and show texts, too, but what stands behind their `--` is started. */
const LAUNCHING: ReadonlySet<string> = new Set(
  (
    "docker podman nerdctl kubectl oc helm aws gcloud az doctl heroku vault consul pass gh glab npm yarn " +
    "pnpm composer cargo go pip pip3 pipx snap brew tmux screen systemctl loginctl etcdctl terraform rpm nmap"
  ).split(" "),
);
/** `npm run rm` names a script; `npm exec rm` does not. */
const EXECUTING_VERB = /^(?:exec\S*|x|ssh|lock|shell)$/;
const STARTING_VERB =
  /^(?:--)?(?:exec\S*|execute|run|x|spawn|launch|ssh|shell|invoke|sudo|dlx|command|cmd|lock|watch|with|wrap|do)$/;
const RUNNER_NAME =
  /exec|run|wrap|sudo|shell|ssh|spawn|launch|chroot|jail|sandbox|container|batch|timeout|daemon|limit|trace|retry|parallel|nohup|priv|suid|setuid|netns|^(?:with|as|do|on|in)[-_]|(?:^|[-_])(?:sh|su|env|nice|nsx?|mux|ctl|do|vm|box|ctr|mpi)$/;
/** What speaks about commands is called like what starts them. */
const ABOUT_COMMANDS =
  /explain|help|man|doc|cheat|lint|check|say|note|todo|search|find|log|fmt|format|pars|light|hist|list|show|grep|quote|escape|print|echo|title|tip|learn|runbook|message|msg/;
