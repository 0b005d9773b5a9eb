import { describe, expect, it } from "vitest";
import type { Analysis, Invocation } from "../../model/index.js";
import { INVOCATIONS_MAX, LINE_CHARS_MAX } from "../limits.js";
import { analyseDesktopLine, analyseWindowsLine, type WindowsShell } from "./index.js";

const encode = (script: string): string => Buffer.from(script, "utf16le").toString("base64");

/** Every program start as one text: wrappers, account, words. */
function told(line: string, shell: WindowsShell): readonly string[] {
  return analyseWindowsLine(line, shell).invocations.map(one);
}

function one({ via, runas, argv }: Invocation): string {
  const wrapped = via.length === 0 ? "" : `${via.join(">")}: `;
  const account = runas === undefined ? "" : `(${runas}) `;
  return wrapped + account + argv.map((word) => word ?? "?").join(" ");
}

describe("a line of cmd.exe", () => {
  it.each([
    ["chains", "del a & rd b && echo c || ver", ["del a", "rd b", "echo c", "ver"]],
    ["pipes", "type x | find y", ["type x", "find y"]],
    ["carets inside of names", "n^e^t us^er", ["net user"]],
    ["a caret before an operator", "echo a ^& del b", ["echo a & del b"]],
    ["quotes inside of names", 'n"e"t user', ["net user"]],
    ["operators inside of quotes", 'echo "a & del b"', ["echo a & del b"]],
    ["options without a blank", "dir/s", ["dir /s"]],
    [
      "a name with folder and ending",
      String.raw`C:\Windows\System32\REG.EXE query x`,
      ["reg query x"],
    ],
    ["a variable that never changes", "%ComSpec% /c ver", ["cmd /c ver", "cmd: ver"]],
    ["a variable", "%x% user", ["? user"]],
    ["a part of a variable", "%ComSpec:~0,1%md", ["?"]],
    ["@", "@echo off", ["echo off"]],
    ["if and else", "if not exist a (del b) else del c", ["del b", "del c"]],
    ["if with a comparison", 'if "%x%"=="a" del b', ["del b"]],
    ["a loop over a command", "for /f %i in ('net user') do del %i", ["del ?", "net user"]],
    ["several lines", "ver\nhostname", ["ver", "hostname"]],
  ])("%s", (_what, line, expected) => {
    expect(told(line, "cmd")).toEqual(expected);
  });

  it("knows the neighbours in a pipeline and where output goes", () => {
    const { invocations } = analyseWindowsLine("type a | sort > b & echo x 2>>c", "cmd");
    expect(invocations.map(({ pipeTo, pipeFrom }) => [pipeTo, pipeFrom])).toEqual([
      [1, undefined],
      [undefined, 0],
      [undefined, undefined],
    ]);
    expect(invocations.map(({ redirects }) => redirects)).toEqual([
      [],
      [{ op: ">", target: "b" }],
      [{ op: "2>>", target: "c" }],
    ]);
  });

  it("is unfinished with an open parenthesis or a caret at its end", () => {
    expect(analyseWindowsLine("if exist a (del b", "cmd").complete).toBe(false);
    expect(analyseWindowsLine("del a ^", "cmd").complete).toBe(false);
    expect(analyseWindowsLine('echo "a', "cmd").complete).toBe(true);
  });
});

describe("a line of PowerShell", () => {
  it.each([
    ["aliases", "rm -r -fo x; gci", ["remove-item -r -fo x", "get-childitem"]],
    ["backticks inside of names", "Rem`ove-It`em x", ["remove-item x"]],
    ["the call operator", "& 'C:\\a b\\x.exe' y", ["x y"]],
    ["a name that is computed", "& $x y", ["? y"]],
    ["lists", "Stop-Process 1,2", ["stop-process 1 2"]],
    ["single quotes", "Remove-Item 'it''s'", ["remove-item it's"]],
    ["double quotes", 'Remove-Item "a`"b""c"', ['remove-item a"b"c']],
    ["variables in quotes", 'Remove-Item "$x\\y"', ["remove-item ?"]],
    ["an assignment", "$x = Get-Item y", ["get-item y"]],
    [
      "what stands in an if",
      "if (Test-Path x) { rm y } else { rm z }",
      ["test-path x", "remove-item y", "remove-item z"],
    ],
    ["the body of a function", "function f { rm y }", ["remove-item y"]],
    ["a subexpression in quotes", 'echo "$(rm y)"', ["write-output ?", "remove-item y"]],
    ["comments", "ver # rm x\n<# rm y #> hostname", ["ver", "hostname"]],
    ["a typographic dash", "Remove-Item \u2013Force x", ["remove-item -Force x"]],
    [
      "a module's name before the cmdlet",
      "Microsoft.PowerShell.Management\\Remove-Item x",
      ["remove-item x"],
    ],
    ["words that are not read", "icacls --% a|b", ["icacls a", "b"]],
    [
      "a here-string",
      "iex @'\nrm x\n'@",
      ["invoke-expression rm x", "invoke-expression: remove-item x"],
    ],
  ])("%s", (_what, line, expected) => {
    expect(told(line, "powershell")).toEqual(expected);
  });

  it("is unparsed where it calls a method of .NET", () => {
    for (const line of ["[IO.File]::Delete('x')", "(gi x).Delete()", "$x.Kill()"])
      expect(analyseWindowsLine(line, "powershell").unparsed).toBeDefined();
    expect(analyseWindowsLine("Get-Item x", "powershell").unparsed).toBeUndefined();
  });

  it("is unfinished with an open quote or bracket", () => {
    for (const line of ["echo 'a", 'echo "a', "if (x) {", "echo (a", "<# a"])
      expect(analyseWindowsLine(line, "powershell").complete).toBe(false);
  });
});

