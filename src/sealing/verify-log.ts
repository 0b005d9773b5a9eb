import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describeError, err, fault, ok, type Fault, type Result } from "../kernel/index.js";
import { createChainWalker, type ChainPosition, type Flaw } from "./chain-walker.js";
import { parseLine } from "./chain.js";
import { listSegments, readLines } from "./segments.js";

/** What a sealed log turned out to be. */
export interface LogReport {
  readonly position: ChainPosition;
  readonly records: number;
  readonly segments: number;
  /** The first record that is not what was written, and where. */
  readonly flaw: LocatedFlaw | null;
}

export interface LocatedFlaw extends Flaw {
  readonly file: string;
  /** 1 is the first line of the file. */
  readonly line: number;
}

export interface VerifyOptions {
  /** A head that is known from elsewhere (a sink got it in `audit.sealed`): the log must contain it. */
  readonly head?: string;
  /** Ids of the keys that may begin the log. */
  readonly trusted?: readonly string[];
  /** Told after every segment: how many records so far. */
  readonly progress?: (records: number, segments: number) => void;
}

/** The head as of the newest seal, beside the segments: a log cut by accident shows without a sink. */
export const HEAD_FILE = "head.json";

/** Reads a folder of segments, or one segment, and stops at the first flaw. */
export function verifyLog(path: string, options: VerifyOptions = {}): Result<LogReport, Fault> {
  try {
    const whole = statSync(path).isDirectory();
    const dir = whole ? path : dirname(path);
    const files = whole ? listSegments(path).map(({ file }) => file) : [basename(path)];
    if (files.length === 0) return err(fault("CHP_SEALING_NO_LOG", `${path} holds no segments`));
    return ok(walk(dir, files, { ...options, whole }));
  } catch (error) {
    const reason = describeError(error);
    return err(fault("CHP_SEALING_NO_LOG", `${path}: ${reason}`));
  }
}

function walk(
  dir: string,
  files: readonly string[],
  options: VerifyOptions & { readonly whole: boolean },
): LogReport {
  const walker = createChainWalker(
    options.trusted === undefined ? {} : { trusted: options.trusted },
  );
  let records = 0;
  let lastLine = 0;
  let headSeen = options.head === undefined;
  const report = (found: LocatedFlaw | null, segments: number): LogReport => ({
    position: walker.position,
    records,
    segments,
    flaw: found,
  });
  for (const [index, file] of files.entries()) {
    lastLine = 0;
    for (const line of readLines(join(dir, file))) {
      lastLine = line.number;
      const where = { file, line: line.number };
      const found = line.whole ? walker.line(line.text) : torn(walker.position);
      if (found !== null) return report({ ...found, ...where }, index + 1);
      records += 1;
      headSeen ||= parseLine(line.text)?.hash === options.head;
    }
    options.progress?.(records, index + 1);
  }
  const end = { file: files.at(-1) ?? "", line: lastLine + 1 };
  const cut = cutTail(walker.position, headSeen, options.whole ? readHead(dir) : null);
  return report(cut === null ? null : { ...cut, ...end }, files.length);
}

function torn({ next }: ChainPosition): Flaw {
  const record = next ?? 0;
  return { what: "torn", record, message: `record ${String(record)} has no end` };
}

function cutTail({ next }: ChainPosition, headSeen: boolean, known: number | null): Flaw | null {
  const record = next ?? 0;
  if (known !== null && known >= record) {
    const message = `record ${String(record)} is missing: the log was sealed up to record ${String(known)}, and ends before`;
    return { what: "cut", record, message };
  }
  if (headSeen) return null;
  const message = `record ${String(record)} is missing: the log does not contain the head that you named`;
  return { what: "cut", record, message };
}

/** Number of the newest seal that this folder was told to hold. */
function readHead(dir: string): number | null {
  const path = join(dir, HEAD_FILE);
  if (!existsSync(path)) return null;
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    const n: unknown = typeof value === "object" && value !== null && "n" in value ? value.n : null;
    return typeof n === "number" ? n : null;
  } catch {
    return null;
  }
}
