// The core alone: what one key and one command cost when nothing else is in the way.
import { createHash } from "node:crypto";

import { median } from "simple-statistics";

import { createSession } from "../dist/session/index.js";
import { compileRules } from "../dist/rules/index.js";
import { analyseLine } from "../dist/shell/index.js";
import { ruleFile } from "./lab.mjs";
import { createWatchedSite } from "./watched.mjs";

const RULES = 1_000;
const ROUNDS = 15;
const KEYS_PER_LINE = 60;
const LINES_PER_ROUND = 40;
const COMMANDS_PER_ROUND = 400;
const COMMANDS = [
  "ls -la /var/log",
  "git status",
  "cd /srv/app && npm ci",
  "sudo systemctl restart nginx",
  "ps aux | grep -v grep | grep node | awk '{print $2}'",
  "find . -name '*.log' -mtime +7 -exec gzip {} +",
  "curl -s https://example.org/health | jq .status",
  'for f in *.txt; do cp "$f" /tmp/; done',
];
const START_WALL = Date.UTC(2026, 0, 1) * 1_000;

export function measureCore() {
  const compileStarted = process.hrtime.bigint();
  const compiled = compileRules([{ file: "bench.yaml", text: ruleFile(RULES) }], { sha256 });
  const compileMicros = microsSince(compileStarted);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error.slice(0, 3)));
  const ruleset = compiled.value;
  const keys = measureKeystrokes(ruleset);
  const watched = measureKeystrokes(ruleset, createWatchedSite(FACTS.person.name));
  return [
    { what: "a key from the person: step()", micros: keys.key },
    { what: "its echo from the target: step()", micros: keys.echo },
    { what: "Enter: step() until the line is judged and released", micros: keys.enter },
    { what: "a key with behaviour watched: step()", micros: watched.key },
    { what: "its echo, compared with 64 people: step(), mean", micros: watched.echo },
    { what: "Enter with behaviour watched", micros: watched.enter },
    { what: "a command line to invocations", micros: measure((line) => analyseLine(line, {})) },
    {
      what: `a command against ${RULES} rules, analysis included`,
      micros: measure((line) =>
        ruleset.judge(
          { analysis: analyseLine(line, {}), channelKind: "shell", wall: START_WALL },
          FACTS,
        ),
      ),
    },
    { what: `compiling ${RULES} rules, once`, micros: compileMicros },
  ];
}

/** Median microseconds for one command line, over rounds of all of them. */
function measure(work) {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const started = process.hrtime.bigint();
    for (let index = 0; index < COMMANDS_PER_ROUND; index += 1) {
      work(COMMANDS[index % COMMANDS.length]);
    }
    rounds.push(microsSince(started) / COMMANDS_PER_ROUND);
  }
  return median(rounds);
}

/** A person types lines at a prompt; the target echoes each key, prints a line and the next prompt. */
function measureKeystrokes(ruleset, watched = null) {
  const stage = openSession(ruleset, watched);
  const spent = { key: [], echo: [], enter: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    const sum = { key: 0, echo: 0, enter: 0 };
    for (let line = 0; line < LINES_PER_ROUND; line += 1) typeLine(stage, sum);
    const keys = KEYS_PER_LINE * LINES_PER_ROUND;
    spent.key.push(sum.key / keys);
    spent.echo.push(sum.echo / keys);
    spent.enter.push(sum.enter / LINES_PER_ROUND);
  }
  return { key: median(spent.key), echo: median(spent.echo), enter: median(spent.enter) };
}

function typeLine(stage, sum) {
  const text = `echo ${"abcdefgh ".repeat(7)}`.slice(0, KEYS_PER_LINE);
  for (const [place, letter] of [...text].entries()) {
    // A hand's pace: what comes faster is no rhythm, and costs nothing.
    stage.pass(80_000 + ((place * 7_919) % 60_000));
    const bytes = Buffer.from(letter);
    sum.key += stage.timed({ kind: "client-sent", channel: 1, bytes });
    sum.echo += stage.timed({ kind: "target-sent", channel: 1, stream: "stdout", bytes });
  }
  const released = stage.released;
  sum.enter += stage.timed({ kind: "client-sent", channel: 1, bytes: Buffer.from("\r") });
  sum.enter += stage.runTimers();
  if (stage.released === released) throw new Error("the line was not released");
  const answer = Buffer.from("\r\nabcdefgh abcdefgh\r\nready$ ");
  stage.timed({ kind: "target-sent", channel: 1, stream: "stdout", bytes: answer });
  stage.runTimers();
}

