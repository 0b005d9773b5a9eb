import { MICROS_PER_MS, type WallMicros } from "../../kernel/index.js";
import {
  EMPTY_CONTEXT,
  HOURS_OF_WEEK,
  OWN_SESSIONS,
  WARM_SESSIONS,
  type ContextProfile,
} from "./context-profile.js";
import { countP, rarityP, upperTailP, type CountHistory } from "./p-values.js";

/** Is this session like the person's others: when, from where, to what, how long, how much? */
export interface ContextDetector {
  /** At the beginning: time, origin, target, credential, count of the day. */
  opened(facts: OpenedFacts): readonly ContextReading[];
  /** While it lasts (about once a minute) and at its end: duration, rate, volume. */
  progress(facts: ProgressFacts): readonly ContextReading[];
  /** At the end of a session that is accepted as the person's. One that is not teaches nothing. */
  learn(opened: OpenedFacts, progress: ProgressFacts): void;
  profile(): ContextProfile;
}

export interface OpenedFacts {
  readonly wall: WallMicros;
  /** Minutes east of UTC where the person works; 0 when unknown. */
  readonly zoneMinutes?: number;
  readonly origin: string;
  readonly target: string;
  /** The account on the target. */
  readonly credential: string;
}

export interface ProgressFacts {
  readonly durationMs: number;
  /** Commands in each past window of `RATE_WINDOW_MS` that had one, the running one last. */
  readonly commandWindows: readonly number[];
  readonly bytes: number;
}

export interface ContextReading {
  readonly detector:
    "time" | "origin" | "target" | "credential" | "count" | "duration" | "rate" | "volume";
  readonly pValue: number;
  readonly warm: boolean;
  /** In words for an analyst. */
  readonly reason: string;
}

/** Values kept of each kind; the rarest goes, so that a roaming person has a bounded profile. */
const VALUES_MAX = 200;
/** Newest sessions whose length and volume are compared with. */
const SESSIONS_KEPT = 200;
/** A name is cut: it identifies, it is not told. */
const VALUE_CHARACTERS_MAX = 64;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** 1970-01-01 was a Thursday; weeks begin on Monday. */
const EPOCH_HOUR_OF_WEEK = 72;
const MINUTE_MS = 60_000;

/** `peers`: profiles of the person's group; they speak while the person's own history is short. */
export function createContextDetector(
  saved: ContextProfile = EMPTY_CONTEXT,
  peers: readonly ContextProfile[] = [],
): ContextDetector {
  const own = openHistory(saved);
  const others = mergeHistories(peers.map(openHistory));

  function reading(
    detector: ContextReading["detector"],
    reason: string,
    pOf: (history: History) => number,
  ): ContextReading {
    const warm = own.sessions >= WARM_SESSIONS;
    return { detector, warm, reason, pValue: warm ? blended(pOf) : 1 };
  }

  function blended(pOf: (history: History) => number): number {
    const mine = pOf(own);
    if (own.sessions >= OWN_SESSIONS || others.sessions === 0) return mine;
    const share = own.sessions / OWN_SESSIONS;
    return share * mine + (1 - share) * pOf(others);
  }

  function opened(facts: OpenedFacts): readonly ContextReading[] {
    const hour = hourOfWeek(facts);
    const network = networkOf(facts.origin);
    const [day, sessions] = own.today;
    const begun = day === dayOf(facts) ? sessions + 1 : 1;
    return [
      reading("time", `a session at ${describeHour(hour)}`, (of) =>
        rarityP(nearby(of.hours), hour),
      ),
      reading("origin", `from ${facts.origin}`, (of) =>
        // A new address in a known network is half a stranger.
        of.origins.has(cut(facts.origin))
          ? rarityP(of.origins, cut(facts.origin))
          : rarityP(of.networks, network),
      ),
      reading("target", `on ${facts.target}`, (of) => rarityP(of.targets, cut(facts.target))),
      reading("credential", `as ${facts.credential}`, (of) =>
        rarityP(of.credentials, cut(facts.credential)),
      ),
      reading("count", `session ${begun} of the day`, (of) => countP(of.days, begun)),
    ];
  }

  function progress(facts: ProgressFacts): readonly ContextReading[] {
    const minutes = Math.round(facts.durationMs / MINUTE_MS);
    const most = Math.max(0, ...facts.commandWindows);
    return [
      reading("duration", `for ${minutes} minutes`, (of) =>
        upperTailP(of.durations, logOf(facts.durationMs / 1_000)),
      ),
      reading("rate", `${most} commands in five minutes`, (of) => countP(of.commands, most)),
      reading("volume", `${facts.bytes} bytes`, (of) => upperTailP(of.volumes, logOf(facts.bytes))),
    ];
  }

  function learn(facts: OpenedFacts, done: ProgressFacts): void {
    own.sessions += 1;
    const hour = hourOfWeek(facts);
    own.hours.set(hour, (own.hours.get(hour) ?? 0) + 1);
    count(own.origins, cut(facts.origin));
    count(own.networks, networkOf(facts.origin));
    count(own.targets, cut(facts.target));
    count(own.credentials, cut(facts.credential));
    keep(own.durations, logOf(done.durationMs / 1_000));
    keep(own.volumes, logOf(done.bytes));
    for (const commands of done.commandWindows) own.commands = counted(own.commands, commands);
    const day = dayOf(facts);
    if (own.today[0] !== day && own.today[1] > 0) own.days = counted(own.days, own.today[1]);
    own.today = own.today[0] === day ? [day, own.today[1] + 1] : [day, 1];
  }

  return { opened, progress, learn, profile: () => closeHistory(own) };
}

