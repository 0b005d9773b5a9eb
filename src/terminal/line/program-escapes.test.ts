import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapesOf } from "./program-escapes.js";

describe("a program's line runs in a shell", () => {
  it.each([
    ["vim", ":!rm -rf x", "rm -rf x"],
    ["vim", ":r !date", "date"],
    ["vim", ":r!date", "date"],
    ["vim", ":w !sudo tee %", "sudo tee %"],
    ["vim", ":%!sort -u", "sort -u"],
    ["vim", ":'<,'>!sh", "sh"],
    ["vim", ":.,+3!bash", "bash"],
    ["vim", ":silent !rm x", "rm x"],
    ["vim", ":sh", "sh"],
    ["vim", ":terminal rm -rf x", "rm -rf x"],
    ["vim", ":call system('rm x')", "rm x"],
    ["vim", ":exe '!rm x'", "rm x"],
    ["less", "!rm x", "rm x"],
    ["psql", "\\! rm x", "rm x"],
    ["psql", "select 1; \\! rm x", "rm x"],
    ["psql", "\\copy t to program 'rm x'", "rm x"],
    ["psql", "\\o | sh", "sh"],
    ["mysql", "system rm x", "rm x"],
    ["mysql", "\\! rm x", "rm x"],
    ["sqlite3", ".shell rm x", "rm x"],
    ["sqlite3", ".system rm x", "rm x"],
    ["sqlite3", ".once |sh", "sh"],
    ["python3", "import os; os.system('rm x')", "rm x"],
    ["python3", 'subprocess.run("rm x", shell=True)', "rm x"],
    ["python3", "os.popen('rm \\'x\\'').read()", "rm 'x'"],
    ["node", "require('child_process').execSync('rm x')", "rm x"],
    ["python3", "shutil.rmtree('x')", "python3 -c 'shutil.rmtree('\\''x'\\'')'"],
    ["python3", 'Popen(["rm", "x"])', `python3 -c 'Popen(["rm", "x"])'`],
    ["node", 'fs.rmSync("x")', `node -e 'fs.rmSync("x")'`],
    ["irb", 'FileUtils.rm_rf "x"', `ruby -e 'FileUtils.rm_rf "x"'`],
    ["ruby", "system 'rm x'", "rm x"],
    ["irb", "`rm x`", "rm x"],
    ["ipython", "!rm x", "rm x"],
    ["perl", "system('rm x')", "rm x"],
    ["ed", "!rm x", "rm x"],
    ["ed", "w !sh", "sh"],
    ["nano", "Command to execute: rm x", "rm x"],
    ["emacs", "Shell command: rm x", "rm x"],
    ["sftp", "!rm x", "rm x"],
    ["gdb", "shell rm x", "rm x"],
  ])("in %s: %s", (program, line, command) => {
    expect(escapesOf(program, line)).toContain(command);
  });

  it.each([
    ["vim", ":q!"],
    ["vim", ":wq!"],
    ["vim", ":w! file"],
    ["vim", ":e! rm"],
    ["vim", ":set nu!"],
    ["vim", ":%s/a/!b/"],
    ["vim", "rm -rf x"],
    ["less", "/rm -rf x"],
    ["psql", "select 'rm -rf x';"],
    ["psql", "select a != b"],
    ["sqlite3", "select 1;"],
    ["sqlite3", ".schema"],
    ["python3", "print('rm -rf x')"],
    ["python3", "x = 1"],
    ["node", "1 + 1"],
  ])("not in %s: %s", (program, line) => {
    expect(escapesOf(program, line)).toEqual([]);
  });

  it("whatever the line, the answer is a list of texts that stand in it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (line) => {
        for (const command of escapesOf("vim", line)) expect(command).not.toBe("");
        escapesOf(undefined, line);
      }),
    );
  });
});
