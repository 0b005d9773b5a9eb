import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { spawn, type IPty } from "node-pty";
import { encodeUtf8, micros, type Micros } from "../../kernel/index.js";
import type { LineReading } from "../../model/index.js";
import { createTypedLine } from "./create-typed-line.js";
import type { Launched, TypedLine } from "./typed-line.js";

/**
 * A person at a real bash, with the typed line between them the way the gate seats it: keys pass at
 * once, a submit is held until it has settled, read, and released. bash itself says what it ran.
 */
export interface TypingAtBash {
  readonly line: TypedLine;
  /** Types; every submit among the bytes is held, read and released. */
  type(keys: string): Promise<readonly LineReading[]>;
  /** Waits until bash shows a prompt for every line submitted so far, or is gone. */
  ready(): Promise<void>;
  /** bash has ended (Ctrl-D on an empty line). */
  readonly gone: () => boolean;
  /** Waits for output to match. */
  shows(text: string | RegExp): Promise<void>;
  resize(columns: number, rows: number): void;
  /** What bash's history says at each prompt: its newest number, and what was added since. */
  ran(): readonly Ran[];
  pause(ms: number): Promise<void>;
  now(): Micros;
  readonly readings: readonly LineReading[];
  /** Everything that happened at the line, to be played again. */
  readonly transcript: readonly Happening[];
  readonly output: () => string;
  close(): void;
}

export type Happening =
  | { readonly kind: "typed"; readonly bytes: Uint8Array; readonly at: Micros }
  | { readonly kind: "printed"; readonly bytes: Uint8Array; readonly at: Micros }
  | {
      readonly kind: "read";
      readonly reading: LineReading;
      readonly launched: Launched;
      readonly at: Micros;
    };

export interface Ran {
  readonly number: number;
  readonly text: string;
}

export interface TypingOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly rc?: string;
  /** Lines in the history file before the session. */
  readonly before?: readonly string[];
  readonly path?: string;
  /** Cuts both directions: sizes of the pieces, used in turn. */
  readonly cuts?: readonly number[];
  readonly modes?: Readonly<Record<string, number>>;
  readonly term?: string;
}

const WAIT_MS_MAX = 15_000;

