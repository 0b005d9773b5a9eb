import { describe, expect, it } from "vitest";
import { analyseLine, learnFromLine, learnFromUnseen, type ShellKnowledge } from "./index.js";

function after(...lines: readonly string[]): ShellKnowledge {
  let knowledge: ShellKnowledge = { cwd: "/home/alice", home: "/home/alice" };
  for (const line of lines) knowledge = learnFromLine(knowledge, analyseLine(line, knowledge));
  return knowledge;
}

describe("a released line teaches what later lines depend on", () => {
  it("the current directory, as far as it can be followed", () => {
    expect(after("cd /etc").cwd).toBe("/etc");
    expect(after("cd src/../lib").cwd).toBe("/home/alice/lib");
    expect(after("cd /etc", "cd").cwd).toBe("/home/alice");
    expect(after("(cd /etc)").cwd).toBe("/home/alice");
    expect(after("cd $unknown").cwd).toBeUndefined();
    expect(after("test -d x && cd /etc").cwd).toBeUndefined();
    expect(after("cd /etc )").cwd).toBeUndefined();
  });

  it("variables, and that they are gone", () => {
    expect(after("x=rm").variables?.get("x")).toBe("rm");
    expect(after("export x=rm y=2").variables?.get("y")).toBe("2");
    expect(after("x=rm", "read x").variables?.has("x")).toBe(false);
    expect(after("x=rm", "unset x").variables?.get("x")).toBe("");
    expect(after("x=$(date)").variables?.has("x")).toBe(false);
    expect(after("x=1 true").variables?.has("x")).toBe(false);
  });

  it("aliases and functions", () => {
    expect(after("alias ll='ls -l' g=git").aliases?.get("ll")).toBe("ls -l");
    expect(after("alias ll=ls", "unalias ll").aliases?.has("ll")).toBe(false);
    expect(after("f() { rm -rf $1; }").functions?.get("f")).toBe("{ rm -rf $1; }");
    expect(after("f() { ls; }", "unset -f f").functions?.has("f")).toBe(false);
  });

  it("files whose text is known, by absolute path", () => {
    expect(after("echo 'rm -rf /' > x.sh").files?.get("/home/alice/x.sh")).toBe("rm -rf /\n");
    expect(after("echo a > x", "date > x").files?.get("/home/alice/x")).toMatchObject({
      known: false,
    });
  });

  it("so that a command hidden over several lines is found", () => {
    const knowledge = after("a=r", "b=m", "echo '$a$b -rf /etc' > go");
    const found = analyseLine("source go", knowledge).invocations.map((one) => one.argv.join(" "));
    expect(found).toContain("rm -rf /etc");
  });

  it("where the shell outside of another one stood, once that is left again", () => {
    expect(after("cd /etc", "bash", "cd /tmp").cwd).toBe("/tmp");
    const back = after("cd /etc", "x=1", "bash", "cd /tmp", "x=2", "exit");
    expect(back.cwd).toBe("/etc");
    expect(back.variables?.get("x")).toBe("1");
    expect(after("cd /etc", "exec zsh", "cd /tmp", "exit").cwd).toBe("/tmp");
  });

  it("that another machine begins anew, and that this one is as it was behind it", () => {
    expect(after("cd /etc", "ssh web1").cwd).toBeUndefined();
    expect(after("cd /etc", "ssh web1", "cd /opt", "exit").cwd).toBe("/etc");
    expect(after("cd /etc", "ssh web1 uptime").cwd).toBe("/etc");
  });

  it("of shells inside of shells no more than are followed", () => {
    const deep = after(...Array.from({ length: 40 }, () => "bash"));
    expect(deep.shell?.outer.length).toBe(8);
  });

  it("nothing that could be a word, of a line that was typed unseen", () => {
    const before = after("x=1");
    const line = analyseLine("x=hunter2; set -- hunter2; echo hunter2", before);
    const unseen = learnFromUnseen(before, line);
    expect(unseen.variables?.has("x")).toBe(false);
    const shown = analyseLine('echo "$x" "$_" "$1"', unseen);
    expect(JSON.stringify(shown)).not.toContain("hunter2");
  });
});
