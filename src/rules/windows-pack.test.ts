import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { describeFault } from "../kernel/index.js";
import { analyseDesktopLine } from "../shell/index.js";
import { testRules } from "./index.js";
import { commandFor, compileForTest, someSubject } from "./rules.testing.js";

const PACK = {
  file: "config/rules/windows.yaml",
  text: readFileSync("config/rules/windows.yaml", "utf8"),
};
const ruleset = compileForTest(PACK.text);

/** Rules that a line on a desktop hits. */
function hitsOf(line: string): readonly string[] {
  const command = commandFor(
    line,
    {},
    { analysis: analyseDesktopLine(line), channelKind: "desktop" },
  );
  return ruleset.judge(command, someSubject()).map((hit) => hit.rule.id);
}

describe("the starting pack for Windows", () => {
  it("passes the tests inside its rules, each with a hit and a near miss", () => {
    const report = testRules([PACK]);
    if (!report.ok) throw new Error(report.error.map(describeFault).join("\n"));
    expect(report.value.failures).toEqual([]);
    expect(report.value.untested).toEqual([]);
    expect(report.value.passed).toBeGreaterThan(120);
  });

  it.each([
    ["carets and quotes", 'v^ssad"m"in del^ete sha"do"ws /all', "chp-win-0101"],
    ["another shell inside", 'cmd /c "wevtutil cl Security"', "chp-win-0202"],
    [
      "PowerShell inside of cmd",
      'powershell -c "Set-MpPreference -DisableRealtimeMonitoring 1"',
      "chp-win-0201",
    ],
    ["an encoded command", `powershell -e ${encoded("Clear-EventLog Security")}`, "chp-win-0202"],
    ["backticks", "Cl`ear-Ev`entLog Security", "chp-win-0202"],
    [
      "a folder and an ending",
      String.raw`C:\Windows\System32\vssadmin.exe delete shadows`,
      "chp-win-0101",
    ],
    ["an alias", String.raw`ri -r -fo C:\Windows`, "chp-win-0102"],
  ])("sees through %s", (_what, line, rule) => {
    expect(hitsOf(line)).toContain(rule);
  });

  it.each([
    "Get-ChildItem -Recurse C:\\Users",
    "ipconfig /all",
    "net use Z: \\\\srv1\\share",
    "tasklist",
    "dir C:\\Windows",
    "Get-EventLog -LogName System -Newest 20",
    "sc query",
    "schtasks /query /fo list",
    "reg query HKCU\\Software",
    "Get-Service | Where-Object Status -eq Running",
    "echo vssadmin delete shadows",
    "git status",
    "notepad x.txt",
    "Set-Location C:\\Temp; Get-Content readme.txt",
    "ping srv1",
    "robocopy C:\\a D:\\a /mir",
    "npm run build",
    "Write-Output 'Set-MpPreference -DisableRealtimeMonitoring 1'",
    "gpupdate /force",
    "whoami /all",
    "del x.tmp",
    "Remove-Item -Recurse C:\\build\\out",
    "curl https://example.org/x.zip -o x.zip",
    "net user /?",
    "ver",
  ])("leaves everyday work alone: %s", (line) => {
    expect(hitsOf(line)).toEqual([]);
  });
});

function encoded(script: string): string {
  return Buffer.from(script, "utf16le").toString("base64");
}
