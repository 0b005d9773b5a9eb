import {
  createSiteHabits,
  NO_HABITS,
  joinProfiles,
  parseBehaviourProfile,
  type BehaviourProfile,
  type RiskPolicy,
  type SiteHabits,
} from "../../behaviour/index.js";
import { createTypist, type Typist } from "../../behaviour/typist.testing.js";
import type { EventDraft } from "../../events/index.js";
import {
  channelId,
  encodeUtf8,
  micros,
  requestId,
  sessionId,
  wallMicros,
} from "../../kernel/index.js";
import type { Effect, InputBody, RequestAsked } from "../../model/index.js";
import { createSeededRandom } from "../../testing/index.js";
import { createSession, type SessionSeed } from "../index.js";
import { seedOf, type SeedOptions } from "../seed.testing.js";

/** Where profiles are kept between the sessions of a test, as the parent keeps them. */
export interface Shelf {
  readonly profiles: Map<string, { revision: number; profile: BehaviourProfile }>;
  site(): SiteHabits;
  /** Nothing can be fetched. */
  readonly broken?: boolean;
}

export function createShelf(): Shelf {
  return { profiles: new Map(), site: () => NO_HABITS };
}

/** The same people, compared with each other from now on. */
export function comparing({ profiles }: Shelf): Shelf {
  const site = createSiteHabits(() =>
    [...profiles].map(([person, { profile }]) => ({ person, groups: ["dba"], profile })),
  );
  return { profiles, site: () => site };
}

export interface Day {
  readonly person: string;
  readonly shelf: Shelf;
  readonly policy: RiskPolicy;
  readonly mode?: "enforce" | "shadow";
  readonly startsMs?: number;
  readonly origin?: string;
  /** False: no terminal is opened. */
  readonly shell?: boolean;
  readonly options?: SeedOptions;
}

/** One session with a shell that echoes, at times that its typist gives. */
export interface Workday {
  readonly effects: readonly Effect[];
  step(body: InputBody): void;
  /** Types the lines and Enter after each; stops where the session does not take keys any more. */
  lines(typist: Typist, lines: readonly string[]): void;
  /** Types without any rhythm of a person: for answers. */
  answer(text: string, outcome: "accepted" | "refused"): void;
  /** A line, then something that the target does not echo. */
  unseen(line: string, secret: string): void;
  wait(ms: number): void;
  /** Lines that reached the target. */
  submits(): number;
  /** What is stored of the person by now. */
  kept(): BehaviourProfile | undefined;
  leave(): void;
  events<T extends EventDraft["type"]>(type: T): Extract<EventDraft, { type: T }>["data"][];
  /** Nothing is asked, nothing stands still, nothing has ended. */
  free(): boolean;
}

const PROMPT = "$ ";
const CHANNEL = channelId(1);
const CARRIAGE_RETURN = 0x0d;
/** Before a line; long enough to be no rhythm. */
const THINKING_US = 2_000_000;
const ECHO_US = 1_000;
/** Longer than the session waits for an echo. */
const SETTLES_US = 1_000_000;
/** 2026-11-02, a Monday, 09:00 UTC. */
const MONDAY_MS = Date.UTC(2026, 10, 2, 9);

