import { commandsMatching } from "../known-commands.js";
import { WRAPPERS_MAX } from "../limits.js";
import { foldCommand } from "../fold/output.js";
import { field, isLikely, UNKNOWN, valueOf, type Field } from "../words/text.js";
import { runCarriers } from "../wrappers/carriers.js";
import { runNamedFile } from "../wrappers/run-file.js";
import { unwrap } from "../wrappers/unwrap.js";
import { applyEffects } from "./effects.js";
import { callFunction } from "./functions.js";
import { createOutput, restOf, textOf, write } from "./output.js";
import { directoryOf } from "./scope.js";
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
  const candidates = head.glob ? commandsMatching(head.text) : guessedCommand(head.text);
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
  const exec = name.slice(name.lastIndexOf("/") + 1);
  const draft = draftOf(fields, facts, exec);
  if (name.includes("/")) draft.path = name;
  draft.dynamic = facts.frame.doubtful || maybeForgotten(name, facts);
  if (!addInvocation(walk, draft, facts.frame)) return;
  addGuesses(walk, draft, fields, facts);
  if (facts.frame.via.length >= WRAPPERS_MAX) {
    giveUp(walk, `more than ${WRAPPERS_MAX} wrappers around a command`);
    return;
  }
  const starting = { draft, fields, facts, start };
  // The name may mean something else in the shell that reads the line: what is defined is followed,
  // and the program of that name, too.
  const named = followHashed(walk, fields, facts) || callFunction(walk, name, fields, facts);
  if (named) {
    unwrap(walk, { ...starting, facts: { ...facts, frame: { ...facts.frame, out: undefined } } });
    return;
  }
  applyEffects(walk, starting);
  const wrote = unwrap(walk, starting);
  const ran = runNamedFile(walk, starting);
  runCarriers(walk, starting);
  if (wrote || ran || facts.frame.out === undefined) return;
  const { stdin, scope, out } = facts.frame;
  write(
    out,
    foldCommand(fields, { stdin: stdin && restOf(stdin), scope, processes: facts.processes }),
  );
}

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
  const supposed = directoryOf(frame.scope) === null ? frame.scope.supposed : null;
  const moved = supposed !== null && fields.some((one, i) => i > 0 && isRelative(one.text));
  if (!guessing && !moved) return;
  const argv = fields.map((one) => (isLikely(one) ? one.text : null));
  const guess: Draft = { ...draft, argv };
  delete guess.pipeTo;
  addInvocation(walk, moved ? { ...guess, cwd: supposed } : guess, frame);
}

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
