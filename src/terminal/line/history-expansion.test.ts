import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { expandHistory, expandLine } from "./history-expansion.js";
import type { LineReading } from "../../model/index.js";
import { createSessionHistory } from "./session-history.js";

const BEFORE = [
  "ls -l /var/log/syslog.1.gz",
  "cp a.txt b.txt; echo 'x y' | cat",
  "grep -n foo /etc/passwd /etc/group",
  "echo one two three",
];

const LINES = [
  "!!",
  "sudo !!",
  "echo !$",
  "echo !^ !*",
  "!-2",
  "!-2:$",
  "!ls",
  "!?passwd?",
  "!?passwd?:%",
  "echo !cp:2",
  "echo !grep:1-2",
  "echo !grep:2*",
  "echo !grep:1-",
  "echo !ls:$:h !ls:$:t !ls:$:r !ls:$:e",
  "^two^2",
  "^two^2^ tail",
  "!!:s/one/1/",
  "!!:gs/e/E/",
  "!-3:s/a.txt/z.txt/:s/b/q/",
  "echo '!!' \"!!\" \\!!",
  'echo "hi!" there',
  "echo hi! there",
  "echo a!=b",
  "[ ! -e x ]",
  "[[ x != y ]]",
  "echo [!a]*",
  "echo ${!HOME} $!",
  "echo $(echo !!)",
  "echo `!!`",
  "echo foo # !!",
  "!echo; !ls",
  "!l;echo",
  'echo "!gr" x',
  "echo !#",
  "echo ab !#:1",
  "!!:0",
  "!cp:*",
  "!!:p",
  "!-2:3-4:q",
  "echo !echo$",
  "echo x!echo",
  "(!ls)",
  "!-1:x",
  "echo !-4:2",
];

/** What bash makes of each line with that history (`history -p` expands and prints). */
function bashExpands(line: string): string | null {
  const script = [
    "set -o history; set -H; HISTFILE=/dev/null; HISTCONTROL=; history -c",
    ...BEFORE.map((entry) => `history -s -- ${quote(entry)}`),
    `history -p -- ${quote(line)}`,
  ].join("\n");
  try {
    return execFileSync("/bin/bash", ["-c", script], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).replace(/\n$/, "");
  } catch {
    return null;
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

describe("history expansion", () => {
  const reading: LineReading = {
    text: "!!",
    source: "both",
    confidence: 1,
    candidates: ["!!"],
    hidden: false,
    context: "shell",
    prompt: "primary",
  };

  it("is no surer than the command that it stands for", () => {
    const doubted = createSessionHistory();
    doubted.add("echo one");
    doubted.add("echo two", { sure: false, endSure: true });
    expect(expandHistory(reading, doubted)).toMatchObject({ text: "echo two", confidence: 0.6 });
    for (const entry of ["echo three", "echo four"]) doubted.add(entry);
    expect(expandHistory(reading, doubted).confidence).toBeGreaterThan(0.9);
  });

  it("knows nothing of what may have run unseen", () => {
    const lost = createSessionHistory();
    lost.add("echo one");
    lost.lose();
    expect(expandHistory(reading, lost)).toMatchObject({ confidence: 0 });
  });

  it.each([
    { entries: ["echo a", "echo b", "echo b", "echo c"], line: "!-3", other: "echo a" },
    { entries: ["echo a", " echo hid", "echo c"], line: "!-2", other: "echo a" },
    { entries: ["echo a", "echo b", "echo a"], line: "!-3", other: null },
  ])("doubts $line when the shell may leave out repeated and indented lines", (one) => {
    const kept = createSessionHistory();
    for (const entry of one.entries) kept.add(entry);
    const read = expandHistory({ ...reading, text: one.line, candidates: [one.line] }, kept);
    expect(read.confidence).toBeLessThan(0.9);
    if (one.other !== null) expect(read.candidates).toContain(one.other);
    expect(expandHistory(reading, kept).confidence).toBe(0.99);
  });

  const history = createSessionHistory();
  for (const entry of BEFORE) history.add(entry);

  it.each(LINES)("reads `%s` as bash will run it", (line) => {
    const expansion = expandLine(line, history);
    const ours =
      expansion.kind === "expanded" ? expansion.text : expansion.kind === "unchanged" ? line : null;
    expect(ours).toBe(bashExpands(line));
  });

  it.each(["!17", "!nosuch", "!?nosuch?", "!-9"])(
    "says that `%s` from before the session can not be known",
    (line) => {
      expect(expandLine(line, history).kind).toBe("unknown");
    },
  );
});
