import { describe, expect, it } from "vitest";
import type { EventDraft } from "../events/index.js";
import { channelId, encodeUtf8, micros, requestId, wallMicros } from "../kernel/index.js";
import type {
  Answer,
  Effect,
  FileContent,
  FileDeed,
  FileOutcome,
  InputBody,
} from "../model/index.js";
import { createSession } from "./index.js";
import { fileTypeOf } from "./file-type.js";
import { LAB_RULES, seedOf, type SeedOptions } from "./seed.testing.js";

const RULES = (rules: string): string => `apiVersion: chaperone/v1
kind: RulePack
metadata: { name: files, version: 1.0.0 }
rules:
${rules}`;

/** A session with one SFTP channel, of which the decoder asks. */
function openSftp(rules: string, options: SeedOptions = {}) {
  const session = createSession(seedOf({ ...options, rules }));
  const effects: Effect[] = [];
  let now = 0;
  let request = 0;
  let files = 0;
  const step = (body: InputBody): void => {
    now += 1_000;
    effects.push(...session.step({ ...body, at: micros(now), wall: wallMicros(now) }));
  };
  const next = () => requestId((request += 1));
  const answerTo = (id: number): Answer | undefined =>
    effects.flatMap((one) => (one.kind === "answer" && one.request === id ? [one.answer] : []))[0];
  step({ kind: "opened" });
  const channel = channelId(1);
  step({ kind: "channel-asked", channel, request: next(), asked: { type: "session" } });
  step({
    kind: "request-asked",
    channel,
    request: next(),
    asked: { type: "subsystem", name: "sftp" },
  });
  const deedOf = (over: Partial<FileDeed>): FileDeed => ({
    file: (files += 1),
    operation: "write",
    via: "sftp",
    path: "/tmp/a",
    ...over,
  });
  return {
    effects,
    deedOf,
    started: () => answerTo(2),
    ask(deed: FileDeed, content?: FileContent): Answer | undefined {
      const id = next();
      const asked = content === undefined ? { deed } : { deed, content };
      step({ kind: "file-asked", channel, request: id, asked });
      return answerTo(id);
    },
    done(deed: FileDeed, outcome: FileOutcome, more: { head?: Uint8Array; whole?: boolean } = {}) {
      step({ kind: "file-done", channel, done: { deed, outcome, moved: 1, ...more } });
    },
    lost: () => step({ kind: "file-lost", channel, reason: "no SFTP" }),
    /** Runs a command on a channel of its own. */
    exec(command: string): Answer | undefined {
      const other = channelId(files + 100 + request);
      step({ kind: "channel-asked", channel: other, request: next(), asked: { type: "session" } });
      const id = next();
      step({
        kind: "request-asked",
        channel: other,
        request: id,
        asked: { type: "exec", command },
      });
      return answerTo(id);
    },
    told: (type: EventDraft["type"]) =>
      effects.flatMap((one) =>
        one.kind === "emit" && one.event.type === type ? [one.event.data] : [],
      ),
  };
}

const REAL = { real: "/tmp/a" };
const NO_ETC = RULES(
  "  - { id: no-etc, name: N, match: { transfer: { direction: upload, path: /etc/** } }, action: block, message: Not there. }",
);

