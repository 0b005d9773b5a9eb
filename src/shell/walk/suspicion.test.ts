import { describe, expect, it } from "vitest";
import { analyseLine, isOpaque } from "../index.js";

/** What programs that are not known might start with the words of this line. */
function supposedBy(line: string): readonly string[] {
  return (analyseLine(line, {}).supposed ?? []).map(({ argv }) =>
    argv.map((word) => word ?? "?").join(" "),
  );
}

describe("a program that is in no table", () => {
  it.each<[string, string]>([
    ["newtool rm -rf /x", "rm -rf /x"],
    ["newtool -n 3 rm -rf /x", "rm -rf /x"],
    ["newtool --program=rm -rf /x", "rm -rf /x"],
    ["newtool -z 'rm -rf /x'", "rm -rf /x"],
    ["newtool -c '!rm -rf /x'", "rm -rf /x"],
    ["newtool 'exec \"rm -rf /x\"'", "rm -rf /x"],
    ["newtool -w rm,-rf,/x", "rm -rf /x"],
    ['newtool \'start("rm", ["-rf", "/x"])\'', "rm -rf /x"],
    ["newtool <<< 'shell rm -rf /x'", "rm -rf /x"],
    ["newtool <(echo 'rm -rf /x')", "rm -rf /x"],
    ["newtool -e 'Tree.rmtree(\"/x\")'", "rm -r /x"],
    ["NEW_PAGER='rm -rf /x' newtool", "rm -rf /x"],
    ["curl --new-hook 'rm -rf /x' y", "rm -rf /x"],
  ])("is suspected to run what it is told: %s", (line, command) => {
    expect(supposedBy(line)).toContain(command);
  });

  it.each([
    "echo rm -rf /x",
    "git commit -m 'rm -rf /x'",
    "newtool note 'do not rm -rf /x'",
    "newtool --title=rm",
    "NOTE='rm -rf /x' newtool",
    "curl -d 'rm -rf /x' y",
    "python3 -c 'print(\"rm -rf /x\")'",
    "sudo nice rm -rf /x",
  ])("is not where the words are text, or are known to be run: %s", (line) => {
    expect(supposedBy(line)).toEqual([]);
  });

  it("makes nothing certain: what runs is told apart from what might", () => {
    const analysis = analyseLine("newtool rm -rf /x", {});
    expect(analysis.invocations.map((one) => one.exec)).toEqual(["newtool"]);
    expect(isOpaque(analysis)).toBe(false);
  });

  it.each([
    "newtool run -- rm -rf /x",
    "newtool -n 3 exec rm -rf /x",
    "newtool --program rm -rf /x",
    "sandbox-run rm -rf /x",
    "kubectl newplugin -- rm -rf /x",
    "newtool -c 'rm -rf /x'",
    "newtool --program='rm -rf /x'",
    "newtool run 'rm -rf /x'",
    "ruby -run -e rm -rf /x",
  ])("that says that its words are a command is followed, and nothing is certain: %s", (line) => {
    const analysis = analyseLine(line, {});
    expect(analysis.invocations.at(-1)).toMatchObject({ exec: "rm", argv: ["rm", "-rf", "/x"] });
    expect(isOpaque(analysis)).toBe(true);
  });

  it.each(["explain-command rm -rf /x", "git log -- rm -rf /x", "sudo -l rm -rf /x"])(
    "is not followed where it only speaks of commands: %s",
    (line) => {
      expect(analyseLine(line, {}).invocations.map((one) => one.exec)).not.toContain("rm");
    },
  );
});
