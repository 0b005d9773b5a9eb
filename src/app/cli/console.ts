import { once } from "node:events";
import { relative } from "node:path";
import { describeFault, escapeControls, faultEntry, type Fault } from "../../kernel/index.js";
import type { Notice } from "../config/index.js";

/** Where a command speaks: results to `out`, everything else to `err`. */
export interface Console {
  out(line: string): void;
  err(line: string): void;
  /** To `out` as it is: content of a file, not a line of ours. */
  bytes(content: Uint8Array): void;
  /** Resolves when the reader of `out` keeps up: awaited between many lines, so that memory is flat. */
  flushed(): Promise<void>;
  readonly style: Style;
  readonly errStyle: Style;
}

/** Marks text; on anything that is not a terminal the text stays as it is. */
export interface Style {
  strong(text: string): string;
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
}

export function createConsole(
  stdout: NodeJS.WriteStream,
  stderr: NodeJS.WriteStream,
  env: Readonly<Record<string, string | undefined>>,
): Console {
  const style = (stream: NodeJS.WriteStream) =>
    stream.isTTY && env["NO_COLOR"] === undefined && env["TERM"] !== "dumb" ? COLOURED : PLAIN;
  return {
    out: (line) => stdout.write(`${line}\n`),
    err: (line) => stderr.write(`${line}\n`),
    bytes: (content) => stdout.write(content),
    async flushed() {
      if (stdout.writableNeedDrain) await once(stdout, "drain");
    },
    style: style(stdout),
    errStyle: style(stderr),
  };
}

const PLAIN: Style = { strong: same, good: same, warn: same, bad: same };
const COLOURED: Style = {
  strong: (text) => `\u001b[1m${text}\u001b[0m`,
  good: (text) => `\u001b[32m${text}\u001b[0m`,
  warn: (text) => `\u001b[33m${text}\u001b[0m`,
  bad: (text) => `\u001b[31m${text}\u001b[0m`,
};

function same(text: string): string {
  return text;
}

/**
 * Faults for people: one line each (`file:line:column CODE message`), then once per code how to mend
 * it.
 */
export function tellFaults(console: Console, faults: readonly Fault[]): void {
  for (const one of faults) {
    console.err(
      escapeControls(describeFault(withShortPath(one))).replace(
        one.code,
        console.errStyle.bad(one.code),
      ),
    );
  }
  for (const code of new Set(faults.map((one) => one.code))) {
    console.err(`  mend ${code}: ${faultEntry(code).remedy}`);
  }
}

export function tellNotices(console: Console, notices: readonly Notice[]): void {
  for (const { message, at } of notices) {
    const where = at === undefined ? "" : `${shortPath(at.file)}:${at.line}:${at.column} `;
    console.err(`${console.errStyle.warn("warning")} ${where}${escapeControls(message)}`);
  }
}

/** Relative to where the command runs, when that is shorter to read. */
export function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short !== "" && !short.startsWith("..") ? short : path;
}

function withShortPath(value: Fault): Fault {
  return value.at === undefined
    ? value
    : { ...value, at: { ...value.at, file: shortPath(value.at.file) } };
}
