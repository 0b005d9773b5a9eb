import { commandsMatching } from "../known-commands.js";
import { WRAPPERS_MAX } from "../limits.js";
import { foldCommand } from "../fold/output.js";
import { field, isLikely, UNKNOWN, valueOf, type Field, type Text } from "../words/text.js";
import { runCarriers } from "../wrappers/carriers.js";
import { runNamedFile } from "../wrappers/run-file.js";
import { runScriptText } from "../wrappers/run-script.js";
import { unwrap } from "../wrappers/unwrap.js";
import { SHELLS } from "../wrappers/table.js";
import { applyEffects } from "./effects.js";
import { callFunction } from "./functions.js";
import { createOutput, restOf, textOf, write } from "./output.js";
import { pathsMatching } from "./files.js";
import { hasLinks, throughLinks } from "./links.js";
import { isOptionOn } from "./shell-options.js";
import { suspect, suspectVariables } from "./suspicion.js";
import { directoryOf, locate, type Scope } from "./scope.js";
import {
  addInvocation,
  giveUp,
  type Draft,
  type Frame,
  type StartFacts,
  type Walk,
} from "./walk.js";

/**
 * A program start: notes the invocation, then everything that it starts in turn. A command word that
 * only the target can know yields an invocation without a name, and one for each likely candidate.
 */
export function start(walk: Walk, fields: readonly Field[], facts: StartFacts): void {
  const head = fields[0];
  if (head === undefined) {
    bareStart(walk, facts);
    return;
  }
  if (head.known && !head.glob) {
    startKnown(walk, fields, facts);
    return;
  }
  addInvocation(walk, draftOf(fields, facts, null), facts.frame);
  const candidates = head.glob
    ? [...commandsMatching(head.text), ...pathsMatching(facts.frame.scope, head.text)]
    : guessedCommand(head.text);
  const out = candidates.length === 1 ? createOutput() : undefined;
  const frame: Frame = { ...facts.frame, doubtful: true, out };
  for (const candidate of candidates)
    startKnown(walk, [field(candidate), ...fields.slice(1)], { ...facts, frame });
  if (out === undefined) write(facts.frame.out, UNKNOWN);
  else write(facts.frame.out, { ...textOf(out), known: false });
}

/** Assignments or redirects without a command. */
export function bareStart(walk: Walk, facts: StartFacts): void {
  const draft: Draft = { ...draftOf([], facts, null), dynamic: false };
  addInvocation(walk, draft, facts.frame);
  runCarriers(walk, { draft, fields: [], facts, start });
}

function startKnown(walk: Walk, fields: readonly Field[], facts: StartFacts): void {
  const name = fields[0]?.text ?? "";
  const exec = programName(name.slice(name.lastIndexOf("/") + 1));
  const draft = draftOf(fields, facts, exec);
  if (name.includes("/")) draft.path = name;
  draft.dynamic = facts.frame.doubtful || maybeForgotten(name, facts);
  if (!addInvocation(walk, draft, facts.frame)) return;
  addGuesses(walk, draft, fields, facts);
  if (hasLinks(facts.frame.scope, fields)) addBehindLinks(walk, draft, fields, facts);
  if (facts.frame.via.length >= WRAPPERS_MAX) {
    giveUp(walk, `more than ${WRAPPERS_MAX} wrappers around a command`);
    return;
  }
  const starting = { draft, fields, facts, start };
  const noted = walk.found.length;
  // The name may mean something else in the shell that reads the line: what is defined is followed,
  // and the program of that name, too.
  const named = followHashed(walk, fields, facts) || callFunction(walk, name, fields, facts);
  if (named) {
    unwrap(walk, { ...starting, facts: { ...facts, frame: { ...facts.frame, out: undefined } } });
    return;
  }
  applyEffects(walk, starting);
  if (isLine(fields, facts)) {
    runScriptText(walk, { text: name, known: true }, starting);
    return;
  }
  const wrote = unwrap(walk, starting);
  const ran = runNamedFile(walk, starting);
  const printed = runCarriers(walk, starting);
  if (walk.found.length === noted && !wrote && !ran) suspect(walk, starting);
  suspectVariables(walk, starting);
  if (!wrote && !ran) writeOutput(fields, facts, printed);
}

/** What it prints, where something reads that; by its language, or as the tables know it. */
function writeOutput(
  fields: readonly Field[],
  { frame, processes }: StartFacts,
  printed: Text | undefined,
): void {
  const { stdin, scope, out } = frame;
  if (out === undefined) return;
  const folded = foldCommand(fields, { stdin: stdin && restOf(stdin), scope, processes });
  write(out, printed !== undefined && !isLikely(folded) ? printed : folded);
}

/** No program is called like this: what started it takes it for a line of the shell. */
function isLine(fields: readonly Field[], { frame }: StartFacts): boolean {
  return fields.length === 1 && frame.via.length > 0 && /^\S+[ \t]+\S/.test(fields[0]?.text ?? "");
}

/**
 * zsh: `=rm` is rm wherever it lies, and `zf_rm` of its module for files does what rm does. Several shells
 * of a kind lie beside each other under names with a number: `bash5`, `zsh-5.9`.
 */
