// A year of people at work, with things planted in it that are not like them. Everything follows from the
// seed: the same seed gives the same events. Written from what is generally known of such sites (working
// hours, teams with their machines, few addresses a person, lengths that spread like a log-normal), not
// from anybody's data.

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const SOURCE = "/chaperone/bench/node-1";
const ACCOUNTS = ["root", "app", "deploy", "postgres", "backup", "ops"];
const COMMANDS = [
  "ls -la",
  "cd /srv/app",
  "git status",
  "systemctl status app",
  "tail -n 50 app.log",
  "df -h",
  "ps aux",
  "vim app.conf",
  "psql -c 'select 1'",
  "uptime",
];
const HISTORY_DAYS = 90;
/** Days of the year before which nothing is planted: there is no history yet. */
const PLANT_FROM = 110;

/** What is planted: of sessions, and of views of credentials. */
export const KINDS = [
  ...["time", "origin", "target", "credential", "duration", "count"],
  ...["view-time", "view-origin", "view-credential", "view-count"],
];

/** mulberry32: 32 bits of state, good enough for people. */
export function createRandom(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return {
    next,
    normal,
    below: (most) => Math.floor(next() * most),
    pick: (list) => list[Math.floor(next() * list.length)],
    chance: (share) => next() < share,
    /** Mostly the first, sometimes the later ones (1/rank). */
    habit(list) {
      const total = list.reduce((sum, _, rank) => sum + 1 / (rank + 1), 0);
      let left = next() * total;
      for (const [rank, one] of list.entries()) {
        left -= 1 / (rank + 1);
        if (left < 0) return one;
      }
      return list[0];
    },
    /** Knuth; small means only. */
    poisson(mean) {
      const limit = Math.exp(-mean);
      let product = next();
      let count = 0;
      while (product > limit) {
        product *= next();
        count += 1;
      }
      return count;
    },
  };
}

/**
 * `days` yields the events of one day after the other, as JSON texts; `planted` is filled meanwhile:
 * kind -> things that are not like the person, each as the ids of its sessions or views.
 */
export function createYear({
  seed = 1,
  people = 300,
  days = 365,
  plantedPerKind = 40,
  start = Date.UTC(2025, 9, 6),
} = {}) {
  const random = createRandom(seed);
  const staff = hire(random, people, days);
  const planted = Object.fromEntries(KINDS.map((kind) => [kind, []]));
  const plan = planAnomalies(random, staff, { days, perKind: plantedPerKind });
  const counts = { sessions: 0, events: 0, views: 0 };

  function* eventsByDay() {
    for (let day = 0; day < days; day += 1) {
      const told = [];
      const at = start + day * DAY_MS;
      for (const person of staff) workday({ random, person, day, at, told, plan, planted, counts });
      told.sort((one, other) => one.time - other.time);
      counts.events += told.length;
      yield told.map(({ text }) => text);
    }
  }
  return { days: eventsByDay, planted, counts, staff, start, end: start + days * DAY_MS };
}

function hire(random, people, days) {
  const teams = Array.from({ length: Math.max(2, Math.round(people / 25)) }, (_, team) => ({
    name: `team-${team + 1}`,
    targets: Array.from({ length: 14 }, (_, i) => `t${team + 1}-srv-${i + 1}`),
    network: `10.${team + 10}`,
  }));
  return Array.from({ length: people }, (_, index) => {
    const team = teams[index % teams.length];
    const targets = shuffled(random, team.targets);
    const known = targets.slice(0, 3 + random.below(4));
    return {
      index,
      name: `person-${String(index + 1).padStart(3, "0")}`,
      team,
      teams,
      // A tenth joins during the year.
      from: random.chance(0.1) ? random.below(Math.round(days * 0.6)) : 0,
      night: random.chance(0.06),
      weekends: random.chance(0.12),
      begins: 7 + 3 * random.next(),
      works: 7 + 2.5 * random.next(),
      perDay: 1.15 + 1.9 * random.next(),
      roams: random.chance(0.08),
      origins: [
        `${team.network}.${1 + random.below(6)}.${10 + random.below(200)}`,
        `192.0.2.${1 + random.below(250)}`,
        ...(random.chance(0.4) ? [`198.51.100.${1 + random.below(250)}`] : []),
      ],
      targets: known,
      spare: targets.slice(known.length),
      accounts: shuffled(random, ACCOUNTS).slice(0, 1 + random.below(2)),
      length: Math.log((6 + 40 * random.next()) * MINUTE_MS),
      spread: 0.6 + 0.5 * random.next(),
      holidays: holidays(random, days),
    };
  });
}

