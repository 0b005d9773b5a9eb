import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import xterm from "@xterm/headless";
import { spawn, type IPty } from "node-pty";
import type { EventDraft } from "../events/index.js";
import {
  channelId,
  decodeUtf8,
  micros,
  requestId,
  wallMicros,
  type RequestId,
} from "../kernel/index.js";
import type { Effect, FactorOutcome, InputBody, RecordEntry } from "../model/index.js";
import { createSession, type Session } from "./index.js";
import { endLeftovers } from "./leftover.testing.js";
import { seedOf, type SeedOptions } from "./seed.testing.js";

/** The shells that people meet on servers. */
export const SHELLS = ["bash", "zsh", "fish", "mksh", "ash", "dash"] as const;
export type ShellName = (typeof SHELLS)[number];

/**
 * A person at a terminal, the session core, and a real shell behind it: everything of a session but the
 * network. Waits for conditions, never for a time.
 */
export interface ShellLab {
  type(keys: string): void;
  /** Types, then waits until the person's screen shows `shown`. */
  typeAndSee(keys: string, shown: string): Promise<void>;
  see(shown: string | RegExp): Promise<void>;
  /** Waits until the target itself has written `shown`, however much later it arrives. */
  targetSays(shown: string): Promise<void>;
  seeEvent(wanted: (event: EventDraft) => boolean): Promise<EventDraft>;
  /** Waits until the shell shows a prompt after `type`d lines ran. */
  prompt(): Promise<void>;
  readonly screen: () => string;
  readonly events: readonly EventDraft[];
  readonly records: readonly RecordEntry[];
  readonly home: string;
  /**
   * What the shell itself says it ran, in order: whole lines from the hooks of bash, zsh and fish; in
   * the others the words of each `say` that ran.
   */
  ran(): readonly string[];
  readonly closed: () => { readonly reason: string } | null;
  readonly channelExit: () => number | null;
  /** The shell is gone (Ctrl-D, `exit`). */
  readonly ended: () => boolean;
  /** Everything that was sent to the target, as text. */
  readonly sentToTarget: () => string;
  resize(columns: number, rows: number): void;
  /** Waits until neither the target nor a timer has done anything for so long. */
  quiet(ms?: number): Promise<void>;
  /** As `quiet`, and no line is held any more. */
  settled(ms?: number): Promise<void>;
  /** How long each Enter was held, in ms, in order. */
  readonly held: readonly number[];
  close(): void;
}

export interface ShellLabOptions extends SeedOptions {
  /** bash, where nothing is said. */
  readonly name?: ShellName;
  readonly code?: string;
  readonly columns?: number;
  readonly rows?: number;
  readonly rc?: string;
  /** Another program than the shell of that name. */
  readonly shell?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The target's answers arrive so much later: a target far away. */
  readonly delayMs?: number;
  /** Files in the home folder before the shell starts. */
  readonly files?: Readonly<Record<string, string>>;
  /** What the first prompt shows. */
  readonly firstPrompt?: string | RegExp;
  /** Cuts what the person types into single bytes. */
  readonly cut?: boolean;
  /** What the person types before anything of the shell is seen. */
  readonly typedAtOnce?: string;
}

const CHANNEL = channelId(1);
const WAIT_MS_MAX = 15_000;