export function openDay(day: Day): Workday {
  const { shelf, person } = day;
  const seed = seedOf(day.options ?? {});
  const facts: SessionSeed["facts"] = {
    ...seed.facts,
    id: sessionId(`s-${person}`),
    person: { ...seed.facts.person, name: person },
    ...(day.origin === undefined ? {} : { origin: day.origin }),
  };
  const session = createSession({
    ...seed,
    facts,
    behaviour: { policy: day.policy, mode: day.mode ?? "enforce", site: () => shelf.site() },
  });
  const effects: Effect[] = [];
  const timers = new Map<string, { readonly at: number; readonly body: InputBody }>();
  const startsMs = day.startsMs ?? MONDAY_MS;
  let at = 0;
  let over = false;

  function step(body: InputBody): void {
    const wall = wallMicros(startsMs * 1_000 + at);
    const done = session.step({ ...body, at: micros(at), wall });
    for (const effect of done) note(effect);
  }

  function note(effect: Effect): void {
    effects.push("bytes" in effect ? { ...effect, bytes: effect.bytes.slice() } : effect);
    if (effect.kind === "set-timer") {
      const { timer, channel } = effect;
      const body = { kind: "timer", timer, channel } as const;
      timers.set(`${timer}/${String(channel)}`, { at: effect.at, body });
    } else if (effect.kind === "clear-timer") {
      timers.delete(`${effect.timer}/${String(effect.channel)}`);
    } else if (effect.kind === "close-session") over = true;
    else if (effect.kind === "ask-profile") {
      const kept = shelf.profiles.get(person);
      const profile = kept === undefined ? null : JSON.stringify(kept.profile);
      const revision = shelf.broken === true ? null : (kept?.revision ?? 0);
      step({ kind: "profile-known", part: effect.part, profile, revision });
    } else if (effect.kind === "keep-profile") {
      const brought = parseBehaviourProfile(effect.profile);
      if (!brought.ok) throw new Error(brought.error.message);
      const kept = shelf.profiles.get(person);
      const stored = kept?.profile ?? { version: 1 };
      shelf.profiles.set(person, {
        revision: (kept?.revision ?? 0) + 1,
        profile: joinProfiles(stored, brought.value, kept?.revision !== effect.revision),
      });
    }
  }

  function until(to: number): void {
    for (;;) {
      const [first] = [...timers]
        .filter(([, one]) => one.at <= to)
        .sort((a, b) => a[1].at - b[1].at);
      if (first === undefined) break;
      timers.delete(first[0]);
      at = Math.max(at, first[1].at);
      step(first[1].body);
    }
    at = Math.max(at, to);
  }

  const print = (text: string): void =>
    step({ kind: "target-sent", channel: CHANNEL, stream: "stdout", bytes: encodeUtf8(text) });
  const press = (key: string): void =>
    step({ kind: "client-sent", channel: CHANNEL, bytes: encodeUtf8(key) });
  const submits = (): number =>
    effects.filter((one) => one.kind === "send-to-target" && one.bytes.includes(CARRIAGE_RETURN))
      .length;
  const free = (): boolean => !over && session.view().state === "open";

  function openShell(): void {
    const ask = (request: number, asked: RequestAsked): void =>
      step({ kind: "request-asked", channel: CHANNEL, request: requestId(request), asked });
    const asked = { type: "session" } as const;
    step({ kind: "channel-asked", channel: CHANNEL, request: requestId(1), asked });
    ask(2, PTY);
    ask(3, { type: "shell" });
    print(PROMPT);
    until(SETTLES_US);
  }

  function type(typist: Typist, line: string, echo: boolean): boolean {
    const keys = typist.phrase(`${line}\r`);
    const shift = at + THINKING_US - (keys[0]?.at ?? 0);
    const before = submits();
    for (const { key, at: pressed } of keys) {
      until(pressed + shift);
      if (!free()) return false;
      press(key);
      until(at + ECHO_US);
      if (key !== "\r" && echo) print(key);
    }
    until(at + SETTLES_US);
    return submits() > before;
  }

  step({ kind: "opened" });
  if (day.shell !== false) openShell();

  return {
    effects,
    step,
    lines(typist, lines) {
      for (const line of lines) {
        if (!type(typist, line, true)) return;
        print(`\r\n${PROMPT}`);
        until(at + SETTLES_US);
      }
    },
    unseen(line, secret) {
      const typist = createTypist(1, 1);
      type(typist, line, true);
      print("\r\nPassword: ");
      until(at + SETTLES_US);
      type(typist, secret, false);
      print(`\r\n${PROMPT}`);
      until(at + SETTLES_US);
    },
    wait: (ms) => until(at + ms * 1_000),
    submits,
    kept: () => shelf.profiles.get(person)?.profile,
    answer(text, outcome) {
      press(`${text}\r`);
      const asked = effects.findLast((effect) => effect.kind === "verify-factor");
      if (asked?.kind !== "verify-factor") throw new Error("nobody was asked");
      step({
        kind: "factor-verified",
        request: asked.request,
        outcome:
          outcome === "accepted" ? { type: "accepted" } : { type: "refused", reason: "wrong" },
      });
      until(at + 1_000_000);
    },
    leave() {
      step({ kind: "disconnected", reason: "the client went" });
    },
    events: (wanted) =>
      effects.flatMap((effect) =>
        effect.kind === "emit" && effect.event.type === wanted
          ? [effect.event.data as never] // of the wanted type, as the line above says
          : [],
      ),
    free,
  };
}

const PTY = {
  type: "pty",
  pty: {
    term: "xterm",
    columns: 200,
    rows: 24,
    widthPixels: 0,
    heightPixels: 0,
    modes: { VINTR: 3, ISIG: 1, ICANON: 1, ECHO: 1, ICRNL: 1 },
  },
} as const;

/** What administrators type; each person of a test has favourites of their own. */
const LINES = [
  "systemctl status nginx",
  "tail -n 50 /var/log/syslog",
  "grep error /var/log/app/today.log",
  "cd /srv/app",
  "git pull",
  "git log --oneline",
  "df -h",
  "ls -la",
  "journalctl -u nginx",
  "vi /etc/nginx/nginx.conf",
  "ps aux",
  "ss -tlnp",
];

/** Lines as this person works: favourites often, in an order of their own. */
export function linesOf(person: number, seed: number, count: number): readonly string[] {
  const favourites = LINES.map((_, index) => LINES[(index * 5 + person * 3) % LINES.length] ?? "");
  const random = createSeededRandom(seed * 31 + person);
  let place = 0;
  return Array.from({ length: count }, () => {
    // Mostly the next of the habit, sometimes any of the first ones.
    place = random.next() < 0.8 ? (place + 1) % 6 : random.below(8);
    return favourites[place] ?? "ls -la";
  });
}

export const typistOf = (person: number, seed: number): Typist => createTypist(person, seed);
