import { describe, expect, it } from "vitest";
import { analyseLine, isOpaque, learnFiles, learnFromLine, type ShellKnowledge } from "./index.js";
import { FILE_CHARS_MAX, FILES_CHARS_MAX, REMEMBERED_MAX } from "./limits.js";

const START: ShellKnowledge = { home: "/home/alice" };

function after(knowledge: ShellKnowledge, ...lines: readonly string[]): ShellKnowledge {
  return lines.reduce((known, line) => learnFromLine(known, analyseLine(line, known)), knowledge);
}

const runs = (line: string, knowledge: ShellKnowledge): readonly string[] =>
  analyseLine(line, knowledge).invocations.map((one) =>
    one.argv.map((word) => word ?? "?").join(" "),
  );
const isUnknown = (line: string, knowledge: ShellKnowledge): boolean =>
  isOpaque(analyseLine(line, knowledge));

const learnFile = (knowledge: ShellKnowledge, path: string, text: string | null): ShellKnowledge =>
  learnFiles(knowledge, [{ path, text }]);

describe("a file that was uploaded", () => {
  it("is judged by its content when it is executed, wherever it is named from", () => {
    const knowledge = learnFile(START, "up.sh", "#!/bin/sh\nrm -rf /etc\n");
    expect(runs("sh /home/alice/up.sh", knowledge)).toContain("rm -rf /etc");
    expect(runs("chmod +x ~/up.sh; ~/up.sh", knowledge)).toContain("rm -rf /etc");
    expect(runs("cd; ./up.sh", knowledge)).toContain("rm -rf /etc");
    expect(runs("sh /tmp/other.sh", knowledge)).not.toContain("rm -rf /etc");
  });

  it("is found by its name where the home directory is not known", () => {
    const knowledge = learnFile({}, "up.sh", "rm -rf /etc\n");
    expect(runs("sh up.sh", knowledge)).toContain("rm -rf /etc");
    expect(isUnknown("sh up.sh", knowledge)).toBe(true);
  });

  it("is found at home where it is named by a path that nobody knows to be the home folder's", () => {
    const knowledge = learnFile({}, "/srv/people/alice/.bashrc", "rm -rf /etc\n");
    expect(runs("bash", knowledge)).toContain("rm -rf /etc");
    expect(runs(". ~/.bashrc", knowledge)).toContain("rm -rf /etc");
    expect(runs("sh ~/x/.bashrc", knowledge)).not.toContain("rm -rf /etc");
    expect(runs("bash", { ...knowledge, home: "/home/alice" })).not.toContain("rm -rf /etc");
  });

  it("is unknown when its content is, or is too long to be kept", () => {
    const fits = learnFile(START, "/tmp/x", "#".repeat(FILE_CHARS_MAX));
    expect(isUnknown("sh /tmp/x", fits)).toBe(false);
    expect(isUnknown("sh /tmp/x", learnFile(START, "/tmp/x", "#".repeat(FILE_CHARS_MAX + 1)))).toBe(
      true,
    );
    expect(isUnknown("sh /tmp/x", learnFile(START, "/tmp/x", null))).toBe(true);
    expect(isUnknown("cat /tmp/x", learnFile(START, "/tmp/x", null))).toBe(false);
  });

  it("takes the place of what was known before", () => {
    const knowledge = learnFile(after(START, "echo ls > /tmp/x"), "/tmp/x", "rm -rf /etc");
    expect(runs("sh /tmp/x", knowledge)).toContain("rm -rf /etc");
    expect(runs("sh /tmp/x", after(knowledge, "rm /tmp/x", "echo ls > /tmp/x"))).toEqual([
      "sh /tmp/x",
      "ls",
    ]);
  });
});

describe("a file written by a line whose output is not known", () => {
  it.each([
    "date > f",
    "curl -o f https://example.org",
    "curl -O https://example.org/f",
    "wget https://example.org/f",
    "vim f",
    "sed -i 's/\\(a\\)\\1/b/' f",
    "some-tool | tee f",
    "if test -e x; then echo ls > f; fi",
    "patch f x.diff",
  ])("is of unknown content: %s", (line) => {
    const knowledge = after({ cwd: "/w" }, "echo ls > f", line);
    for (const run of ["sh f", "./f", ". ./f", "bash < f", "cat f | sh", "python3 f"])
      expect(isUnknown(run, knowledge), run).toBe(true);
  });

  it("is told apart from one that the session never wrote", () => {
    expect(isUnknown("sh f", { cwd: "/w" })).toBe(false);
  });
});

describe("what does not fit is unknown, and never harmless", () => {
  it("of files: the oldest is forgotten", () => {
    const lines = Array.from({ length: REMEMBERED_MAX }, (_one, i) => `echo ls > /w/f${String(i)}`);
    const full = after(START, "echo ls > /w/first", ...lines.slice(1));
    expect(isUnknown("sh /w/first", full)).toBe(false);
    const over = after(full, "echo ls > /w/last");
    expect(over.files?.size).toBe(REMEMBERED_MAX);
    expect(isUnknown("sh /w/first", over)).toBe(true);
    expect(isUnknown("sh /w/last", over)).toBe(false);
  });

  it("of files: all together hold so many characters", () => {
    let knowledge = START;
    for (let i = 0; i <= FILES_CHARS_MAX / FILE_CHARS_MAX; i++)
      knowledge = learnFile(knowledge, `/w/f${String(i)}`, "#".repeat(FILE_CHARS_MAX));
    expect(knowledge.files?.size).toBe(FILES_CHARS_MAX / FILE_CHARS_MAX);
    expect(isUnknown("sh /w/f0", knowledge)).toBe(true);
    expect(isUnknown("sh /w/f1", knowledge)).toBe(false);
  });

  it("of aliases and functions: a name may be one that was forgotten", () => {
    const aliases = Array.from(
      { length: REMEMBERED_MAX + 1 },
      (_one, i) => `alias a${String(i)}=ls`,
    );
    const knowledge = after(START, "alias first='rm -rf /etc'", ...aliases);
    expect(knowledge.aliases?.size).toBe(REMEMBERED_MAX);
    expect(isUnknown("first", knowledge)).toBe(true);
  });

  it("of variables: one that was forgotten is not known", () => {
    const lines = Array.from({ length: REMEMBERED_MAX + 1 }, (_one, i) => `x${String(i)}=1`);
    expect(isUnknown("$first -l", after(START, "first=ls", ...lines))).toBe(true);
  });
});

describe("a place that can not be known has a name of its own", () => {
  it("so that files below it are found from inside and from above", () => {
    const knowledge = after({}, "mkdir d; cd d", "echo 'rm -rf /etc' > f", "cd ..");
    expect(runs("sh d/f", knowledge)).toContain("rm -rf /etc");
    expect(isUnknown("sh d/f", knowledge)).toBe(false);
  });

  it("and a file of the same name elsewhere is only likely to be the same", () => {
    const knowledge = after({}, "echo ls > f", "cd $somewhere");
    expect(isUnknown("sh f", knowledge)).toBe(true);
  });
});