describe("files on a watched stream", () => {
  it("are followed from the start, strictly where rules about them are in force", () => {
    expect(openSftp(NO_ETC).started()).toMatchObject({ watch: { protocol: "sftp", strict: true } });
    expect(openSftp(LAB_RULES).started()).toMatchObject({ watch: { strict: false } });
  });

  it("are judged by the path that the target resolves", () => {
    const sftp = openSftp(NO_ETC);
    const deed = sftp.deedOf({ path: "/tmp/link" });
    expect(sftp.ask(deed)).toEqual({ type: "file", grant: "resolve" });
    expect(sftp.ask({ ...deed, real: "/etc/passwd" })).toEqual({
      type: "refused",
      reason: "Not there. [no-etc]",
    });
    expect(sftp.told("rule.matched")).toMatchObject([
      { evidence: "upload of /etc/passwd by sftp" },
    ]);
    expect(sftp.told("action.taken")).toMatchObject([
      { action: "block", target: "file", rule: "no-etc" },
    ]);
  });

  it.each<[Partial<FileDeed>, boolean]>([
    [{ operation: "remove", path: "/etc/passwd", real: "/etc/passwd" }, true],
    [{ operation: "rename", path: "/tmp/a", to: "/etc/b", ...REAL, toReal: "/etc/b" }, true],
    [{ operation: "rename", path: "/etc/a", to: "/tmp/b", real: "/etc/a", toReal: "/tmp/b" }, true],
    [{ operation: "link", path: "/tmp/a", to: "/etc", ...REAL, toReal: "/etc/x" }, true],
    [{ operation: "setstat", path: "/etc/a", real: "/etc/a", mode: 0o4755 }, true],
    [{ operation: "read", path: "/etc/a", real: "/etc/a" }, false],
    [{ operation: "list", path: "/etc/a", real: "/etc/a" }, false],
    [{ operation: "write", path: "../../etc/cron.d/x", via: "scp" }, true],
    [{ operation: "write", path: "/srv", or: "/etc/x", via: "scp" }, true],
  ])("%o changes /etc: %s", (over, refused) => {
    const sftp = openSftp(NO_ETC);
    expect(sftp.ask(sftp.deedOf(over))?.type).toBe(refused ? "refused" : "file");
  });

  it("tell what has to be seen of them", () => {
    const sftp = openSftp(
      RULES(`  - { id: big, name: A, match: { transfer: { size: "> 1KB", type: program } }, action: block }
  - { id: known, name: B, match: { transfer: { sha256: "${"0".repeat(64)}" } }, action: alert }`),
    );
    expect(sftp.ask(sftp.deedOf(REAL))).toEqual({
      type: "file",
      grant: { sizes: [1025], content: true, end: true, sha256: true },
    });
  });

  it("are judged by type, and a rule is told once for a file", () => {
    const sftp = openSftp(
      RULES(`  - { id: tell, name: T, match: { transfer: { path: /tmp/** } }, action: alert }
  - { id: elf, name: E, match: { transfer: { type: program } }, action: block }`),
    );
    const deed = sftp.deedOf(REAL);
    expect(sftp.ask(deed)?.type).toBe("file");
    expect(sftp.ask(deed, { bytes: 9, head: encodeUtf8("\u007fELF") })?.type).toBe("refused");
    expect(sftp.told("rule.matched")).toMatchObject([
      { rule: { id: "tell" } },
      { rule: { id: "elf" } },
    ]);
  });

  it("wait for an approval, and go on with it", () => {
    const sftp = openSftp(
      RULES("  - { id: ask, name: A, match: { transfer: { path: /tmp/** } }, action: approve }"),
    );
    expect(sftp.ask(sftp.deedOf(REAL))).toBeUndefined();
    expect(sftp.effects.at(-1)).toMatchObject({ kind: "set-timer" });
    expect(sftp.told("approval.requested")).toMatchObject([{ action: "transfer", rule: "ask" }]);
  });

  it("end the session where a rule says so", () => {
    const sftp = openSftp(
      RULES("  - { id: out, name: O, match: { transfer: { operation: remove } }, action: kill }"),
    );
    expect(sftp.ask(sftp.deedOf({ operation: "write", ...REAL }))?.type).toBe("file");
    expect(sftp.ask(sftp.deedOf({ operation: "remove", ...REAL }))?.type).toBe("refused");
    expect(sftp.effects.some(({ kind }) => kind === "close-session")).toBe(true);
  });

  it("whose protocol is not understood are shut off where rules are in force, and only there", () => {
    const strict = openSftp(NO_ETC);
    strict.lost();
    expect(strict.effects.at(-1)).toMatchObject({ kind: "close-channel" });
    const lenient = openSftp(LAB_RULES);
    lenient.lost();
    expect(lenient.effects.some(({ kind }) => kind === "close-channel")).toBe(false);
  });
});