describe("what a line carries for another shell", () => {
  it.each<[WindowsShell, string, readonly string[]]>([
    ["cmd", 'cmd /q /c "net user a /add & ver"', ["cmd: net user a /add", "cmd: ver"]],
    ["cmd", "cmd /cver", ["cmd: ver"]],
    ["cmd", `powershell -nop -e ${encode("rm x")}`, ["powershell: remove-item x"]],
    ["cmd", `powershell /EncodedCommand ${encode("rm x")}`, ["powershell: remove-item x"]],
    ["cmd", 'powershell -c "rm x; ver"', ["powershell: remove-item x", "powershell: ver"]],
    ["cmd", "powershell Remove-Item x", ["powershell: remove-item x"]],
    ["cmd", "powershell -ExecutionPolicy Bypass -File a.ps1 b", ["powershell: a.ps1 b"]],
    ["cmd", "powershell -e %x%", ["powershell: ?"]],
    ["cmd", "powershell -e A!", ["powershell: ?"]],
    ["cmd", 'start "t" /wait reg add x', ["start: reg add x"]],
    ["cmd", "call reg add x", ["call: reg add x"]],
    ["cmd", 'runas /user:adm "reg add x"', ["runas: (adm) reg add x"]],
    [
      "cmd",
      String.raw`psexec \\srv -s cmd /c ver`,
      ["psexec: (system) cmd /c ver", "psexec>cmd: (system) ver"],
    ],
    ["cmd", "wsl -u root -- rm -rf x", ["wsl: (root) rm -rf x"]],
    ["cmd", "bash -c 'rm x'", []],
    ["cmd", 'bash -c "sudo rm x"', ["bash: sudo rm x", "bash>sudo: (root) rm x"]],
    ["cmd", 'forfiles /c "del @file"', ["forfiles: del @file"]],
    ["cmd", 'schtasks /create /tn a /tr "reg add x"', ["schtasks: reg add x"]],
    ["cmd", 'wmic process call create "reg add x"', ["wmic: reg add x"]],
    ["cmd", "winrs -r:srv reg add x", ["winrs: reg add x"]],
    ["cmd", "echo reg add x | cmd", ["cmd: reg add x"]],
    ["cmd", "type x | powershell -", ["powershell: ?"]],
    ["powershell", "iex 'rm x'", ["invoke-expression: remove-item x"]],
    ["powershell", "iex $x", ["invoke-expression: ?"]],
    ["powershell", "'rm x' | iex", ["invoke-expression: remove-item x"]],
    ["powershell", "Get-Content x | iex", ["invoke-expression: ?"]],
    [
      "powershell",
      "saps reg -ArgumentList 'add x' -Verb RunAs",
      ["start-process: (administrator) reg add x"],
    ],
    ["powershell", "sudo reg add x", ["sudo: (administrator) reg add x"]],
    ["powershell", "cmd /c 'del x'", ["cmd: del x"]],
  ])("%s: %s", (shell, line, expected) => {
    const carried = told(line, shell).filter((text) => text.includes(": "));
    if (expected.length === 0) expect(carried.join()).not.toContain("rm x");
    else expect(carried).toEqual(expected);
  });

  it("stops at scripts inside of scripts inside of scripts", () => {
    let line = "ver";
    for (let i = 0; i < 20; i++) line = `powershell -e ${encode(line)}`.slice(0, LINE_CHARS_MAX);
    expect(() => analyseWindowsLine(line, "cmd")).not.toThrow();
    const nested = `${"cmd /c ".repeat(40)}ver`;
    expect(analyseWindowsLine(nested, "cmd").unparsed).toMatch(/nested deeper/);
  });
});

describe("a shell that nobody knows", () => {
  it("has all readings judged, and says once what they agree on", () => {
    expect(told("whoami", "unknown")).toEqual(["whoami"]);
    expect(told("del x", "unknown")).toEqual(["del x", "remove-item x"]);
    const names = analyseDesktopLine("rm -rf x").invocations.map(({ exec }) => exec);
    expect(names).toEqual(expect.arrayContaining(["rm", "remove-item"]));
  });

  it("keeps the neighbours of pipelines apart", () => {
    const { invocations } = analyseDesktopLine("ls | sort");
    for (const [index, { pipeTo }] of invocations.entries())
      if (pipeTo !== undefined) expect(invocations[pipeTo]?.pipeFrom).toBe(index);
    expect(invocations.some(({ pipeTo }) => pipeTo !== undefined)).toBe(true);
  });

  it("is unparsed where no shell could read the line, or one would call a method", () => {
    const unparsed = (line: string): Analysis["unparsed"] => analyseDesktopLine(line).unparsed;
    expect(unparsed("ls -la /etc")).toBeUndefined();
    expect(unparsed("[IO.File]::Delete('x')")).toBeDefined();
    expect(unparsed("x".repeat(LINE_CHARS_MAX + 1))).toBeDefined();
    expect(unparsed("x".repeat(LINE_CHARS_MAX))).toBeUndefined();
  });

  it("is unparsed where it starts more programs than are followed", () => {
    const line = "ver&".repeat(INVOCATIONS_MAX + 1);
    const { invocations, unparsed } = analyseWindowsLine(line, "cmd");
    expect(invocations).toHaveLength(INVOCATIONS_MAX);
    expect(unparsed).toBeDefined();
  });
});