export async function typeAtBash(options: TypingOptions = {}): Promise<TypingAtBash> {
  const home = mkdtempSync(join(tmpdir(), "chaperone-line-"));
  const log = join(home, "ran");
  writeFileSync(log, "");
  writeFileSync(join(home, "old-history"), (options.before ?? []).map((l) => `${l}\n`).join(""));
  writeFileSync(
    join(home, "rc"),
    [
      "PS1='lab$ '",
      "HISTFILE=$HOME/old-history",
      "history -r",
      "HISTFILE=/dev/null",
      options.rc ?? "",
      `PROMPT_COMMAND='{ HISTTIMEFORMAT= history 8; printf "\\0"; } >> ${log}'`,
      "",
    ].join("\n"),
  );
  const columns = options.columns ?? 80;
  const rows = options.rows ?? 24;
  const term = options.term ?? "xterm-256color";
  const pty: IPty = spawn("/bin/bash", ["--noprofile", "--rcfile", join(home, "rc"), "-i"], {
    cols: columns,
    rows,
    cwd: home,
    name: term,
    encoding: null,
    env: { PATH: options.path ?? "/nonexistent", HOME: home, TERM: term, LANG: "C.UTF-8" },
  });
  const line = createTypedLine({
    pty: { term, columns, rows, widthPixels: 0, heightPixels: 0, modes: options.modes ?? {} },
  });
  const readings: LineReading[] = [];
  const transcript: Happening[] = [];
  const waiters = new Set<() => void>();
  let seen = "";
  let cut = 0;
  let submitted = 0;
  let gone = false;

  const now = (): Micros => micros(Math.round(performance.now() * 1_000));

  function pieces(bytes: Uint8Array): Uint8Array[] {
    const { cuts } = options;
    if (cuts === undefined || cuts.length === 0) return [bytes];
    const out: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const size = Math.max(1, cuts[cut++ % cuts.length] ?? 1);
      out.push(bytes.subarray(at, at + size));
      at += size;
    }
    return out;
  }

  pty.onExit(() => {
    gone = true;
    for (const wake of [...waiters]) wake();
  });

  pty.onData((data) => {
    const bytes = Buffer.from(data);
    seen += bytes.toString("utf8");
    const at = now();
    transcript.push({ kind: "printed", bytes, at });
    for (const piece of pieces(bytes)) line.printed(piece, at);
    for (const wake of [...waiters]) wake();
  });

  function woken(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        waiters.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      waiters.add(done);
    });
  }

  async function until(what: string, holds: () => boolean): Promise<void> {
    const end = performance.now() + WAIT_MS_MAX;
    while (!holds()) {
      if (performance.now() > end) {
        throw new Error(
          `waited in vain for ${what}; the screen got ${JSON.stringify(seen.slice(-600))}`,
        );
      }
      await woken(20);
    }
  }

  async function hold(): Promise<void> {
    for (;;) {
      const settlement = line.settled(now());
      if (settlement.settled) return;
      await woken(Math.max(1, (settlement.recheckAt - now()) / 1_000));
    }
  }

  async function type(keys: string): Promise<readonly LineReading[]> {
    const mine: LineReading[] = [];
    for (const piece of pieces(encodeUtf8(keys))) {
      for (let i = 0; i < piece.length; i += 1) {
        for (const run of line.decode(piece.subarray(i, i + 1))) {
          if (run.kind !== "submit") {
            const at = now();
            transcript.push({ kind: "typed", bytes: run.bytes, at });
            line.pressed(run, at);
            pty.write(Buffer.from(run.bytes));
            continue;
          }
          await hold();
          const reading = line.read(run);
          mine.push(reading);
          readings.push(reading);
          const launched = launchedBy(reading);
          if (launched.complete) submitted += 1;
          const at = now();
          transcript.push({ kind: "typed", bytes: run.bytes, at });
          transcript.push({ kind: "read", reading, launched, at });
          line.released(run, at, launched);
          pty.write(Buffer.from(run.bytes));
        }
      }
    }
    return mine;
  }

  function ran(): readonly Ran[] {
    const records = readFileSync(log, "utf8").split("\0").slice(0, -1);
    let newest = -1;
    return records.map((record) => {
      const entries = [...record.matchAll(/^ *(\d+)[* ] ([\s\S]*?)\n(?= *\d+[* ] |$(?![\s\S]))/gm)];
      const added = entries.filter((entry) => newest >= 0 && Number(entry[1]) > newest);
      newest = Math.max(newest, ...entries.map((entry) => Number(entry[1])), 0);
      return { number: newest, text: added.map((entry) => entry[2] ?? "").join("\n") };
    });
  }

  await until("the first prompt", () => ran().length > 0 && seen.includes("lab$ "));

  return {
    line,
    type,
    now,
    readings,
    transcript,
    ran,
    ready: () =>
      until(
        `prompt ${submitted + 1}`,
        () => gone || (ran().length > submitted && line.atFreshPrompt()),
      ),
    gone: () => gone,
    shows: (text) =>
      until(String(text), () => (typeof text === "string" ? seen.includes(text) : text.test(seen))),
    resize(c, r) {
      line.resized({ columns: c, rows: r });
      pty.resize(c, r);
    },
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    output: () => seen,
    close() {
      pty.kill("SIGKILL");
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** From here on nobody is told that it is not sure, and the history takes it as it is. */
const CERTAIN_FROM = 0.9;

function launchedBy(reading: LineReading): Launched {
  const open = /\\$/.test(reading.text) || oddQuotes(reading.text);
  const programs = reading.text
    .split(/[;|&]+/)
    .map((part) => part.trim().split(/\s+/)[0] ?? "")
    .filter((word) => word !== "" && !word.includes("="));
  return reading.hidden
    ? { programs, complete: true }
    : {
        text: reading.text,
        ...(reading.text.includes("\n") ? { lines: reading.text.split("\n") } : {}),
        ...(reading.confidence < CERTAIN_FROM ? { doubtful: true as const } : {}),
        ...(reading.endUnsure === true ? { endUnsure: true as const } : {}),
        programs: open ? [] : programs,
        complete: !open,
      };
}

function oddQuotes(text: string): boolean {
  const bare = text
    .replace(/\\./g, "")
    .replace(/'[^']*'/g, "")
    .replace(/"[^"]*"/g, "");
  return /['"]/.test(bare);
}
