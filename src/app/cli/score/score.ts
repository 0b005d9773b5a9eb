import { createInterface } from "node:readline";
import { escapeControls, type Result } from "../../../kernel/index.js";
import { textOf, type Command, type CommandCall } from "../command.js";
import { EXIT, type ExitCode } from "../exit-code.js";
import { scoreKeystrokes } from "./score-keystroke.js";
import { scoreSequences } from "./score-sequence.js";
import { readKeystrokeTrials, readSequenceTrials, type BadLine } from "./trials.js";

const DETECTORS = ["keystroke", "sequence"] as const;
type Detector = (typeof DETECTORS)[number];

export const scoreCommand: Command = {
  words: ["score"],
  summary: "detector scores for offline trials",
  positionals: "DETECTOR",
  options: {
    "no-update": { type: "boolean", help: "freeze the profiles as enrolled" },
    keys: { type: "string", value: "N", help: "only the first N keys (commands) of each sample" },
    stream: {
      type: "boolean",
      help: "keystroke: the peak of the evidence for a change of typist within each sample",
    },
  },
  notes: [
    "DETECTOR is keystroke or sequence. Trials are read from stdin, one JSON object a line:",
    '  {"type":"sample","id":17,"k":["s","u"],"t":[0,95],"up":[70,160]}     times in ms, up optional',
    '  {"type":"target","id":"alice","enrol":[{"k":[...],"t":[...]}],"tests":[17]}',
    '  {"type":"target","id":"alice","train":["ls","cd"],"blocks":[["ls"]]}       for sequence',
    "One line a score: target, sample id or block number, score; higher = less like the person.",
  ],
  examples: [
    "chaperone score keystroke --no-update < trials.jsonl > scores.tsv",
    "chaperone score sequence < trials.jsonl",
  ],
  run,
};

async function run(call: CommandCall): Promise<ExitCode> {
  const { console, positionals, values } = call;
  const [named] = positionals;
  const detector = DETECTORS.find((one) => one === named);
  if (detector === undefined || positionals.length !== 1) {
    return usage(call, "say which detector: keystroke or sequence");
  }
  const keys = textOf(call, "keys");
  const limit = keys === undefined ? null : Number(keys);
  if (limit !== null && !(Number.isSafeInteger(limit) && limit > 0)) {
    return usage(call, `--keys takes a whole number above 0, not ${JSON.stringify(keys)}`);
  }
  if (values["stream"] === true && detector !== "keystroke") {
    return usage(call, "--stream goes with keystroke only");
  }
  const lines = await readLines();
  const scores = scoresOf(detector, lines, {
    update: values["no-update"] !== true,
    keys: limit,
    stream: values["stream"] === true,
  });
  if (!scores.ok) {
    const { line, problem } = scores.error;
    console.err(`chaperone score ${detector}: stdin:${line} ${escapeControls(problem)}`);
    console.err("  mend: one JSON object a line, as `chaperone score --help` shows");
    return EXIT.couldNotRun;
  }
  for (const row of scores.value) {
    console.out(row);
    await console.flushed();
  }
  return EXIT.fine;
}

interface Scoring {
  readonly update: boolean;
  readonly keys: number | null;
  readonly stream: boolean;
}

function scoresOf(
  detector: Detector,
  lines: readonly string[],
  scoring: Scoring,
): Result<Iterable<string>, BadLine> {
  switch (detector) {
    case "keystroke": {
      const trials = readKeystrokeTrials(lines);
      return trials.ok ? { ok: true, value: keystrokeRows(trials.value, scoring) } : trials;
    }
    case "sequence": {
      const trials = readSequenceTrials(lines);
      return trials.ok ? { ok: true, value: sequenceRows(trials.value, scoring) } : trials;
    }
  }
}

function* keystrokeRows(
  trials: Parameters<typeof scoreKeystrokes>[0],
  scoring: Scoring,
): Generator<string> {
  for (const { target, sample, score } of scoreKeystrokes(trials, scoring)) {
    yield row(target, sample, score);
  }
}

function* sequenceRows(
  trials: Parameters<typeof scoreSequences>[0],
  scoring: Scoring,
): Generator<string> {
  for (const { target, block, score } of scoreSequences(trials, scoring)) {
    yield row(target, block, score);
  }
}

function row(target: string, trial: string | number, score: number): string {
  return `${escapeControls(target)}\t${escapeControls(String(trial))}\t${String(score)}`;
}

/** All of stdin: what others were enrolled with is needed before the first score. */
async function readLines(): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    lines.push(line);
  }
  return lines;
}

function usage({ console }: CommandCall, problem: string): ExitCode {
  console.err(`chaperone score: ${problem}`);
  console.err("  usage: see `chaperone score --help`");
  return EXIT.usage;
}
