import { INTERPRETERS } from "../wrappers/interpreters.js";
import { inside, quiet, type Unwrapping } from "../wrappers/run-script.js";
import { rowsOf, SHELLS } from "../wrappers/table.js";
import { onlyHandlesText } from "../wrappers/text-handlers.js";
import { COMMAND_OPTION, HARMFUL_NAME } from "./harmful-names.js";
import type { Walk } from "./walk.js";

/**
 * Where a program that is in no table says that the rest of its words is a command, that is followed,
 * not only suspected: `--`, a verb of starting, an option that is called so, or a name of its own that
 * says it (`myexec rm -rf x`).
 */
export function startsItsWords(walk: Walk, given: Unwrapping): boolean {
  const exec = given.draft.exec ?? "";
  const words = given.fields.slice(1);
  const at = words.findIndex((one, i) => i + 1 < words.length && PLAIN_NAME.test(one.text));
  if (at < 0 || !isSaid(exec, words[at - 1]?.text ?? "", isLibrary(given))) return false;
  given.start(walk, words.slice(at), inside(given, { ...quiet(given), doubtful: true }));
  return true;
}

/** `ruby -run -e rm -- -r x`: the library of that name takes the words. */
function isLibrary({ draft, fields }: Unwrapping): boolean {
  return draft.exec?.startsWith("ruby") === true && fields.some((one) => one.text === "-run");
}

function isSaid(exec: string, before: string, library: boolean): boolean {
  if (library) return true;
  const known = isKnown(exec);
  if (known && !LAUNCHING.has(exec)) return false;
  if (before === "--") return true;
  if (/^--?\w/.test(before) && COMMAND_OPTION.test(before)) return true;
  return (
    !known && (STARTING_VERB.test(before) || (RUNNER_NAME.test(exec) && !ABOUT_COMMANDS.test(exec)))
  );
}

function isKnown(exec: string): boolean {
  return (
    onlyHandlesText(exec) ||
    rowsOf(exec) !== undefined ||
    SHELLS.has(exec) ||
    INTERPRETERS.has(exec.replace(/[\d.]+$/, ""))
  );
}

const PLAIN_NAME = new RegExp(`^${HARMFUL_NAME}$`);
/** They keep and show texts, too, but what stands behind their `--` is started. */
const LAUNCHING: ReadonlySet<string> = new Set(
  (
    "docker podman nerdctl kubectl oc helm aws gcloud az doctl heroku vault consul pass gh glab npm yarn " +
    "pnpm composer cargo go pip pip3 pipx snap brew tmux screen systemctl loginctl"
  ).split(" "),
);
const STARTING_VERB =
  /^(?:--)?(?:exec|execute|run|spawn|launch|ssh|shell|invoke|sudo|dlx|command|cmd)$/;
const RUNNER_NAME =
  /exec|run|wrap|sudo|shell|ssh|spawn|launch|chroot|jail|sandbox|container|batch|timeout|daemon|limit|trace|retry|parallel|nohup|priv|suid|setuid|netns|^(?:with|as|do|on|in)[-_]|(?:^|[-_])(?:sh|su|env|nice|nsx?|mux|ctl|do|vm|box|ctr|mpi)$/;
/** What speaks about commands is called like what starts them. */
const ABOUT_COMMANDS =
  /explain|help|man|doc|cheat|lint|check|say|note|todo|search|find|log|fmt|format|pars|light|hist|list|show|grep|quote|escape|print|echo|title|tip|learn|runbook|message|msg/;
