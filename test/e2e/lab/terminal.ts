import xterm from "@xterm/headless";
import { spawn as spawnPty } from "node-pty";

import { eventually } from "./wait.js";

/** What the shell of the lab prints when it is ready for a command. */
export const PROMPT = "ready$ ";

/** Keys by the bytes that an xterm sends for them. */
export const KEY = {
  enter: "\r",
  backspace: "\x7f",
  delete: "\x1b[3~",
  left: "\x1b[D",
  right: "\x1b[C",
  up: "\x1b[A",
  down: "\x1b[B",
  home: "\x1b[H",
  end: "\x1b[F",
  tab: "\t",
  ctrlA: "\x01",
  ctrlC: "\x03",
  ctrlD: "\x04",
  ctrlE: "\x05",
  ctrlK: "\x0b",
  ctrlR: "\x12",
  ctrlT: "\x14",
  ctrlU: "\x15",
  ctrlW: "\x17",
  ctrlY: "\x19",
  altB: "\x1bb",
  altF: "\x1bf",
  altD: "\x1bd",
} as const;

/** A person at a terminal: types, and waits for what the screen shows. */
export interface Terminal {
  type(text: string): void;
  /** What the screen shows now, trailing blanks removed. */
  screen(): string;
  /** Text of the line with the cursor, up to the cursor. */
  line(): string;
  until(what: string, seen: (screen: string) => boolean): Promise<void>;
  shows(text: string): Promise<void>;
  /** Waits for a prompt with nothing typed at it. */
  ready(): Promise<void>;
  /** Types a line and Enter, and waits for the next prompt. */
  runs(line: string): Promise<void>;
  resize(columns: number, rows: number): void;
  /** Every byte the terminal received so far. */
  received(): string;
  readonly alternate: boolean;
  readonly exited: Promise<{ readonly code: number; readonly signal: number }>;
  close(): void;
}

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export function openTerminal(
  program: string,
  args: readonly string[],
  options: TerminalOptions = {},
): Terminal {
  const { columns: cols = 100, rows = 30 } = options;
  const display = new xterm.Terminal({ cols, rows, allowProposedApi: true, scrollback: 1_000 });
  const pty = spawnPty(program, [...args], {
    name: "xterm-256color",
    cols,
    rows,
    env: { ...process.env, LC_ALL: "C.UTF-8", ...options.env },
  });
  const received: string[] = [];
  pty.onData((data) => {
    received.push(data);
    display.write(data);
  });
  // The display answers questions of programs (cursor position, device attributes) as a real one does.
  display.onData((answer) => pty.write(answer));
  const exited = new Promise<{ code: number; signal: number }>((resolve) => {
    pty.onExit(({ exitCode, signal }) => resolve({ code: exitCode, signal: signal ?? 0 }));
  });

  function rowText(row: number, until?: number): string {
    return display.buffer.active.getLine(row)?.translateToString(true, 0, until) ?? "";
  }

  function screen(): string {
    const { baseY } = display.buffer.active;
    return Array.from({ length: display.rows }, (_, row) => rowText(baseY + row))
      .join("\n")
      .trimEnd();
  }

  function line(): string {
    const { baseY, cursorX, cursorY } = display.buffer.active;
    return (
      display.buffer.active.getLine(baseY + cursorY)?.translateToString(false, 0, cursorX) ?? ""
    );
  }

  function until(what: string, seen: (screen: string) => boolean): Promise<void> {
    return eventually(what, () => seen(screen()) && true, { instead: screen }).then(
      () => undefined,
    );
  }

  const ready = (): Promise<void> => until("a prompt", () => line() === PROMPT);

  return {
    type: (text) => pty.write(text),
    screen,
    line,
    until,
    shows: (text) => until(JSON.stringify(text), (seen) => seen.includes(text)),
    ready,
    async runs(text) {
      pty.write(text);
      await until(`${JSON.stringify(text)} on the line`, () => line() !== PROMPT);
      pty.write(KEY.enter);
      await ready();
    },
    resize(columns, newRows) {
      display.resize(columns, newRows);
      pty.resize(columns, newRows);
    },
    received: () => received.join(""),
    get alternate() {
      return display.buffer.active.type === "alternate";
    },
    exited,
    close() {
      try {
        pty.kill("SIGHUP");
      } catch {
        // It has ended by itself: nothing is left to close.
      }
    },
  };
}