describe("a file that was uploaded", () => {
  const script = { head: encodeUtf8("#!/bin/sh\nrm -rf /srv/data\n"), whole: true };

  it("is judged by its text when another channel runs it", () => {
    const sftp = openSftp(LAB_RULES);
    expect(sftp.exec("sh /tmp/a")?.type).toBe("started");
    sftp.done(sftp.deedOf({}), "passed", script);
    for (const line of ["sh /tmp/a", "chmod +x /tmp/a && /tmp/a", "cp /tmp/a /tmp/b; . /tmp/b"])
      expect(sftp.exec(line)?.type).toBe("ended");
    expect(sftp.exec("cat /tmp/a")?.type).toBe("started");
  });

  it("is followed when it is renamed and linked, and forgotten when it is removed", () => {
    const sftp = openSftp(LAB_RULES);
    sftp.done(sftp.deedOf({}), "passed", script);
    sftp.done(sftp.deedOf({ operation: "rename", to: "/tmp/b" }), "passed");
    sftp.done(sftp.deedOf({ operation: "link", path: "/tmp/c", to: "/tmp/b" }), "passed");
    expect(sftp.exec("sh /tmp/b")?.type).toBe("ended");
    expect(sftp.exec("sh /tmp/c")?.type).toBe("ended");
    sftp.done(sftp.deedOf({ operation: "remove", path: "/tmp/b" }), "passed");
    expect(sftp.exec("sh /tmp/b")?.type).toBe("started");
  });

  it("of which not everything was seen is of unknown content", () => {
    const sftp = openSftp(LAB_RULES, { doubt: { onUnparsed: "block" } });
    sftp.done(sftp.deedOf({}), "passed", { ...script, whole: false });
    expect(sftp.exec("sh /tmp/a")?.type).toBe("ended");
    expect(sftp.exec("ls /tmp/a")?.type).toBe("started");
  });

  it("by a line is known on other channels too", () => {
    const sftp = openSftp(LAB_RULES);
    expect(sftp.exec("echo 'rm -rf /srv' > /tmp/z")?.type).toBe("started");
    expect(sftp.exec("sh /tmp/z")?.type).toBe("ended");
  });
});

describe("files that a command moves", () => {
  const block = { doubt: { onUnparsed: "block" } } as const;
  const small = RULES(
    '  - { id: small, name: S, match: { transfer: { direction: upload, size: "> 1MB" } }, action: block }',
  );

  it("by rsync are a matter of doubt where rules ask for what is not seen", () => {
    const line = "rsync --server -logDtpre.iLsfxC . /srv/x";
    expect(openSftp(small, block).exec(line)?.type).toBe("ended");
    expect(openSftp(NO_ETC, block).exec(line)?.type).toBe("started");
  });

  it("by scp are looked at once they move", () => {
    expect(openSftp(small, block).exec("scp -t /srv/x")).toMatchObject({
      type: "started",
      watch: { protocol: "scp", direction: "upload", path: "/srv/x", isFolder: false },
    });
  });

  it("of unknown names are a matter of doubt where any rule is about files", () => {
    expect(openSftp(NO_ETC, block).exec('scp -t "$where"')?.type).toBe("ended");
    expect(openSftp(LAB_RULES, block).exec('scp -t "$where"')?.type).toBe("started");
  });
});

describe("the first bytes of a file", () => {
  it.each([
    ["\u007fELF\u0002", "program"],
    ["#!/bin/sh\n", "script"],
    ["PK\u0003\u0004", "archive"],
    ["-----BEGIN EC PRIVATE KEY-----\n", "key"],
    ["# mine\n-----BEGIN OPENSSH PRIVATE KEY-----\n", "key"],
    ["%PDF-1.7", "document"],
    ["just text\n", "text"],
    ["", "text"],
    ["a\u0000b", "binary"],
  ])("%j are of a %s", (head, type) => {
    expect(fileTypeOf(encodeUtf8(head))).toBe(type);
  });
});
