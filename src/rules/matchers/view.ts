import type { Analysis, Invocation } from "../../model/index.js";
import { resolvePath, type LocatedInvocation } from "../../shell/index.js";
import type { JudgedCommand } from "../ruleset.js";
import { haystackOf, type Haystack } from "./haystack.js";
import type { Standpoint } from "./pattern.js";
import { readFlagWords, type FlagWords } from "./flags.js";

/** Everything matchers ask about one line, computed once and only when asked. */
export interface LineView {
  readonly analysis: Analysis;
  readonly home: string | undefined;
  /** Of the session: who runs what no wrapper gives to somebody else. */
  readonly account: string | undefined;
  readonly views: readonly InvocationView[];
  /** What hints are looked for in. */
  readonly haystack: () => Haystack;
}

/** One invocation as matchers see it. */
export interface InvocationView {
  readonly invocation: Invocation;
  readonly index: number;
  readonly line: LineView;
  readonly cwd: string | undefined;
  /** Where its words stand, for patterns that compare paths. */
  readonly at: Standpoint;
  /** Words behind the command name. */
  readonly args: readonly (string | null)[];
  /** Some word, target or value of it can not be known: it may be any. */
  readonly unknown: boolean;
  readonly flags: () => FlagWords;
  /** All words joined by blanks, unknown ones as `?` (what Sigma calls CommandLine). */
  readonly normalized: () => string;
  /** Where the program lies: as typed, or where programs of that name usually are. */
  readonly execPath: () => string;
}

export function viewLine(
  command: Pick<JudgedCommand, "analysis" | "cwd" | "home">,
  account?: string,
): LineView {
  const { analysis } = command;
  let haystack: Haystack | undefined;
  const views: InvocationView[] = [];
  const line: LineView = {
    analysis,
    home: command.home,
    account,
    views,
    haystack: () => (haystack ??= haystackOf(analysis.line, views)),
  };
  analysis.invocations.forEach((invocation, index) => {
    views.push(viewInvocation(invocation, { index, line, cwd: command.cwd }));
  });
  return line;
}

function viewInvocation(
  invocation: Invocation,
  { index, line, cwd }: { index: number; line: LineView; cwd: string | undefined },
): InvocationView {
  let flags: FlagWords | undefined;
  let normalized: string | undefined;
  const args = invocation.argv.slice(1);
  const here = directoryOf(invocation, cwd);
  return {
    invocation,
    index,
    line,
    cwd: here,
    at: { cwd: here, home: line.home, resolved: new Map(), shapes: new Map(), hosts: new Map() },
    args,
    unknown:
      invocation.argv.includes(null) ||
      invocation.redirects.some(({ target }) => target === null) ||
      invocation.assignments.some(({ value }) => value === null) ||
      invocation.deletes?.some(({ path }) => path === null) === true,
    flags: () => (flags ??= readFlagWords(invocation.exec, args)),
    normalized: () => (normalized ??= invocation.argv.map((word) => word ?? "?").join(" ")),
    execPath: () => {
      const { path, exec } = invocation;
      if (path !== undefined) return resolvePath(path, { cwd: here, home: line.home });
      return exec === null ? "?" : `/usr/bin/${exec}`;
    },
  };
}

/** A `cd` earlier in the line moves what follows; the analysis tells where to. */
function directoryOf(invocation: LocatedInvocation, cwd: string | undefined): string | undefined {
  return invocation.cwd === undefined ? cwd : (invocation.cwd ?? undefined);
}