export async function openShellLab(options: ShellLabOptions = {}): Promise<ShellLab> {
  const home = mkdtempSync(join(tmpdir(), "chaperone-shell-"));
  const log = join(home, ".ran");
  writeFileSync(log, "");
  for (const [name, text] of Object.entries(options.files ?? {})) {
    writeFileSync(join(home, name), text);
  }
  const setup = SETUPS[options.name ?? "bash"](home, options.rc ?? "");
  mkdirSync(dirname(setup.file), { recursive: true });
  // Where these are, fish does not read all manuals of the machine to make them.
  mkdirSync(join(home, ".data", "fish", "generated_completions"), { recursive: true });
  writeFileSync(setup.file, setup.text);
  mkdirSync(join(home, "bin"));
  writeFileSync(join(home, "bin", "say"), SAY, { mode: 0o755 });
  const columns = options.columns ?? 100;
  const rows = options.rows ?? 24;
  const [file = "bash", ...args] = options.shell ?? setup.command;
  const pty: IPty = spawn(file, args, {
    cols: columns,
    rows,
    cwd: home,
    name: "xterm-256color",
    encoding: null,
    env: {
      PATH: `${join(home, "bin")}:${process.env["PATH"] ?? ""}`,
      HOME: home,
      TERM: "xterm-256color",
      RAN: log,
      LANG: "C.UTF-8",
      ...setup.env,
      ...options.env,
    },
  });
  const person = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  const events: EventDraft[] = [];
  const records: RecordEntry[] = [];
  const sent: Uint8Array[] = [];
  let said = "";
  const timers = new Map<string, NodeJS.Timeout>();
  let closed: { reason: string } | null = null;
  let ended = false;
  let channelExit: number | null = null;
  let codes = 0;
  let lastDeed = performance.now();
  let enteredAt: number | null = null;
  const held: number[] = [];
  const session: Session = createSession(seedOf(options));

  function input(body: InputBody): void {
    // Looking again for an echo is nothing that happens.
    if (body.kind !== "timer" || body.timer !== "echo") lastDeed = performance.now();
    const at = micros(Math.round(performance.now() * 1_000));
    for (const effect of session.step({ ...body, at, wall: wallMicros(Date.now() * 1_000) }))
      carry(effect);
  }

  function carry(effect: Effect): void {
    // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- the others need a parent
    switch (effect.kind) {
      case "emit":
        events.push(effect.event);
        return;
      case "record":
        records.push(effect.entry);
        return;
      case "send-to-target":
        sent.push(effect.bytes.slice());
        if (enteredAt !== null && isEnter(effect.bytes)) {
          held.push(performance.now() - enteredAt);
          enteredAt = null;
        }
        pty.write(Buffer.from(effect.bytes));
        return;
      case "send-to-person":
        person.write(effect.bytes.slice());
        return;
      case "set-timer": {
        const key = `${effect.timer}/${String(effect.channel)}`;
        clearTimeout(timers.get(key));
        const delay = Math.max(0, effect.at / 1_000 - performance.now());
        timers.set(
          key,
          setTimeout(() => {
            timers.delete(key);
            input({ kind: "timer", timer: effect.timer, channel: effect.channel });
          }, delay),
        );
        return;
      }
      case "clear-timer": {
        const key = `${effect.timer}/${String(effect.channel)}`;
        clearTimeout(timers.get(key));
        timers.delete(key);
        return;
      }
      case "verify-factor":
        verify(effect.request, effect.answer.answer.reveal(decodeUtf8));
        return;
      case "close-session":
        closed = { reason: effect.reason };
        return;
      case "close-channel":
        channelExit = effect.exit.type === "code" ? effect.exit.code : -1;
        return;
      default:
        return;
    }
  }

  function verify(request: RequestId, answer: string): void {
    codes += 1;
    const right = answer === (options.code ?? "123456");
    const outcome: FactorOutcome = right
      ? { type: "accepted" }
      : { type: "refused", reason: "wrong" };
    setTimeout(() => input({ kind: "factor-verified", request, outcome }), 1);
  }

  pty.onData((data: string | Uint8Array) => {
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    said += Buffer.from(bytes).toString("latin1");
    const arrive = (): void =>
      input({ kind: "target-sent", channel: CHANNEL, stream: "stdout", bytes });
    if (options.delayMs === undefined) arrive();
    else setTimeout(arrive, options.delayMs);
  });

  pty.onExit(() => {
    ended = true;
  });

  function type(keys: string): void {
    const bytes = Buffer.from(keys);
    const parts = options.cut === true ? [...bytes].map((byte) => Uint8Array.of(byte)) : [bytes];
    for (const part of parts) {
      if (isEnter(part)) enteredAt = performance.now();
      input({ kind: "client-sent", channel: CHANNEL, bytes: part });
    }
  }

  function screen(): string {
    const buffer = person.buffer.active;
    const lines = Array.from({ length: person.rows }, (_, row) =>
      buffer.getLine(buffer.baseY + row)?.translateToString(true),
    );
    return lines.join("\n").trimEnd();
  }

  const told = (): string =>
    `screen:\n${screen()}\nevents:\n${events.map((event) => JSON.stringify(event)).join("\n")}\nverified: ${String(codes)}`;

  async function until<T>(what: string, look: () => T | undefined | false): Promise<T> {
    const deadline = performance.now() + WAIT_MS_MAX;
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      if (performance.now() > deadline) throw new Error(`never came: ${what}\n${told()}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  const see = async (shown: string | RegExp): Promise<void> => {
    await until(`on the screen: ${String(shown)}`, () =>
      typeof shown === "string" ? screen().includes(shown) : shown.test(screen()),
    );
  };

  input({ kind: "opened" });
  input({
    kind: "channel-asked",
    channel: CHANNEL,
    request: requestId(1),
    asked: { type: "session" },
  });
  input({
    kind: "request-asked",
    channel: CHANNEL,
    request: requestId(2),
    asked: {
      type: "pty",
      pty: {
        term: "xterm-256color",
        columns,
        rows,
        widthPixels: 0,
        heightPixels: 0,
        modes: PTY_MODES,
      },
    },
  });
  input({
    kind: "request-asked",
    channel: CHANNEL,
    request: requestId(3),
    asked: { type: "shell" },
  });
  if (options.typedAtOnce !== undefined) type(options.typedAtOnce);
  await see(options.firstPrompt ?? "lab>");

  return {
    held,
    resize(columns, rows) {
      person.resize(columns, rows);
      pty.resize(columns, rows);
      const size = { columns, rows, widthPixels: 0, heightPixels: 0 };
      input({
        kind: "request-asked",
        channel: CHANNEL,
        request: requestId(9),
        asked: { type: "window-change", size },
      });
    },
    async quiet(ms = 120) {
      await until("quiet", () => performance.now() - lastDeed > ms);
    },
    async settled(ms = 60) {
      const waits = (): boolean => [...timers.keys()].some((key) => /^(settle|fresh)/.test(key));
      await until("settled", () => !waits() && performance.now() - lastDeed > ms);
    },
    type,
    async typeAndSee(keys, shown) {
      type(keys);
      await see(shown);
    },
    see,
    async targetSays(shown) {
      await until(`from the target: ${shown}`, () => said.includes(shown));
    },
    seeEvent: (wanted) => until("an event", () => events.find(wanted)),
    prompt: () => see(/lab>\s*$/),
    screen,
    events,
    records,
    home,
    ran: () =>
      readFileSync(log, "utf8")
        .split("\0")
        .filter((line) => line !== ""),
    closed: () => closed,
    channelExit: () => channelExit,
    ended: () => ended,
    sentToTarget: () => Buffer.concat(sent).toString("latin1"),
    close() {
      for (const timer of timers.values()) clearTimeout(timer);
      input({ kind: "disconnected", reason: "test over" });
      pty.kill("SIGKILL");
      person.dispose();
      endLeftovers(home);
      rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    },
  };
}

function isEnter(bytes: Uint8Array): boolean {
  return bytes.at(-1) === 0x0d;
}

interface ShellSetup {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The file that it reads when it starts. */
  readonly file: string;
  readonly text: string;
}

const SETUPS: Readonly<Record<ShellName, (home: string, rc: string) => ShellSetup>> = {
  bash: (home, rc) => ({
    command: ["bash", "--rcfile", join(home, ".bashrc"), "-i"],
    env: {},
    file: join(home, ".bashrc"),
    text: `stty iutf8\nPS1='lab> '\n${rc}\n${TRAP}\n`,
  }),
  zsh: (home, rc) => ({
    command: ["zsh", "-d", "-i"],
    env: { ZDOTDIR: home },
    file: join(home, ".zshrc"),
    text: `PS1='lab> '\n__ran() { printf '%s\\0' "$1" >> $RAN; }\n${rc}\nautoload -Uz add-zsh-hook; add-zsh-hook preexec __ran\n`,
  }),
  fish: (home, rc) => ({
    command: ["fish"],
    env: { XDG_CONFIG_HOME: join(home, ".config"), XDG_DATA_HOME: join(home, ".data") },
    file: join(home, ".config", "fish", "config.fish"),
    text: `set fish_greeting\nfunction fish_prompt; printf 'lab> '; end\nfunction __ran --on-event fish_preexec; printf '%s\\0' $argv[1] >> $RAN; end\n${rc}\n`,
  }),
  mksh: (home, rc) => posixSetup(["mksh", "-i"], home, rc),
  ash: (home, rc) => posixSetup(["busybox", "ash", "-i"], home, rc),
  dash: (home, rc) => posixSetup(["dash", "-i"], home, rc),
};

function posixSetup(command: readonly string[], home: string, rc: string): ShellSetup {
  const file = join(home, ".shrc");
  const env = { ENV: file, SAID: join(home, ".ran") };
  return { command, env, file, text: `stty iutf8\nPS1='lab> '\n${rc}\n` };
}

/** Tells its words, for shells that do not tell their lines. */
const SAY = `#!/bin/sh
{ printf say; for word; do printf ' %s' "$word"; done; printf '\\0'; } >> "\${SAID:-/dev/null}"
`;

/**
 * bash writes what it took into its history since the prompt before, NUL-separated. Lines that it took
 * one by one between two prompts (a paste) are one text of several lines.
 */
const TRAP = `
HISTCONTROL= HISTIGNORE= HISTFILE=/dev/null
__last() { local h; h=$(HISTTIMEFORMAT= history 1); h=\${h#"\${h%%[0-9]*}"}; __now=\${h%%[!0-9]*}; }
__ran() {
  __last
  local new=$((\${__now:-0} - \${__n:-0})) text= n
  while [ "$new" -gt 0 ]; do
    n=$((__now - new + 1))
    text="$text\${text:+
}$(HISTTIMEFORMAT= history $new | sed -n "/^ *$n[* ]/,/^ *$((n + 1))[* ]/p" | sed "/^ *$((n + 1))[* ]/d; s/^ *$n[* ] //")"
    new=$((new - 1))
  done
  __n=$__now
  [ -n "$text" ] && printf '%s\\0' "$text" >> "$RAN"
}
__last; __n=$__now
PROMPT_COMMAND='__ran'
`;

/** As an OpenSSH client sends them (RFC 4254 section 8). */
const PTY_MODES = {
  VINTR: 3,
  VQUIT: 28,
  VERASE: 127,
  VKILL: 21,
  VEOF: 4,
  VWERASE: 23,
  VLNEXT: 22,
  VSUSP: 26,
  ISIG: 1,
  ICANON: 1,
  ECHO: 1,
  ICRNL: 1,
  IUTF8: 1,
};
