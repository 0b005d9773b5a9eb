import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Invocation } from "../../model/index.js";
import { createSeededRandom, seed } from "../../testing/index.js";
import {
  commandWord,
  createCommandCounts,
  createCommandCrowd,
  createSequenceDetector,
  type CommandCounts,
  type SequenceDetector,
  type SequenceState,
} from "./index.js";

const DBA = ["psql <text>", "pg_dump <text>", "ls", "cd /var/*", "vi <file>", "tail -f <path>"];
const WEB = ["git pull", "npm install", "ls", "cd /srv/*", "systemctl restart nginx", "curl <url>"];

/** Somebody with a favourite for what comes next. */
function work(words: readonly string[], commands: number, draw: number): string[] {
  const random = createSeededRandom(draw);
  let at = 0;
  return Array.from({ length: commands }, () => {
    at = random.next() < 0.7 ? (at + 1) % words.length : random.below(words.length);
    return words[at] ?? "ls";
  });
}

const UNKNOWN = { stretches: 0, mean: 0, square: 0 };

function countsOf(words: readonly string[]): CommandCounts {
  const counts = createCommandCounts();
  let before: string | null = null;
  for (const word of words) {
    counts.learn(word, before);
    before = word;
  }
  return counts;
}

const crowd = createCommandCrowd([
  { person: "alice", groups: ["dba"], counts: countsOf(work(DBA, 2_000, 1)) },
  { person: "bob", groups: ["web"], counts: countsOf(work(WEB, 2_000, 2)) },
  { person: "carol", groups: ["web"], counts: countsOf(work(WEB, 2_000, 3)) },
]);

function aliceDetector(): SequenceDetector {
  const counts = countsOf(work(DBA, 2_000, 1)).state();
  const profile = { version: 1, counts, usual: UNKNOWN, evidence: 0 } as const;
  return createSequenceDetector({ person: "alice", crowd }, {}, { profile });
}

describe("commands", () => {
  it("of the person raise no suspicion", () => {
    const detector = aliceDetector();
    const readings = work(DBA, 500, 4).map((word) => detector.command(word));
    expect(readings.some((one) => one.suspected)).toBe(false);
    expect(readings.at(-1)?.pValue).toBeGreaterThan(0.05);
  });

  it("of somebody else do within a block, however long the person worked before", () => {
    const detector = aliceDetector();
    for (const word of work(DBA, 1_000, 4)) detector.command(word);
    const readings = work(WEB, 100, 5).map((word) => detector.command(word));
    const suspected = readings.findIndex((one) => one.suspected);
    expect(suspected).toBeGreaterThan(0);
    expect(readings[suspected]?.pValue).toBeLessThan(0.05);
    expect(readings[suspected]?.because.length).toBeGreaterThan(0);
    expect(WEB).toContain(readings[suspected]?.because[0]?.word);
  });

  it("of somebody else are not learnt, and the suspicion outlives a new login", () => {
    const detector = aliceDetector();
    const before = detector.profile().counts;
    for (const word of work(WEB, 300, 5)) detector.command(word);
    expect(detector.profile().counts).toEqual(before);
    detector.begin();
    expect(detector.command("ls").suspected).toBe(true);
  });

  it("of somebody else who logs in for every single one are found all the same", () => {
    let profile = aliceDetector().profile();
    const found = work(WEB, 60, 5).findIndex((word) => {
      const visit = createSequenceDetector({ person: "alice", crowd }, {}, { profile });
      const { suspected } = visit.command(word);
      visit.settle();
      profile = visit.profile();
      return suspected;
    });
    expect(found).toBeGreaterThan(0);
  });

  it("in a loop say most of what they say the first time", () => {
    const detector = aliceDetector();
    const evidence = Array.from({ length: 40 }, () => detector.command("git pull").evidence);
    const first = evidence[0] ?? 0;
    expect(first).toBeGreaterThan(1);
    // Forty different ones would bring eighty times the first: that has nothing before it.
    expect(evidence.at(-1)).toBeLessThan(first * 40);
    expect(evidence.at(-1)).toBeGreaterThan(first);
  });

  it("that look like the person after an odd stretch are not learnt before a proof", () => {
    const detector = aliceDetector();
    for (const word of work(WEB, 100, 5)) detector.command(word);
    const before = detector.profile().counts;
    for (const word of work(DBA, 8, 6)) detector.command(word);
    detector.settle();
    expect(detector.profile().counts).toEqual(before);
    detector.confirm();
    for (const word of work(DBA, 100, 6)) detector.command(word);
    expect(detector.profile().counts).not.toEqual(before);
  });

  it("are learnt once the person proves who they are", () => {
    const detector = aliceDetector();
    for (const word of work(WEB, 60, 5)) detector.command(word);
    detector.confirm();
    expect(detector.profile().counts.commands.map(([word]) => word)).toContain("git pull");
    expect(detector.command("git pull").suspected).toBe(false);
  });

  it("of the person are learnt by and by, so that new work becomes usual", () => {
    const detector = aliceDetector();
    const mixed = work([...DBA, "vacuumdb -a"], 600, 6);
    for (const word of mixed) detector.command(word);
    expect(detector.profile().counts.commands.map(([word]) => word)).toContain("vacuumdb -a");
  });

  it("of a newcomer are not judged; later the peers' habits count in their favour", () => {
    const fresh = createSequenceDetector({ person: "dave", groups: ["web"], crowd });
    expect(
      work(WEB, 250, 7)
        .map((word) => fresh.command(word))
        .every((one) => !one.warm && one.pValue === 1 && one.because.length === 0),
    ).toBe(true);

    const started = countsOf(["ls", ...work(["ls", "cd /srv/*"], 320, 8)]).state();
    const profile = { version: 1, counts: started, usual: UNKNOWN, evidence: 0 } as const;
    const evidenceIn = (groups: readonly string[]): number =>
      createSequenceDetector({ person: "dave", groups, crowd }, {}, { profile }).command("git pull")
        .evidence;
    expect(evidenceIn(["web"])).toBeLessThan(evidenceIn([]));
  });
});

