import type { Console, Style } from "./console.js";

/** A console that remembers what was said. */
export interface HeardConsole extends Console {
  readonly outText: () => string;
  readonly errText: () => string;
}

const PLAIN: Style = {
  strong: (text) => text,
  good: (text) => text,
  warn: (text) => text,
  bad: (text) => text,
};

export function hearConsole(): HeardConsole {
  const out: string[] = [];
  const err: string[] = [];
  return {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    bytes: (content) => out.push(Buffer.from(content).toString("utf8").replace(/\n$/, "")),
    flushed: () => Promise.resolve(),
    style: PLAIN,
    errStyle: PLAIN,
    outText: () => out.join("\n"),
    errText: () => err.join("\n"),
  };
}