function holidays(random, days) {
  const off = new Set();
  for (let i = 0; i < 3; i += 1) {
    const first = random.below(days);
    for (let day = first; day < first + 8; day += 1) off.add(day);
  }
  return off;
}

/** Which person does which odd thing on which day; one thing a person within a history. */
function planAnomalies(random, staff, { days, perKind }) {
  const plan = new Map();
  const busy = new Map();
  // Those whose habits are known well enough to be broken: a hundred sessions within the history.
  const steady = staff.filter(
    ({ from, roams, night, perDay, weekends }) =>
      from === 0 && !roams && !night && !weekends && perDay > 1.75,
  );
  for (let i = 0; i < perKind * KINDS.length; i += 1) {
    const kind = KINDS[i % KINDS.length];
    for (let attempt = 0; attempt < 60; attempt += 1) {
      const person = random.pick(steady);
      const day = PLANT_FROM + random.below(Math.max(1, days - PLANT_FROM));
      const weekday = day % 7;
      if (kind.endsWith("time") ? weekday < 5 : weekday > 4) continue;
      const taken = busy.get(person.name) ?? [];
      if (taken.some((other) => Math.abs(other - day) <= HISTORY_DAYS)) continue;
      busy.set(person.name, [...taken, day]);
      plan.set(`${person.name}|${day}`, kind);
      person.holidays.delete(day);
      break;
    }
  }
  return plan;
}

function workday(context) {
  const { random, person, day, plan } = context;
  if (day < person.from) return;
  const weekday = day % 7;
  const odd = plan.get(`${person.name}|${day}`);
  const off = person.holidays.has(day) || (weekday > 4 && !(person.weekends && random.chance(0.5)));
  if (off) {
    if (odd !== undefined) plantOnDayOff(context, odd);
    return;
  }
  drift(random, person);
  // Bursts: some days are busier than others.
  const busy = Math.exp(0.35 * random.normal() - 0.06);
  const sessions = random.poisson(person.perDay * busy * (weekday > 4 ? 0.5 : 1.35));
  for (let i = 0; i < sessions; i += 1) session(context, usual(context));
  if (random.chance(0.35)) {
    for (let i = random.poisson(1.2); i > 0; i -= 1) view(context, usual(context));
  }
  if (random.chance(0.01)) passwordChange(context, usual(context));
  if (odd !== undefined) plantOn(context, odd);
}

/** People change what they work on: about once in four months a new machine, sometimes a new address. */
function drift(random, person) {
  if (person.spare.length > 0 && random.chance(1 / 90)) {
    person.targets.push(person.spare.shift());
  }
  if (random.chance(1 / 200)) person.origins[1] = `192.0.2.${1 + random.below(250)}`;
}

function usual({ random, person, at }) {
  const shift = person.night ? 12 : 0;
  const lunch = random.next() ** 0.9;
  const hour =
    person.begins + shift + person.works * lunch + (random.chance(0.03) ? 3 * random.next() : 0);
  const target = random.habit(person.targets);
  return {
    time: at + hour * HOUR_MS,
    origin:
      person.roams && random.chance(0.3)
        ? `203.0.113.${1 + random.below(250)}`
        : random.habit(person.origins),
    target,
    account: random.habit(person.accounts),
    durationMs: Math.exp(person.length + person.spread * random.normal()),
  };
}

function plantOn(context, kind) {
  const { random, person, planted } = context;
  const facts = usual(context);
  const other = random.pick(person.teams.filter((team) => team !== person.team));
  const [what, tell] = kind.startsWith("view-") ? [kind.slice(5), view] : [kind, session];
  const told = () => {
    switch (what) {
      case "origin":
        return [tell(context, { ...facts, origin: "185.220.101.7" })];
      case "target":
        return [tell(context, { ...facts, target: random.pick(other.targets) })];
      case "credential":
        return [tell(context, { ...facts, account: `break-glass-${person.index}` })];
      case "duration": {
        const durationMs = Math.exp(person.length + 5.5 * person.spread);
        return [tell(context, { ...facts, durationMs })];
      }
      case "count":
        return Array.from({ length: 40 }, () => {
          const { target, account } = facts;
          return tell(context, { ...usual(context), target, account });
        });
      default:
        return null;
    }
  };
  const ids = told();
  if (ids !== null) planted[kind].push(ids);
}

