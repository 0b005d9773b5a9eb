import { DELETING_PROGRAMS, resolvePath } from "../../shell/index.js";
import type { CommandSource, QuantSource, PatternSource } from "../read/source.js";
import { compileArgv } from "./argv.js";
import { and, certainty, MAYBE, NO, not, or, YES, type Certainty } from "./certainty.js";
import { hasFlag } from "./flags.js";
import { bestHint, hintsOf, type Hints } from "./hints.js";
import { foldText } from "./literals.js";
import {
  compare,
  compilePattern,
  type Pattern,
  type PatternNeeds,
  type PatternUse,
} from "./pattern.js";
import type { InvocationView } from "./view.js";

/** What matched, for evidence and for `{arg}` in messages. */
export interface Trace {
  arg?: string;
}

/** A compiled `command:`; all its keys hold for one and the same invocation. */
export interface CommandMatcher {
  test(view: InvocationView, trace: Trace): Certainty;
  /** Names of programs, one of which the invocation must have; null when any may match. */
  readonly execs: readonly string[] | null;
  /** Programs that make a line suspicious which can not be read. */
  readonly suspects: readonly string[];
  /** What the line must hold; null: nothing is known. */
  readonly hints: Hints | null;
  /** It asks what is removed: of other invocations it is not asked. */
  readonly deletes: boolean;
  /** Looks at the text of the line: holds for lines that start nothing, too. */
  readonly raw: Pattern[];
}

type Test = (view: InvocationView, trace: Trace) => Certainty;

export interface CommandNeeds {
  readonly lists: PatternNeeds["lists"];
  readonly faults: PatternNeeds["faults"];
  readonly checked: PatternNeeds["checked"];
}

export function compileCommand(source: CommandSource, needs: CommandNeeds): CommandMatcher {
  const patterns = (sources: readonly PatternSource[], use: PatternUse): readonly Pattern[] =>
    sources.map((one) => compilePattern(one, { ...needs, use }));
  const tests: Test[] = [];
  const hints: (Hints | null)[] = [];
  const execs =
    source.exec === undefined ? null : compileExec(source.exec, { needs, tests, hints });
  const argv = source.argv === undefined ? null : compileArgv(source.argv);
  if (source.path !== undefined) {
    const path = patterns(source.path, "word");
    hints.push(hintsOf(path, false));
    tests.push((view) => anyMatches(path, view.execPath(), view));
  }
  if (argv !== null) {
    hints.push(argv.hints);
    tests.push((view) => argv.test(view));
  }
  for (const { index, patterns: sources } of source.positions ?? []) {
    const wanted = patterns(sources, "word");
    hints.push(hintsOf(wanted, true));
    tests.push((view) => {
      const word = view.invocation.argv[index];
      return word === undefined ? NO : anyMatches(wanted, word, view);
    });
  }
  addFlags(source, tests);
  const building: Building = { needs, tests, hints };
  addOptions(source, building);
  if (source.args !== undefined) addArgs(source.args, building);
  if (source.deletes !== undefined) addDeletes(source.deletes, building);
  addSurroundings(source, { ...building, patterns });
  addPipes(source, building);
  const raw = addTexts(source, building);
  const named = intersect(execs, argv?.execs ?? null);
  return {
    execs: named,
    suspects: named ?? (source.deletes === undefined ? [] : DELETING_PROGRAMS),
    hints: bestHint(hints),
    raw,
    deletes: source.deletes !== undefined,
    test(view, trace) {
      let result: Certainty = YES;
      for (const test of tests) {
        result = and(result, test(view, trace));
        if (result === NO) return NO;
      }
      return result;
    },
  };
}

function intersect(
  a: readonly string[] | null,
  b: readonly string[] | null,
): readonly string[] | null {
  if (a === null) return b;
  return b === null ? a : a.filter((one) => b.includes(one));
}

interface Building {
  readonly needs: CommandNeeds;
  readonly tests: Test[];
  readonly hints: (Hints | null)[];
}

