import type { EventDraft } from "../../src/events/index.js";
import {
  openShellLab,
  type ShellLab,
  type ShellLabOptions,
  type ShellName,
} from "../../src/session/shell-lab.testing.js";
import type { Step, WitnessCase } from "./cases.js";

/** One command as it was told, beside what the shell says it ran. */
export interface Compared {
  readonly case: string;
  readonly told: string | null;
  readonly ran: string | null;
  readonly confidence: number;
  /** The text that ran is among the readings that were judged. */
  readonly judged: boolean;
  /** Beside it something was told without its text, as typed unseen. */
  readonly unseen: boolean;
}

export interface Tally {
  readonly shell: ShellName;
  readonly compared: readonly Compared[];
  readonly exact: number;
  /** Wrong, and with confidence: nobody would know. */
  readonly silent: readonly Compared[];
  readonly wrong: readonly Compared[];
}

export type Manner = "keys" | "burst";

/** Runs cases in as few shells as may be, and compares what was told with what ran. */
export async function measure(
  shell: ShellName,
  cases: readonly WitnessCase[],
  manner: Manner,
): Promise<Tally> {
  const compared: Compared[] = [];
  for (const group of inOneShell(cases)) {
    const lab = await openShellLab({
      rules: RULES,
      ...group.options,
      rc: rcOf(shell, group.options),
      name: shell,
    });
    try {
      for (const one of group.cases) compared.push(...(await runCase(lab, one, { shell, manner })));
    } finally {
      lab.close();
    }
  }
  return tallied(shell, compared);
}

/** Nothing is stopped: every line runs, so that the shell can tell of it. */
const RULES = `
apiVersion: chaperone/v1
kind: RulePack
metadata: { name: witness, version: 1.0.0 }
rules:
  - id: never
    name: Nothing that is typed here
    criticality: low
    match: { command: { exec: never-typed } }
    action: alert
`;

function rcOf(shell: ShellName, options: ShellLabOptions): string {
  return `${shell === "bash" ? "shopt -s lithist; " : ""}${options.rc ?? ""}`;
}

function inOneShell(
  cases: readonly WitnessCase[],
): { options: ShellLabOptions; cases: WitnessCase[] }[] {
  const groups = new Map<string, { options: ShellLabOptions; cases: WitnessCase[] }>();
  for (const one of cases) {
    const key = JSON.stringify([one.options, one.alone === true ? one.name : ""]);
    const group = groups.get(key) ?? { options: one.options ?? {}, cases: [] };
    group.cases.push(one);
    groups.set(key, group);
  }
  return [...groups.values()];
}

interface How {
  readonly shell: ShellName;
  readonly manner: Manner;
}

async function runCase(lab: ShellLab, one: WitnessCase, how: How): Promise<Compared[]> {
  const eventsBefore = lab.events.length;
  const ranBefore = lab.ran().length;
  for (const step of one.steps) await take(lab, step, how.manner);
  await lab.settled(120);
  const all = lab.events.slice(eventsBefore).flatMap(entered);
  const told = all.flatMap((data) => toldOf(data, how.shell));
  await allRan(lab, ranBefore + told.length);
  const ran = lab.ran().slice(ranBefore);
  lab.type("\x03");
  await lab.settled(60);
  const unseen = all.some(({ hidden }) => hidden);
  return align(one.name, told, ran).map((compared) => ({ ...compared, unseen }));
}

/** The shell may be busy; what it never says in this time it did not run. */
const RAN_WITHIN_MS = 3_000;

async function allRan(lab: ShellLab, count: number): Promise<void> {
  for (let waited = 0; lab.ran().length < count && waited < RAN_WITHIN_MS; waited += 20) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function take(lab: ShellLab, step: Step, manner: Manner): Promise<void> {
  if (typeof step !== "string") {
    if ("see" in step) await lab.see(step.see);
    else if ("resize" in step) lab.resize(...step.resize);
    else lab.type(step.keys);
  } else if (manner === "burst") lab.type(step);
  else {
    for (const key of keysOf(step)) {
      lab.type(key);
      await lab.settled(4);
    }
  }
  await lab.settled(typeof step === "string" && !step.endsWith("\r") ? 40 : 90);
}

/** Escape sequences stay whole, as a keyboard sends them. */
function keysOf(text: string): string[] {
  return text.match(ONE_KEY) ?? [];
}

const ESC = "\x1b";
const ONE_KEY = new RegExp(`${ESC}\\[[\\d;]*[A-Za-z~]|${ESC}O.|${ESC}[\\s\\S]|[\\s\\S]`, "gu");

type Entered = Extract<EventDraft, { type: "command.entered" }>["data"];

function entered(event: EventDraft): Entered[] {
  return event.type === "command.entered" ? [event.data] : [];
}

/** One thing that was told to run: a line, or in shells that tell words each `say` of it. */
interface Told {
  readonly text: string;
  readonly confidence: number;
  readonly candidates: readonly string[];
}

function toldOf(data: Entered, shell: ShellName): Told[] {
  if (data.hidden) return [];
  const { text = "", confidence, candidates = [text] } = data;
  if (TELLS_LINES.has(shell)) return [{ text, confidence, candidates }];
  const says = data.invocations.filter(({ argv }) => argv[0] === "say");
  const words = says.map(({ argv }) => argv.join(" "));
  return words.map((said) => ({ text: said, confidence, candidates: [said, ...candidates] }));
}

const TELLS_LINES: ReadonlySet<ShellName> = new Set(["bash", "zsh", "fish"]);
function align(
  name: string,
  told: readonly Told[],
  ran: readonly string[],
): Omit<Compared, "unseen">[] {
  const out: Omit<Compared, "unseen">[] = [];
  for (let at = 0; at < Math.max(told.length, ran.length); at += 1) {
    const one = told[at];
    const text = ran[at] ?? null;
    out.push({
      case: name,
      told: one?.text ?? null,
      ran: text,
      confidence: one?.confidence ?? 0,
      judged: text !== null && (one?.candidates.some((c) => same(c, text)) ?? false),
    });
  }
  return out;
}

/** Blanks at the ends run nothing, and a row that goes on is no part of what runs. */
function same(a: string, b: string): boolean {
  const bare = (text: string): string =>
    text
      .trim()
      .replace(/\\\n/g, "")
      .replace(/[ \t]+$/gm, "");
  return bare(a) === bare(b);
}

function tallied(shell: ShellName, compared: readonly Compared[]): Tally {
  const wrong = compared.filter(
    (one) => one.told === null || one.ran === null || !same(one.told, one.ran),
  );
  return {
    shell,
    compared,
    exact: compared.length - wrong.length,
    wrong,
    silent: wrong.filter((one) => isSilent(one, compared)),
  };
}

/** It ran, nothing that was judged is it, and nothing that was told beside it says "not sure". */
function isSilent(one: Compared, compared: readonly Compared[]): boolean {
  const { ran } = one;
  if (ran === null || one.unseen) return false;
  const beside = compared.filter((other) => other.case === one.case);
  return (
    !beside.some(
      (other) => other.told !== null && (other.confidence < CERTAIN || same(other.told, ran)),
    ) && !one.judged
  );
}

/** From here on nobody is told that it is not sure. */
const CERTAIN = 0.9;
