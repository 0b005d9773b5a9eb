import { describe, expect, it } from "vitest";
import { Person } from "../understanding.testing.js";
import { answersAfter } from "./prompting.js";

const SECRET = "tiger-3Lily";
const desktop = (): Person => new Person({ protocol: "rdp" });
const hidden = (person: Person): readonly boolean[] => person.lines.map((line) => line.hidden);

describe("a line behind a command that asks for a password", () => {
  it.each([
    "sudo apt update",
    "su -",
    "ssh root@db-1",
    "runas /user:Administrator cmd",
    "net use X: \\\\srv\\share /user:bob",
    "net user bob *",
    "mysql -u root -p",
    "passwd",
    "Enter-PSSession -ComputerName srv -Credential bob",
    "$c = Get-Credential",
    "Invoke-Command -Cred bob { ls }",
    "kinit bob",
    "cd /tmp && sudo -k id",
    "time sudo id",
    String.raw`C:\Windows\System32\runas.exe /user:x cmd`,
    "powershell -c runas /user:x cmd",
  ])("%s", (line) => {
    const person = desktop().type(line).press("Enter").type(SECRET).press("Enter");
    expect(hidden(person)).toEqual([false, true]);
    const { reading } = person.told("line-held").at(-1) ?? {};
    expect(reading?.text).toBe(SECRET);
  });

  it.each(["ls", "echo sudo", "grep ssh /etc/services", "cat passwd", "net use", "mysql -u root"])(
    "is an ordinary line behind %s",
    (line) => {
      const person = desktop().type(line).press("Enter").type("hello there").press("Enter");
      expect(hidden(person)).toEqual([false, false]);
    },
  );

  it("is hidden again when it may be a second try, until a command is typed", () => {
    const person = new Person({ protocol: "ssh" });
    for (const line of ["sudo id", "one", "two", "ls -la", "three"])
      person.type(line).press("Enter");
    expect(hidden(person)).toEqual([false, true, true, false, false]);
  });

  it("is no answer any more after Ctrl-C, nor after minutes", () => {
    const broken = new Person({ protocol: "ssh" }).type("sudo id").press("Enter");
    broken.chord("Ctrl", "c").type("hello").press("Enter");
    expect(hidden(broken)).toEqual([false, false]);
    const late = new Person({ protocol: "ssh" }).type("su").press("Enter").wait(301_000);
    expect(hidden(late.type("hello").press("Enter"))).toEqual([false, false]);
  });

  it("is judged nevertheless", () => {
    const person = new Person({ protocol: "ssh" }).type("sudo -v").press("Enter");
    person.type("rm -rf x").press("Enter");
    expect(person.lines.at(-1)).toMatchObject({ hidden: true, candidates: ["rm -rf x"] });
  });

  it("does not come back from the history", () => {
    const person = new Person({ protocol: "ssh" });
    for (const line of ["su", SECRET, "id"]) person.type(line).press("Enter");
    person.press("Up", "Up", "Enter");
    expect(person.lines.at(-1)?.text).toBe("su");
  });
});

describe("a field of a desktop", () => {
  it("is hidden in a form", () => {
    const person = desktop().type("alice").press("Tab").type("secret").press("Enter");
    expect(hidden(person)).toEqual([true]);
    const off = new Person({ protocol: "rdp", masking: { forms: false } });
    expect(hidden(off.type("alice").press("Tab").type("secret").press("Enter"))).toEqual([false]);
  });

  it("is no form where a command was completed", () => {
    const person = desktop();
    person.type("cd Doc").press("Tab").press("Enter");
    person.type("note").press("Tab").type(" x.txt").press("Enter");
    expect(hidden(person)).toEqual([false, false]);
  });

  it("is hidden when it looks like a password", () => {
    const person = desktop().type("alice").click().type("Summer2026!").press("Enter");
    expect(hidden(person)).toEqual([true]);
    for (const line of ["Get-Process", "setup-1.2.exe", "D:/Data/A1-b", "whoami", "bob@x.org"])
      expect(hidden(desktop().type(line).press("Enter"))).toEqual([false]);
  });

  it.each<[string, (person: Person) => Person]>([
    ["a locked screen", (p) => p.chord("Super", "l")],
    ["the sign-in of Windows", (p) => p.chord("Ctrl", "Alt", "Delete")],
    ["a program that is to run elevated", (p) => p.type("cmd").chord("Ctrl", "Shift", "Enter")],
  ])("is hidden behind %s", (_what, act) => {
    const person = act(desktop()).type("secret").press("Enter").type("dir x").press("Enter");
    expect(hidden(person).slice(-2)).toEqual([true, false]);
  });

  it("is hidden while the target asks who it is", () => {
    const signing = (): Person => new Person({ protocol: "vnc", signsInOnScreen: true });
    const twice = signing();
    for (const line of ["alice", "secret", "dir x"]) twice.type(line).press("Enter");
    expect(hidden(twice)).toEqual([true, true, false]);
    const form = signing().type("alice").press("Tab").type("secret").press("Enter");
    expect(hidden(form.type("dir x").press("Enter"))).toEqual([true, false]);
  });
});

it("is asked for by programs that the administrator names", () => {
  expect(answersAfter("vpnlogin x").certain).toBe(0);
  expect(answersAfter("vpnlogin x", ["vpnlogin"]).certain).toBe(1);
});