function plantOnDayOff(context, kind) {
  const { at, planted } = context;
  const facts = { ...usual(context), time: at + 3.2 * HOUR_MS };
  if (kind === "time") planted[kind].push([session(context, facts)]);
  if (kind === "view-time") planted[kind].push([view(context, facts)]);
}

function session({ random, person, told, counts }, facts) {
  counts.sessions += 1;
  const id = `s-${counts.sessions}-${person.index}`;
  const ref = {
    id,
    protocol: "ssh",
    person: person.name,
    account: facts.account,
    target: facts.target,
    origin: facts.origin,
  };
  let sequence = 0;
  const tell = (type, time, data) => {
    told.push({
      time,
      text: envelope({
        id: `${id}-${sequence}`,
        type,
        subject: id,
        time,
        sequence,
        data: { session: ref, ...data },
      }),
    });
    sequence += 1;
  };
  const { time, durationMs } = facts;
  tell("auth.succeeded", time - 900, { method: "publickey" });
  tell("session.opened", time, {
    groups: [person.team.name],
    clientVersion: "OpenSSH_9.2",
    authMethods: ["publickey"],
    targetLabels: { criticality: "high", type: "server" },
    rulesDigest: "d",
  });
  tell("channel.opened", time + 40, { channel: 0, kind: "shell" });
  const commands = 1 + random.poisson(4.6);
  let blocked = 0;
  for (let i = 0; i < commands; i += 1) {
    const when = time + 1_000 + ((i + random.next()) / (commands + 1)) * durationMs;
    const rule = random.chance(0.012);
    if (rule) {
      const blocks = random.chance(0.4);
      tell("rule.matched", when, {
        channel: 0,
        rule: {
          id: `chp-${1 + random.below(12)}`,
          name: "a rule",
          version: "1",
          author: [],
          criticality: random.pick(["low", "medium", "high"]),
          score: 10,
          tags: [],
        },
        mode: "enforce",
        action: blocks ? "block" : "alert",
        evidence: "x",
      });
      if (blocks) blocked += 1;
    }
    tell("command.entered", when, {
      channel: 0,
      text: random.pick(COMMANDS),
      hidden: false,
      source: "both",
      confidence: 1,
      context: "shell",
      decision: rule && blocked > 0 ? "blocked" : "allowed",
      rules: [],
      invocations: [],
      rulesDigest: "d",
    });
  }
  if (random.chance(0.06)) {
    tell("file.transferred", time + durationMs / 2, {
      direction: "upload",
      path: "/srv/app/x",
      bytes: random.below(5e6),
      outcome: "done",
    });
  }
  tell("channel.closed", time + durationMs, {
    channel: 0,
    kind: "shell",
    bytes: { toTarget: 900, toPerson: 21_000 },
  });
  tell("session.closed", time + durationMs + 5, {
    reason: "closed",
    durationMs: Math.round(durationMs),
    bytes: { toTarget: 900, toPerson: 21_000 },
    counts: { channels: 1, commands, blocked, reauths: 0 },
    blindSpans: [],
  });
  return id;
}

function view({ person, told, counts }, facts) {
  counts.views += 1;
  const id = `v-${counts.views}-${person.index}`;
  const data = {
    person: person.name,
    origin: facts.origin,
    account: facts.account,
    target: facts.target,
    kind: "password",
    info: "",
    privileged: facts.account === "root",
  };
  told.push({
    time: facts.time,
    text: envelope({
      id,
      type: "credential.viewed",
      subject: "pam",
      time: facts.time,
      sequence: 0,
      data,
    }),
  });
  return id;
}

function passwordChange({ random, person, told, counts }, facts) {
  counts.views += 1;
  const data = {
    person: person.name,
    origin: facts.origin,
    account: facts.account,
    target: facts.target,
    manual: random.chance(0.3),
    lastRotationOk: true,
  };
  told.push({
    time: facts.time,
    text: envelope({
      id: `c-${counts.views}`,
      type: "credential.changed",
      subject: "pam",
      time: facts.time,
      sequence: 0,
      data,
    }),
  });
}

function envelope({ id, type, subject, time, sequence, data }) {
  return JSON.stringify({
    specversion: "1.0",
    id,
    source: SOURCE,
    type: `io.chaperone.${type}.v1`,
    subject,
    time: new Date(time).toISOString(),
    datacontenttype: "application/json",
    sequence,
    data,
  });
}

function shuffled(random, list) {
  const left = [...list];
  return list.map(() => left.splice(random.below(left.length), 1)[0]);
}