function openSession(ruleset, watched) {
  const session = createSession({
    ...(watched === null ? {} : { behaviour: watched.behaviour }),
    facts: FACTS,
    channels: CHANNELS,
    env: [],
    doubt: { onFault: "block", onUncertain: "alert", onUnparsed: "alert", audit: "normal" },
    stepUp: STEP_UP,
    approval: { approvers: [], min: 1, timeoutMs: 60_000, onFail: "block", onTimeout: "block" },
    suspension: { timeoutMs: 60_000, onTimeout: "kill" },
    observation: { shown: true },
    graces: [],
    recording: { terminal: "asciicast", input: "masked" },
    rules: { current: () => ruleset },
    firstSequence: 0,
  });
  const timers = new Map();
  let now = 0;
  const stage = { released: 0, timed, runTimers, pass };

  function pass(us) {
    now += us;
  }

  function timed(body) {
    now += 1_000;
    const input = { ...body, at: now, wall: START_WALL + now };
    const started = process.hrtime.bigint();
    const effects = session.step(input);
    const took = microsSince(started);
    for (const effect of effects) {
      // Once a minute for itself: no part of a key or of a line.
      if (effect.kind === "set-timer" && effect.timer === "behaviour") continue;
      if (effect.kind === "ask-profile") {
        const { profile } = watched;
        const known = { kind: "profile-known", part: effect.part, profile, revision: 1 };
        session.step({ ...known, at: now, wall: START_WALL + now });
      }
      if (effect.kind === "set-timer") timers.set(`${effect.timer} ${effect.channel}`, effect);
      if (effect.kind === "clear-timer") timers.delete(`${effect.timer} ${effect.channel}`);
      if (effect.kind === "send-to-target" && effect.bytes.includes(13)) stage.released += 1;
    }
    return took;
  }

  /** Lets the time pass that the session asked for; answers how long its steps took. */
  function runTimers() {
    let took = 0;
    for (let turns = 0; timers.size > 0 && turns < 100; turns += 1) {
      const [key, timer] = [...timers].sort(([, a], [, b]) => a.at - b.at)[0];
      timers.delete(key);
      now = Math.max(now, timer.at);
      took += timed({ kind: "timer", timer: timer.timer, channel: timer.channel });
    }
    return took;
  }

  timed({ kind: "opened" });
  timed({ kind: "channel-asked", channel: 1, request: 1, asked: { type: "session" } });
  timed({ kind: "request-asked", channel: 1, request: 2, asked: { type: "pty", pty: PTY } });
  timed({ kind: "request-asked", channel: 1, request: 3, asked: { type: "shell" } });
  timed({ kind: "target-sent", channel: 1, stream: "stdout", bytes: Buffer.from("ready$ ") });
  runTimers();
  return stage;
}

const microsSince = (started) => Number(process.hrtime.bigint() - started) / 1_000;
const sha256 = (text) => createHash("sha256").update(text).digest("hex");

const FACTS = {
  id: "s-bench",
  protocol: "ssh",
  person: { name: "alice", groups: ["dba"], phrase: "blue heron", factors: ["totp"] },
  account: "root",
  target: { name: "target", address: "127.0.0.1:22", labels: {}, embedded: false },
  origin: "127.0.0.1",
  clientVersion: "SSH-2.0-bench",
  authMethods: ["publickey"],
};
const CHANNELS = {
  shell: "allow",
  exec: "allow",
  sftp: "allow",
  subsystem: "deny",
  localForward: "deny",
  remoteForward: "deny",
  streamlocal: "deny",
  agent: "deny",
  x11: "deny",
};
const STEP_UP = {
  factors: ["totp"],
  attempts: 3,
  timeoutMs: 60_000,
  graceMs: 60_000,
  onFail: "block",
  onTimeout: "block",
};
const PTY = {
  term: "xterm-256color",
  columns: 120,
  rows: 40,
  widthPixels: 0,
  heightPixels: 0,
  modes: { VINTR: 3, VERASE: 127, ISIG: 1, ICANON: 1, ECHO: 1, ICRNL: 1 },
};
