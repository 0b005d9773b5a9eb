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
  /** It was told without its text, as typed unseen. */
  readonly hidden: boolean;
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

/** A person's morning at one shell; what goes wrong in it does not reach the others. */
const CASES_PER_SHELL = 25;
/** People at shells of their own at the same time: mostly they wait. */
const PEOPLE = 4;

/** Runs cases in a few shells at once, and compares what was told with what ran. */
export async function measure(
  shell: ShellName,
  cases: readonly WitnessCase[],
  manner: Manner,
): Promise<Tally> {
  const groups = inOneShell(cases);
  const compared: Compared[][] = groups.map(() => []);
  const queue = groups.entries();
  const person = async (): Promise<void> => {
    for (const [index, group] of queue) compared[index] = await runGroup(group, { shell, manner });
  };
  await Promise.all(Array.from({ length: PEOPLE }, person));
  return tallied(shell, compared.flat());
}

interface Group {
  readonly options: ShellLabOptions;
  readonly cases: WitnessCase[];
}

async function runGroup({ options, cases }: Group, how: How): Promise<Compared[]> {
  const { shell } = how;
  const open = (): Promise<ShellLab> =>
    openShellLab({ rules: RULES, ...options, rc: rcOf(shell, options), name: shell });
  const compared: Compared[] = [];
  let lab = await open();
  try {
    for (const one of cases) {
      compared.push(...(await runCase(lab, one, how)));
      // Ctrl-D on an empty line ends some shells.
      if (!lab.ended()) continue;
      lab.close();
      lab = await open();
    }
  } finally {
    lab.close();
  }
  return compared;
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

function inOneShell(cases: readonly WitnessCase[]): Group[] {
  const groups = new Map<string, Group>();
  for (const one of cases) {
    const key = JSON.stringify([one.options, one.alone === true ? one.name : ""]);
    const group = groups.get(key) ?? { options: one.options ?? {}, cases: [] };
    group.cases.push(one);
    groups.set(key, group);
  }
  return [...groups.values()].flatMap(({ options, cases: all }) =>
    Array.from({ length: Math.ceil(all.length / CASES_PER_SHELL) }, (_, i) => ({
      options,
      cases: all.slice(i * CASES_PER_SHELL, (i + 1) * CASES_PER_SHELL),
    })),
  );
}

interface How {
  readonly shell: ShellName;
  readonly manner: Manner;
}

async function runCase(lab: ShellLab, one: WitnessCase, how: How): Promise<Compared[]> {
  const eventsBefore = lab.events.length;
  const ranBefore = lab.ran().length;
  for (const step of one.steps) {
    if (lab.ended()) break;
    await take(lab, step, how.manner);
  }
  await lab.settled(120);
  const told = lab.events
    .slice(eventsBefore)
    .flatMap(entered)
    .flatMap((data) => toldOf(data, how.shell));
  await allRan(lab, ranBefore + told.filter(({ hidden }) => !hidden).length);
  const ran = lab
    .ran()
    .slice(ranBefore)
    .filter((line) => line.trim() !== "");
  lab.type("\x03");
  await lab.settled(60);
  return align(one.name, told, ran);
}

/** The shell may be busy; what it never says in this time it did not run. */
const RAN_WITHIN_MS = 10_000;

async function allRan(lab: ShellLab, count: number): Promise<void> {
  for (let waited = 0; lab.ran().length < count && waited < RAN_WITHIN_MS; waited += 20) {
    if (lab.ended()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function take(lab: ShellLab, step: Step, manner: Manner): Promise<void> {
  if (typeof step !== "string") {
    if ("see" in step) await seen(lab, step.see);
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

/** Behind an open quote, or a shell that is gone, it never comes; what is told is compared all the same. */
async function seen(lab: ShellLab, shown: string): Promise<void> {
  await lab.see(shown).catch(() => undefined);
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
  readonly hidden: boolean;
}

function toldOf(data: Entered, shell: ShellName): Told[] {
  const { text = "", confidence, hidden, candidates = [text] } = data;
  if (hidden) return [{ text: "", confidence, candidates: [], hidden }];
  if (TELLS_LINES.has(shell)) return [{ text, confidence, candidates, hidden }];
  const says = data.invocations.filter(({ argv }) => argv[0] === "say");
  return says.map(({ argv }) => {
    const said = argv.join(" ");
    return { text: said, confidence, candidates: [said, ...candidates], hidden };
  });
}

const TELLS_LINES: ReadonlySet<ShellName> = new Set(["bash", "zsh", "fish"]);

/** Sets each thing told beside what ran, so that one that is missing makes no others wrong. */
function align(name: string, told: readonly Told[], ran: readonly string[]): Compared[] {
  const costs = costsOf(told, ran);
  const out: Compared[] = [];
  let t = 0;
  let r = 0;
  while (t < told.length || r < ran.length) {
    const one = told[t];
    const text = ran[r];
    const cost = costs[t]?.[r] ?? 0;
    const pair = one !== undefined && text !== undefined;
    if (pair && cost === apart(one, text) + (costs[t + 1]?.[r + 1] ?? 0)) {
      out.push(compared(name, one, text));
      t += 1;
      r += 1;
    } else if (one !== undefined && cost === unpaired(one) + (costs[t + 1]?.[r] ?? Infinity)) {
      // What was typed unseen and ran nothing was no command: a password, most likely.
      if (!one.hidden) out.push(compared(name, one, null));
      t += 1;
    } else {
      out.push(compared(name, null, text ?? null));
      r += 1;
    }
  }
  return out;
}

function costsOf(told: readonly Told[], ran: readonly string[]): number[][] {
  const costs = Array.from({ length: told.length + 1 }, () =>
    Array.from({ length: ran.length + 1 }, () => 0),
  );
  const at = (t: number, r: number): number => costs[t]?.[r] ?? Infinity;
  for (let t = told.length; t >= 0; t -= 1) {
    for (let r = ran.length; r >= 0; r -= 1) {
      const one = told[t];
      const text = ran[r];
      if (one === undefined && text === undefined) continue;
      const ways = [
        one === undefined || text === undefined ? Infinity : apart(one, text) + at(t + 1, r + 1),
        one === undefined ? Infinity : unpaired(one) + at(t + 1, r),
        text === undefined ? Infinity : MISSING + at(t, r + 1),
      ];
      (costs[t] ?? [])[r] = Math.min(...ways);
    }
  }
  return costs;
}

const MISSING = 4;
const DIFFERENT = 6;

function apart(one: Told, ran: string): number {
  if (one.hidden) return 3;
  return same(one.text, ran) ? 0 : DIFFERENT;
}

function unpaired({ hidden }: Told): number {
  return hidden ? 0 : MISSING;
}

function compared(name: string, one: Told | null, ran: string | null): Compared {
  return {
    case: name,
    told: one === null || one.hidden ? null : one.text,
    ran,
    confidence: one?.confidence ?? 0,
    judged: ran !== null && (one?.candidates.some((c) => same(c, ran)) ?? false),
    hidden: one?.hidden ?? false,
  };
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

function tallied(shell: ShellName, all: readonly Compared[]): Tally {
  const wrong = all.filter((one) => !isExact(one));
  return {
    shell,
    compared: all,
    exact: all.length - wrong.length,
    wrong,
    silent: wrong.filter(isSilent),
  };
}

export function isExact({ told, ran }: Compared): boolean {
  return told !== null && ran !== null && same(told, ran);
}

/** Told for certain and not so, or run without a word: nothing that was told of it says "not sure". */
function isSilent({ told, confidence, hidden, judged }: Compared): boolean {
  if (hidden || judged) return false;
  return told === null || confidence >= CERTAIN;
}

/** From here on nobody is told that it is not sure. */
const CERTAIN = 0.9;