function compileExec(
  sources: readonly PatternSource[],
  { needs, tests, hints }: Building,
): readonly string[] | null {
  const byName: Pattern[] = [];
  const byPath: Pattern[] = [];
  for (const source of sources) {
    const direct =
      source.kind === "plain" && source.values.some((value) => value.text.includes("/"));
    const use = direct ? "word" : "name";
    (direct ? byPath : byName).push(compilePattern(source, { ...needs, use }));
  }
  // Nearly all are plain names: one look-up instead of one comparison each.
  const names = new Set(byName.flatMap((pattern) => pattern.literals ?? []));
  const shaped = byName.filter((pattern) => pattern.literals === null);
  const at = { cwd: undefined, home: undefined };
  tests.push((view) => {
    const { exec } = view.invocation;
    if (exec === null) return NO;
    if (names.has(exec) || shaped.some((pattern) => pattern.matches(exec, at))) return YES;
    return byPath.length === 0 ? NO : anyMatches(byPath, view.execPath(), view);
  });
  if (byPath.length > 0 || shaped.length > 0) {
    hints.push(hintsOf([...byName, ...byPath], false));
    return null;
  }
  return byName.flatMap((pattern) => pattern.literals ?? []);
}

function anyMatches(
  patterns: readonly Pattern[],
  value: string | null,
  view: InvocationView,
): Certainty {
  if (value === null) return patterns.length > 0 ? MAYBE : NO;
  return certainty(patterns.some((pattern) => pattern.matches(value, view.at)));
}

function addFlags(source: CommandSource, tests: Test[]): void {
  const { flags } = source;
  if (flags === undefined) return;
  const has = (view: InvocationView, flag: string): Certainty => {
    const words = view.flags();
    if (hasFlag(words, flag)) return YES;
    return words.unknown ? MAYBE : NO;
  };
  if (flags.all.length > 0)
    tests.push((view) =>
      flags.all.reduce<Certainty>((sum, flag) => and(sum, has(view, flag)), YES),
    );
  if (flags.any.length > 0)
    tests.push((view) => flags.any.reduce<Certainty>((sum, flag) => or(sum, has(view, flag)), NO));
  if (flags.none.length > 0)
    tests.push((view) =>
      not(flags.none.reduce<Certainty>((sum, flag) => or(sum, has(view, flag)), NO)),
    );
}

/** `opts: { user: root }`: the value of an option, attached, behind `=`, or the next word. */
function addOptions(source: CommandSource, { needs, tests, hints }: Building): void {
  for (const { name, patterns: sources } of source.opts ?? []) {
    const patterns = sources.map((one) => compilePattern(one, { ...needs, use: "word" }));
    const plain = name.replace(/^-{1,2}/, "");
    hints.push({ texts: [foldText(plain)], ofWords: true, leads: [] });
    tests.push((view) => {
      let result: Certainty = NO;
      view.args.forEach((arg, i) => {
        if (arg === null) result = or(result, MAYBE);
        else {
          const value = optionValue(arg, plain, view.args[i + 1] ?? null);
          if (value !== undefined) result = or(result, anyMatches(patterns, value, view));
        }
      });
      return result;
    });
  }
}

function optionValue(arg: string, name: string, next: string | null): string | null | undefined {
  if (name.length === 1) {
    if (arg === `-${name}`) return next;
    return arg.startsWith(`-${name}`) && !arg.startsWith("--") ? arg.slice(2) : undefined;
  }
  if (arg === `--${name}` || arg === `-${name}`) return next;
  return arg.startsWith(`--${name}=`) ? arg.slice(name.length + 3) : undefined;
}

/** A quantified pattern over the words behind the command. */
function addArgs(source: QuantSource, { needs, tests, hints }: Building): void {
  const compile = (sources: readonly PatternSource[]): readonly Pattern[] =>
    sources.map((one) => compilePattern(one, { ...needs, use: "word" }));
  const [any, all, none] = [compile(source.any), compile(source.all), compile(source.none)];
  hints.push(hintsOf(any, true), ...all.map((one) => hintsOf([one], true)));
  const found = (
    patterns: readonly Pattern[],
    view: InvocationView,
    trace: Trace | null,
  ): Certainty => {
    let result: Certainty = NO;
    for (const arg of view.args) {
      const one = anyMatches(patterns, arg, view);
      if (one === YES && arg !== null && trace !== null) trace.arg ??= arg;
      result = or(result, one);
      if (result === YES) return YES;
    }
    return result;
  };
  tests.push((view, trace) => {
    let result: Certainty = YES;
    if (any.length > 0) result = and(result, found(any, view, trace));
    for (const pattern of all) result = and(result, found([pattern], view, trace));
    if (none.length > 0) result = and(result, not(found(none, view, null)));
    if (source.count !== undefined) result = and(result, countMatches(source, view));
    return result;
  });
}

