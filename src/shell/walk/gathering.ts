import { giveUp, parseOneWord, type Frame, type Walk } from "./walk.js";
import type { ParsedScript } from "../syntax/parse-script.js";
import type { WordEnvironment } from "../words/evaluate.js";
import type { Text } from "../words/text.js";
import { createOutput, inputOf, textOf, type Input, type Output } from "./output.js";
import { copyScope } from "./scope.js";

interface GatheredProcess {
  readonly script: ParsedScript;
  /** `<`: what the command can read from it. */
  readonly output: Text;
  /** `<`: the command reads it. `>`: it is fed by the command. */
  readonly direction: "<" | ">";
}

/** Evaluates the words of one command; what they substitute is walked as it is met. */
export interface Gathering extends WordEnvironment {
  readonly frame: Frame;
  readonly walk: Walk;
  readonly processes: GatheredProcess[];
}

/** Stands for the n-th process substitution of a command among its words. */
export function processPath(index: number): string {
  return `/dev/fd/${String(63 - index)}`;
}

export function createGathering(walk: Walk, frame: Frame): Gathering {
  const processes: GatheredProcess[] = [];
  return {
    walk,
    frame,
    scope: frame.scope,
    processes,
    substitute(script) {
      const out = createOutput();
      runInside(walk, script, { frame, stdin: frame.stdin, out });
      const value = textOf(out);
      return { ...value, text: value.text.replace(/\n+$/, "") };
    },
    noteProcess(script, direction) {
      const path = processPath(processes.length);
      const out = createOutput();
      if (direction === "<") runInside(walk, script, { frame, stdin: frame.stdin, out });
      processes.push({ script, output: textOf(out), direction });
      return path;
    },
    expandAgain(value) {
      if (/[$`]/.test(value.text)) walk.runText(quotedWord(value.text), frame);
    },
    parseWord: (text) => parseOneWord(walk, text),
  };
}

/** `>(...)`: walked when what the command writes is known. */
export function feedProcesses(gathering: Gathering, fed: Text): void {
  const { walk, frame } = gathering;
  for (const { script, direction } of gathering.processes) {
    if (direction === ">") runInside(walk, script, { frame, stdin: inputOf(fed), out: frame.out });
  }
}

function runInside(
  walk: Walk,
  script: ParsedScript,
  given: { frame: Frame; stdin: Input | undefined; out: Output | undefined },
): void {
  const error = script.errors?.[0];
  if (error !== undefined) giveUp(walk, `inside: ${error.message}`);
  const { frame } = given;
  walk.runScript(script, {
    ...frame,
    scope: copyScope(frame.scope),
    source: script.source ?? frame.source,
    context: "substitution",
    stage: undefined,
    stdin: given.stdin,
    out: given.out,
  });
}

/** A command that does nothing but expand this text. */
export function quotedWord(text: string): string {
  return `: "${text.replaceAll('"', '\\"')}"`;
}