describe("a profile of commands", () => {
  it("stays below 64 KiB and keeps what was used last", () => {
    const counts = createCommandCounts();
    let before: string | null = null;
    for (let i = 0; i < 30_000; i += 1) {
      const word = `command-with-a-long-name-${(i * 7_919) % 5_003} --flag`;
      counts.learn(word, before);
      before = word;
    }
    counts.learn("ls", before);
    const text = JSON.stringify({
      version: 1,
      counts: counts.state(),
      usual: UNKNOWN,
      evidence: 0,
    });
    expect(new TextEncoder().encode(text).length).toBeLessThan(64 * 1024);
    expect(counts.of("ls")).toBe(1);
  });

  it("counts the same after any number of restarts", () => {
    const word = fc.constantFrom("ls", "cd", "rm", "ssh <host>", "a\tb", "ü");
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), (words) => {
        const counts = countsOf(words);
        const text = JSON.stringify(counts.state());
        const again = createCommandCounts(JSON.parse(text) as ReturnType<typeof counts.state>); // written a line above
        expect(again.state()).toEqual(counts.state());
        expect(again.followed("ls")).toBe(counts.followed("ls"));
        expect(again.total).toBe(counts.total);
        expect(again.lately("ls")).toBe(counts.lately("ls"));
      }),
      { seed },
    );
  });
});

describe("a restart", () => {
  it("at any command changes no reading", () => {
    const words = [...work(DBA, 150, 9), ...work(WEB, 60, 9)];
    const whole = read(aliceDetector(), []);
    fc.assert(
      fc.property(fc.array(fc.nat(words.length - 1), { maxLength: 4 }), (cuts) => {
        expect(read(aliceDetector(), cuts)).toEqual(whole);
      }),
      { seed, numRuns: 20 },
    );

    function read(first: SequenceDetector, cuts: readonly number[]) {
      let detector = first;
      return words.map((word, index) => {
        if (cuts.includes(index)) {
          const state = JSON.parse(JSON.stringify(detector.state())) as SequenceState; // its own state
          detector = createSequenceDetector({ person: "alice", crowd }, {}, state);
        }
        return detector.command(word);
      });
    }
  });
});

describe("the word of a command", () => {
  const invocation = (argv: (string | null)[], via: string[] = []): Invocation => ({
    argv,
    exec: argv[0]?.split("/").at(-1) ?? null,
    via,
    redirects: [],
    context: "top",
    assignments: [],
    dynamic: false,
  });

  it.each([
    [["rm", "-rf", "/srv/x/y"], ["sudo"], "sudo rm -rf /srv/*"],
    [["ssh", "root@10.0.0.7"], [], "ssh <host>"],
    [["ping", "10.0.0.7"], [], "ping <host>"],
    [["git", "commit", "-m", "secret words"], [], "git commit -m"],
    [["mysql", "--password=hunter2"], [], "mysql --password"],
    [["curl", "https://example.org/?token=abc"], [], "curl <url>"],
    [["kill", "-9", "4711"], [], "kill <number> <number>"],
    [["/usr/bin/vi", "notes.txt"], [], "vi <file>"],
    [["echo", "Correct Horse"], [], "echo <text>"],
    [["cat", null], [], "cat ?"],
    [["ls"], [], "ls"],
    [["tail", "-f", "logs/app.log"], [], "tail -f <path>"],
    [["cd", "~/src"], [], "cd ~/*"],
    [["cd", "/etc"], [], "cd /etc"],
  ])("%j via %j is %s", (argv, via, word) => {
    expect(commandWord(invocation(argv, via))).toBe(word);
  });
});