/** `deletes: { recursive: true, path: /etc/** }`: one and the same deletion, whoever makes it. */
function addDeletes(
  { recursive, path }: NonNullable<CommandSource["deletes"]>,
  { needs, tests, hints }: Building,
): void {
  const paths = path?.map((one) => compilePattern(one, { ...needs, use: "path" }));
  // A folder above goes with all that is in it: it does not hold the text of the path.
  if (paths !== undefined && recursive === false) hints.push(hintsOf(paths, true));
  const leads = paths?.flatMap((one) => one.leads ?? []) ?? [];
  tests.push((view, trace) => {
    let result: Certainty = NO;
    for (const deletion of view.invocation.deletes ?? []) {
      if (recursive !== undefined && deletion.recursive !== recursive) continue;
      const named = paths === undefined ? YES : anyMatches(paths, deletion.path, view);
      const one = deletion.recursive && isAbove(deletion.path, leads, view) ? YES : named;
      if (one === YES && deletion.path !== null) trace.arg ??= deletion.path;
      result = or(result, one);
    }
    return result;
  });
}

function isAbove(path: string | null, leads: readonly string[], { at }: InvocationView): boolean {
  if (path === null || leads.length === 0) return false;
  const folder = resolvePath(path, at);
  if (!folder.startsWith("/")) return false;
  const start = folder === "/" ? folder : `${folder}/`;
  return leads.some((lead) => lead !== folder && lead.startsWith(start));
}

function countMatches(source: QuantSource, view: InvocationView): Certainty {
  if (source.count === undefined) return YES;
  const operands = view.args.filter((arg) => arg === null || !arg.startsWith("-"));
  if (operands.includes(null)) return MAYBE;
  return certainty(compare(operands.length, source.count));
}

function addSurroundings(
  source: CommandSource,
  {
    needs,
    tests,
    hints,
    patterns,
  }: Building & {
    patterns: (sources: readonly PatternSource[], use: PatternUse) => readonly Pattern[];
  },
): void {
  const { redirect, context, unparsed } = source;
  if (source.via !== undefined) {
    const via = patterns(source.via, "word");
    hints.push(hintsOf(via, false));
    tests.push((view) =>
      view.invocation.via.reduce<Certainty>(
        (sum, name) => or(sum, anyMatches(via, name, view)),
        NO,
      ),
    );
  }
  if (source.runas !== undefined) {
    const runas = patterns(source.runas, "word");
    hints.push(hintsOf(runas, false));
    tests.push((view) => {
      const account = view.invocation.runas;
      return account === undefined ? NO : anyMatches(runas, account, view);
    });
  }
  if (source.account !== undefined) {
    // No hint: the name of the session's account need not stand in the line.
    const account = patterns(source.account, "word");
    tests.push((view) =>
      anyMatches(account, view.invocation.runas ?? view.line.account ?? null, view),
    );
  }
  if (source.cwd !== undefined) {
    const cwd = patterns(source.cwd, "path");
    tests.push((view) => anyMatches(cwd, view.cwd ?? null, view));
  }
  if (redirect !== undefined) addRedirect(redirect, { needs, tests, hints });
  if (context !== undefined)
    tests.push((view) => certainty(context.includes(view.invocation.context)));
  if (unparsed !== undefined)
    tests.push((view) => certainty((view.line.analysis.unparsed !== undefined) === unparsed));
  for (const { name, patterns: sources } of source.env ?? []) {
    hints.push({ texts: [foldText(name)], ofWords: false, leads: [] });
    tests.push(compileVariable(name, patterns(sources, "word")));
  }
}

const WRITES = [">", ">>", ">|", "&>", "&>>", "<>", ">&"];
const READS = ["<", "<>"];