interface History {
  sessions: number;
  readonly hours: Map<number, number>;
  readonly origins: Map<string, number>;
  readonly networks: Map<string, number>;
  readonly targets: Map<string, number>;
  readonly credentials: Map<string, number>;
  readonly durations: number[];
  readonly volumes: number[];
  commands: CountHistory;
  days: CountHistory;
  today: readonly [number, number];
}

function openHistory(saved: ContextProfile): History {
  return {
    sessions: saved.sessions,
    hours: new Map(
      saved.hours.slice(0, HOURS_OF_WEEK).flatMap((n, hour) => (n > 0 ? [[hour, n]] : [])),
    ),
    origins: new Map(saved.origins),
    networks: new Map(saved.networks),
    targets: new Map(saved.targets),
    credentials: new Map(saved.credentials),
    durations: [...saved.durations],
    volumes: [...saved.volumes],
    commands: saved.commands,
    days: saved.days,
    today: saved.today,
  };
}

function closeHistory(history: History): ContextProfile {
  return {
    version: 1,
    sessions: history.sessions,
    hours: Array.from({ length: HOURS_OF_WEEK }, (_, hour) => history.hours.get(hour) ?? 0),
    origins: [...history.origins],
    networks: [...history.networks],
    targets: [...history.targets],
    credentials: [...history.credentials],
    durations: [...history.durations],
    volumes: [...history.volumes],
    commands: history.commands,
    days: history.days,
    today: history.today,
  };
}

function mergeHistories(histories: readonly History[]): History {
  const merged = openHistory(EMPTY_CONTEXT);
  for (const one of histories) {
    merged.sessions += one.sessions;
    for (const [hour, n] of one.hours) merged.hours.set(hour, (merged.hours.get(hour) ?? 0) + n);
    for (const kind of ["origins", "networks", "targets", "credentials"] as const) {
      for (const [value, n] of one[kind])
        merged[kind].set(value, (merged[kind].get(value) ?? 0) + n);
    }
    merged.durations.push(...one.durations);
    merged.volumes.push(...one.volumes);
    merged.commands = added(merged.commands, one.commands);
    merged.days = added(merged.days, one.days);
  }
  return merged;
}

/** Each hour with its neighbours: who begins at nine also begins at ten. */
function nearby(hours: ReadonlyMap<number, number>): ReadonlyMap<number, number> {
  const out = new Map<number, number>();
  for (const [hour, n] of hours) {
    for (const step of [-1, 0, 1]) {
      const near = (hour + step + HOURS_OF_WEEK) % HOURS_OF_WEEK;
      out.set(near, (out.get(near) ?? 0) + (step === 0 ? n / 2 : n / 4));
    }
  }
  return out;
}

function count(counts: Map<string, number>, value: string): void {
  counts.set(value, (counts.get(value) ?? 0) + 1);
  if (counts.size <= VALUES_MAX) return;
  let rarest = value;
  for (const [other, n] of counts) {
    if (other !== value && n <= (counts.get(rarest) ?? 0)) {
      rarest = other;
      break;
    }
  }
  counts.delete(rarest);
}

function keep(values: number[], value: number): void {
  values.push(value);
  if (values.length > SESSIONS_KEPT) values.shift();
}

function counted({ windows, sum, squares }: CountHistory, value: number): CountHistory {
  return { windows: windows + 1, sum: sum + value, squares: squares + value * value };
}
function added(a: CountHistory, b: CountHistory): CountHistory {
  return {
    windows: a.windows + b.windows,
    sum: a.sum + b.sum,
    squares: a.squares + b.squares,
  };
}

/** To three digits: more is no information, and a profile has a size. */
function logOf(value: number): number {
  return Math.round(1_000 * Math.log(1 + Math.max(0, value))) / 1_000;
}

function localMs({ wall, zoneMinutes = 0 }: OpenedFacts): number {
  return wall / MICROS_PER_MS + zoneMinutes * MINUTE_MS;
}
function hourOfWeek(facts: OpenedFacts): number {
  const hours = Math.floor(localMs(facts) / HOUR_MS) + EPOCH_HOUR_OF_WEEK;
  return ((hours % HOURS_OF_WEEK) + HOURS_OF_WEEK) % HOURS_OF_WEEK;
}
function dayOf(facts: OpenedFacts): number {
  return Math.floor(localMs(facts) / DAY_MS);
}

const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
function describeHour(hour: number): string {
  return `${DAYS[Math.floor(hour / 24)] ?? ""} ${String(hour % 24).padStart(2, "0")}h`;
}

/** The /24 of an IPv4 address, the /48 of an IPv6 one; anything else is its own network. */
export function networkOf(address: string): string {
  const four = /^(?:::ffff:)?(?<net>\d+\.\d+\.\d+)\.\d+$/i.exec(address)?.groups?.["net"];
  if (four !== undefined) return `${four}.0/24`;
  if (!address.includes(":")) return cut(address);
  const [head = ""] = address.split("::");
  const groups = head.split(":").filter((group) => group !== "");
  return `${[...groups, "0", "0", "0"].slice(0, 3).join(":")}::/48`;
}

function cut(value: string): string {
  return value.slice(0, VALUE_CHARACTERS_MAX);
}