function programName(name: string): string {
  const own = /^[gu]/.test(name) ? OTHER_MAKES.exec(name)?.[1] : undefined;
  if (own !== undefined) return own;
  const plain = /\d$/.test(name) ? name.replace(/-?\d[\d.]*$/, "") : name;
  if (plain !== name && SHELLS.has(plain)) return plain;
  return /^(?:=|zf_)(?=[a-z])/.test(name) ? name.replace(/^(?:=|zf_)/, "") : name;
}

/** The same tools as another system or another language has them: `grm`, `gnurm`, `uu_rm`. */
const OTHER_MAKES =
  /^(?:g|gnu|uu_|uutils-)(rm|rmdir|unlink|shred|mv|dd|truncate|chmod|chown|ln|find|xargs|env|timeout|nice|nohup|stdbuf)$/;

/** Aliases and functions of this session that had no room: the name may be one of them. */
function maybeForgotten(name: string, { frame }: StartFacts): boolean {
  if (frame.scope.knowledge.shell?.forgot.names !== true || name.includes("/")) return false;
  return frame.via.length === 0 && frame.context === "top";
}

/**
 * Words that are not certain but have a whole guess: the command is judged with them, too, beside the
 * one that says that they are not known. So it is where a relative word meets a guessed directory.
 */
function addGuesses(walk: Walk, draft: Draft, fields: readonly Field[], facts: StartFacts): void {
  const { frame } = facts;
  const guessing = fields.some((one) => !one.known && isLikely(one));
  // From wherever it is, `../../../../../` leads to the root.
  const climbs = fields.some((one) => /^(?:\.\.\/+){5}/.test(one.text)) ? "/" : null;
  const supposed = directoryOf(frame.scope) === null ? (frame.scope.supposed ?? climbs) : null;
  const moved = supposed !== null && fields.some((one, i) => i > 0 && isRelative(one.text));
  // `nocaseglob`: a pattern means names in small letters as well.
  const folded = fields.some((one) => one.glob) && isOptionOn(frame.scope, "nocaseglob");
  if (!guessing && !moved && !folded) return;
  const argv = fields.map((one) =>
    isLikely(one) ? (folded && one.glob ? one.text.toLowerCase() : one.text) : null,
  );
  const guess: Draft = { ...draft, argv };
  delete guess.pipeTo;
  addInvocation(walk, moved ? { ...guess, cwd: supposed } : guess, frame);
}

/** Words that go over links of this session are judged as what they lead to as well. */
function addBehindLinks(
  walk: Walk,
  draft: Draft,
  fields: readonly Field[],
  { frame, redirects }: StartFacts,
): void {
  const follows = !UNLINKING.has(draft.exec ?? "");
  const led = (text: string): string => behindLinks(frame.scope, text, follows);
  const argv = fields.map((one, i) => (i === 0 || !isLikely(one) ? valueOf(one) : led(one.text)));
  const targets = redirects.map((one) => ({
    op: one.op,
    target: one.target === null ? null : led(one.target),
  }));
  const differs =
    argv.some((word, i) => word !== null && word !== fields[i]?.text) ||
    targets.some(({ target }, i) => target !== redirects[i]?.target);
  if (!differs) return;
  const found: Draft = { ...draft, argv, redirects: targets };
  delete found.pipeTo;
  addInvocation(walk, found, frame);
}

/** A path, or the one behind the `=` of a word. */
function behindLinks(scope: Scope, text: string, follows: boolean): string {
  const equals = /^-{0,2}[\w-]+=(?=[/~.\w])/.exec(text)?.[0] ?? "";
  const path = text.slice(equals.length);
  if (path === "" || path.startsWith("-")) return text;
  const real = throughLinks(scope, path, follows);
  return real.startsWith("?") || real === locate(scope, path) ? text : equals + real;
}

/** Programs that work on a link itself when it is the last part of a path. */
const UNLINKING: ReadonlySet<string> = new Set(
  "rm rmdir unlink mv ln ls find stat readlink trash trash-put git test [ umount".split(" "),
);

function isRelative(word: string): boolean {
  return word !== "" && !/^[-/~]/.test(word);
}

/** `hash -p /bin/rm ls`: the name is another program now. */
function followHashed(walk: Walk, fields: readonly Field[], facts: StartFacts): boolean {
  const { scope, aliasing } = facts.frame;
  if (scope.hashed.size === 0) return false;
  const name = fields[0]?.text ?? "";
  const path = scope.hashed.get(name);
  if (path === undefined || aliasing.includes(`#${name}`)) return false;
  const frame = { ...facts.frame, aliasing: [...aliasing, `#${name}`] };
  start(walk, [field(path), ...fields.slice(1)], { ...facts, frame });
  return true;
}

function draftOf(fields: readonly Field[], facts: StartFacts, exec: string | null): Draft {
  const { frame } = facts;
  const draft: Draft = {
    argv: fields.map(valueOf),
    exec,
    via: frame.via,
    redirects: facts.redirects,
    context: frame.context,
    assignments: facts.assignments,
    dynamic: true,
  };
  if (frame.runas !== undefined) draft.runas = frame.runas;
  if (frame.stdin?.known === true) draft.stdin = restOf(frame.stdin).text;
  const cwd = directoryOf(frame.scope);
  if (cwd !== (frame.scope.knowledge.cwd ?? null)) draft.cwd = cwd;
  return draft;
}

function guessedCommand(text: string): readonly string[] {
  return /^[\w./+-]*[\w]$/.test(text) ? [text] : [];
}