/** `op: write` and `op: read` stand for all operators that do so. */
function addRedirect(
  { ops, target }: NonNullable<CommandSource["redirect"]>,
  { needs, tests, hints }: Building,
): void {
  const wanted = new Set(
    ops.flatMap((op) => (op === "write" ? WRITES : op === "read" ? READS : [op])),
  );
  const targets = target?.map((one) => compilePattern(one, { ...needs, use: "word" }));
  if (targets !== undefined) hints.push(hintsOf(targets, true));
  tests.push((view, trace) => {
    let result: Certainty = NO;
    for (const redirect of view.invocation.redirects) {
      if (wanted.size > 0 && !wanted.has(redirect.op)) continue;
      const one = targets === undefined ? YES : anyMatches(targets, redirect.target, view);
      if (one === YES && redirect.target !== null) trace.arg ??= redirect.target;
      result = or(result, one);
    }
    return result;
  });
}

const DECLARING = new Set(["export", "declare", "typeset", "readonly", "local", "env", "setenv"]);

/** `NAME=value` before a command, alone, or as a word of `export` and its kin. */
function compileVariable(name: string, patterns: readonly Pattern[]): Test {
  return (view) => {
    const { invocation } = view;
    let result: Certainty = NO;
    for (const assignment of invocation.assignments) {
      if (assignment.name === name)
        result = or(result, anyMatches(patterns, assignment.value, view));
    }
    if (invocation.exec !== null && DECLARING.has(invocation.exec)) {
      for (const arg of view.args) {
        if (arg?.startsWith(`${name}=`) === true)
          result = or(result, anyMatches(patterns, arg.slice(name.length + 1), view));
      }
    }
    return result;
  };
}

/** Neighbours anywhere up or down the same pipeline. */
function addPipes(source: CommandSource, { needs, tests, hints }: Building): void {
  for (const direction of ["pipeTo", "pipeFrom"] as const) {
    const nested = source[direction];
    if (nested === undefined) continue;
    const matcher = compileCommand(nested, needs);
    // The other end of the pipe is on the same line; its words are not those of this invocation.
    if (matcher.hints?.ofWords === false) hints.push(matcher.hints);
    tests.push((view, trace) => {
      let result: Certainty = NO;
      for (const other of pipelineOf(view, direction))
        result = or(result, matcher.test(other, trace));
      return result;
    });
  }
}

/** Every invocation of the stages behind (or before) this one, wrappers and wrapped alike. */
function pipelineOf(
  view: InvocationView,
  direction: "pipeTo" | "pipeFrom",
): readonly InvocationView[] {
  const back = direction === "pipeTo" ? "pipeFrom" : "pipeTo";
  const out: InvocationView[] = [];
  let next = view.invocation[direction];
  for (let stages = 0; next !== undefined && stages < STAGES_MAX; stages++) {
    const first: InvocationView | undefined = view.line.views[next];
    if (first === undefined) break;
    const shared = first.invocation[back];
    for (const other of view.line.views) {
      if (other.index === next || (shared !== undefined && other.invocation[back] === shared))
        out.push(other);
    }
    const further: number | undefined = first.invocation[direction];
    next =
      further === undefined || (direction === "pipeTo") === further > next ? further : undefined;
  }
  return out;
}

/** Stages of one pipeline that are followed. */
const STAGES_MAX = 32;

function addTexts(source: CommandSource, { needs, tests, hints }: Building): Pattern[] {
  const compile = (sources: readonly PatternSource[]): readonly Pattern[] =>
    sources.map((one) => compilePattern(one, { ...needs, use: "text" }));
  const raw: Pattern[] = [];
  if (source.stdin !== undefined) {
    const stdin = compile(source.stdin);
    hints.push(hintsOf(stdin, false));
    tests.push((view) => {
      const text = view.invocation.stdin;
      return text === undefined ? NO : anyMatches(stdin, text, view);
    });
  }
  for (const key of ["normalized", "raw"] as const) {
    const quant = source[key];
    if (quant === undefined) continue;
    const [any, all, none] = [compile(quant.any), compile(quant.all), compile(quant.none)];
    hints.push(hintsOf(any, false), ...all.map((one) => hintsOf([one], false)));
    if (key === "raw") raw.push(...any, ...all);
    tests.push((view) => {
      const text = key === "raw" ? view.line.analysis.line : view.normalized();
      const test = (pattern: Pattern): boolean => anyMatches([pattern], text, view) === YES;
      const holds = (any.length === 0 || any.some(test)) && all.every(test) && !none.some(test);
      return certainty(holds);
    });
  }
  return raw;
}
