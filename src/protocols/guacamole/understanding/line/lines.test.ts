import { describe, expect, it } from "vitest";
import { instruction } from "../instruction.js";
import { KEYSYMS, Person } from "../understanding.testing.js";

const desktop = (): Person => new Person({ protocol: "rdp" });
const terminal = (): Person => new Person({ protocol: "ssh" });
const texts = (person: Person): readonly string[] => person.lines.map(({ text }) => text);
const last = (person: Person): Person["lines"][number] | undefined => person.lines.at(-1);

describe("a line that is typed", () => {
  it("is told at its Return, before the Return passes", () => {
    const person = desktop();
    person.verdict = () => "wait";
    person.type("whoami").down("Enter");
    expect(texts(person)).toEqual(["whoami"]);
    expect(person.pressed).not.toContain(KEYSYMS.Enter);
    expect(person.understanding.lineHeld).toBe(true);
    person.answer("release");
    expect(person.pressed.at(-1)).toBe(KEYSYMS.Enter);
  });

  it("that is dropped leaves neither press nor release of its Return, and stays a line", () => {
    const person = desktop();
    person.verdict = () => "drop";
    person.type("format c:").press("Enter").press("Enter");
    expect(texts(person)).toEqual(["format c:", "format c:"]);
    expect(person.toServer.filter(({ args }) => args[0] === String(KEYSYMS.Enter))).toEqual([]);
  });

  it("holds back what is typed behind it, in order, until it is judged", () => {
    const person = desktop();
    person.verdict = () => "wait";
    person.type("ls").press("Enter").type("id").press("Enter").type("x");
    expect(texts(person)).toEqual(["ls"]);
    person.answer("release");
    expect(texts(person)).toEqual(["ls", "id"]);
    person.answer("release");
    const { Enter } = KEYSYMS;
    expect(person.pressed).toEqual([0x6c, 0x73, Enter, 0x69, 0x64, Enter, 0x78]);
  });

  it("that is dropped takes with it what was typed behind it", () => {
    const person = terminal();
    person.verdict = () => "wait";
    person.type("rm x").press("Enter").type("echo");
    person.answer("drop");
    expect(person.pressed).toEqual(Array.from("rm x", (one) => one.charCodeAt(0)));
  });

  it("keeps the connection alive while it is held", () => {
    const person = desktop();
    person.verdict = () => "wait";
    person.type("ls").press("Enter").client(instruction("sync", "12345"));
    expect(person.toServer.at(-1)).toEqual(instruction("sync", "12345"));
  });

  it("refuses what is more than can wait, and says so once", () => {
    const person = desktop();
    person.verdict = () => "wait";
    person.type("ls").press("Enter");
    for (let i = 0; i < 5_000; i++) person.client(instruction("mouse", String(i % 9), "1", "0"));
    expect(person.told("refused").map(({ what }) => what)).toEqual(["held-too-much"]);
  });

  it.each(["j", "m", "o"])("is entered by Ctrl-%s too, and may stand there still", (key) => {
    const person = desktop().type("id").chord("Ctrl", key);
    expect(texts(person)).toEqual(["id"]);
    person.press("Enter");
    expect(last(person)?.candidates).toEqual(["id"]);
  });

  it("is entered by the Return of the keypad, and by a control character spelt as a key", () => {
    expect(texts(desktop().type("a").press("KeypadEnter").type("b").press(0x0d))).toEqual([
      "a",
      "b",
    ]);
  });

  it("is entered by its number on the keypad, and made a letter when it may not be", () => {
    const person = desktop();
    person.verdict = () => "drop";
    person.type("del x").down("Alt").press(0xffb1, 0xffb3).up("Alt");
    expect(texts(person)).toEqual(["del x"]);
    expect(person.pressed.slice(-3)).toEqual([0xffb1, 0xffb3, 0xffb0]);
    expect(person.toServer.at(-1)).toEqual(instruction("key", String(KEYSYMS.Alt), "0"));
  });

  it("is nothing when nothing was typed", () => {
    const person = desktop().press("Enter");
    expect(person.lines).toEqual([]);
    expect(person.pressed).toEqual([KEYSYMS.Enter]);
  });
});

describe("editing a line", () => {
  it.each<[string, (person: Person) => Person, string]>([
    ["Backspace", (p) => p.type("rn").press("Backspace").type("m"), "rm"],
    ["Home", (p) => p.type("d").press("Home").type("r"), "rd"],
    ["arrows", (p) => p.type("ac").press("Left").type("b"), "abc"],
    ["Delete", (p) => p.type("abc").press("Home", "Delete"), "bc"],
    ["Ctrl-U", (p) => p.type("abc").chord("Ctrl", "u").type("d"), "d"],
    ["Ctrl-K", (p) => p.type("abc").press("Left").chord("Ctrl", "k"), "ab"],
    ["Ctrl-W", (p) => p.type("a b-c").chord("Ctrl", "w").type("d"), "a d"],
    ["Ctrl-Y", (p) => p.type("ab").chord("Ctrl", "u").chord("Ctrl", "y"), "ab"],
    ["Ctrl-T", (p) => p.type("ba").chord("Ctrl", "t"), "ab"],
    [
      "Ctrl-A and Ctrl-E",
      (p) => p.type("b").chord("Ctrl", "a").type("a").chord("Ctrl", "e").type("c"),
      "abc",
    ],
    ["Alt-B", (p) => p.type("a b").chord("Alt", "b").type("c"), "a cb"],
    ["Alt-Backspace", (p) => p.type("a/b").chord("Alt", "Backspace").type("c"), "a/c"],
    ["Escape and a letter", (p) => p.type("a b").press("Escape").type("bc"), "a cb"],
    ["Ctrl-C", (p) => p.type("ab").chord("Ctrl", "c").type("c"), "c"],
  ])("in a terminal: %s", (_key, act, text) => {
    const person = act(terminal()).press("Enter");
    expect(last(person)).toMatchObject({ text, candidates: [text] });
  });

  it.each<[string, (person: Person) => Person, string]>([
    ["Ctrl-A and a character", (p) => p.type("abc").chord("Ctrl", "a").type("d"), "d"],
    ["a selection", (p) => p.type("abc").chord("Shift", "Left").type("d"), "abd"],
    ["a selection to the start", (p) => p.type("abc").chord("Shift", "Home").type("d"), "d"],
    ["Ctrl-Backspace", (p) => p.type("a bc").chord("Ctrl", "Backspace").type("d"), "a d"],
    ["Ctrl-Home", (p) => p.type("abc").press("Left").chord("Ctrl", "Home").type("d"), "dc"],
    ["Ctrl-Left", (p) => p.type("a bc").chord("Ctrl", "Left").type("d"), "a dbc"],
    ["Escape", (p) => p.type("abc").press("Escape").type("d"), "d"],
  ])("on a desktop: %s", (_key, act, text) => {
    expect(last(act(desktop()).press("Enter"))?.text).toBe(text);
  });

  it("in one of several ways makes every text that differs a candidate, and the line uncertain", () => {
    const person = desktop().type("format c:").chord("Ctrl", "a").type("x").press("Enter");
    expect(last(person)?.candidates).toEqual(["x", "xformat c:"]);
    expect(last(person)?.confidence).toBeLessThan(0.9);
  });

  it("believes whoever presses a key of one way only", () => {
    const person = desktop().type("abc").chord("Ctrl", "u").type("d").press("Enter");
    expect(last(person)?.candidates).toEqual(["d", "abcd"]);
  });

  it("repeats a key that is held down", () => {
    const person = terminal();
    person.down(0x61).wait(400).down(0x61).wait(30).down(0x61).up(0x61).press("Enter");
    expect(texts(person)).toEqual(["aaa"]);
  });
});

describe("how sure a line is", () => {
  it("is sure when it was only typed", () => {
    const person = desktop().type("a").press("Enter").type("b").press("Enter");
    expect(person.lines.map(({ confidence }) => confidence)).toEqual([0.9, 0.95]);
  });

  it.each<[string, (person: Person) => Person]>([
    ["completion", (p) => p.type("cd Doc").press("Tab")],
    ["a click", (p) => p.type("abc").click().type("d")],
    ["another window", (p) => p.type("abc").chord("Alt", "Tab").type("d")],
    ["undo", (p) => p.type("abc").chord("Ctrl", "z")],
    ["a search in the history", (p) => p.type("abc").chord("Ctrl", "r").type("d")],
    ["a paste of something unknown", (p) => p.type("abc").chord("Ctrl", "v")],
    ["a gate that was closed", (p) => (p.type("abc").understanding.letGo(p.now), p)],
  ])("is less sure after %s", (_what, act) => {
    expect(last(act(desktop()).press("Enter"))?.confidence).toBeLessThan(0.9);
  });

  it("keeps what was typed before a click among the candidates: the click may have done nothing", () => {
    const person = desktop().type("del /s ").click().type("C:").press("Enter");
    expect(last(person)?.candidates).toEqual(["del /s C:", "C:"]);
    expect(last(desktop().type("del x").click().press("Enter"))?.candidates).toEqual(["del x"]);
  });

  it("takes a finger for a click", () => {
    const touch = (force: string): ReturnType<typeof instruction> =>
      instruction("touch", "0", "5", "5", "1", "1", "0", force);
    const person = desktop().type("del ").client(touch("0.5")).client(touch("0.6"));
    person.client(touch("0")).type("x").press("Enter");
    expect(last(person)?.candidates).toEqual(["del x", "x"]);
    expect(person.understanding.counts.clicks).toBe(1);
  });

  it("goes on editing what was typed before the click", () => {
    const person = desktop().type("del C:/tmp").click();
    person.press("Backspace", "Backspace", "Backspace", "Enter");
    expect(last(person)?.candidates).toEqual(["del C:/"]);
  });

  it("remembers a line that was left in another window", () => {
    const person = desktop().type("del x").chord("Alt", "Tab").type("hi").press("Enter");
    expect(last(person)?.text).toBe("hi");
    person.chord("Alt", "Tab").press("Enter");
    expect(last(person)?.candidates).toContain("del x");
  });

  it("takes Escape and Ctrl-C for what may have done nothing", () => {
    for (const act of [(p: Person) => p.press("Escape"), (p: Person) => p.chord("Ctrl", "c")]) {
      const person = act(desktop().type("del x")).press("Enter");
      expect(last(person)?.candidates).toEqual(["del x"]);
    }
    expect(terminal().type("rm x").chord("Ctrl", "c").press("Enter").lines).toEqual([]);
  });
});

describe("older lines", () => {
  it("come back as they were typed", () => {
    const person = terminal().type("ls").press("Enter").type("id").press("Enter");
    person.press("Up", "Up", "Enter");
    expect(last(person)).toMatchObject({ text: "ls" });
    person.press("Up", "Up", "Down", "Down", "Enter");
    expect(person.lines).toHaveLength(3);
  });

  it("that were typed before the session can not be known", () => {
    const inTerminal = terminal().press("Up", "Enter");
    expect(last(inTerminal)?.unknowable).toMatch(/older line/);
    const onDesktop = desktop().press("Up", "Enter");
    expect(last(onDesktop)).toMatchObject({ text: "", confidence: 0.05 });
    expect(onDesktop.told("line-held")[0]?.unseen).toMatch(/older line/);
  });
});

describe("a paste", () => {
  it("puts the last clipboard of either direction into the line", () => {
    const person = desktop().copies("first").copies("second", "from-server");
    person.type("echo ").chord("Ctrl", "v").press("Enter");
    expect(last(person)).toMatchObject({ text: "echo second", source: "paste" });
  });

  it("by Ctrl-Shift-V or Shift-Insert is one in a terminal, Ctrl-V is none", () => {
    const person = terminal().copies("id");
    person.chord("Ctrl", "Shift", "V").chord("Shift", "Insert").chord("Ctrl", "v").press("Enter");
    expect(last(person)).toMatchObject({ text: "idid", candidates: ["idid"] });
  });

  it("of several lines waits like a Return: the first lines are entered by it", () => {
    const person = terminal().copies("rm x\nid\nwho");
    person.verdict = () => "drop";
    person.type("sudo ").chord("Ctrl", "Shift", "V");
    expect(last(person)).toMatchObject({ text: "sudo rm x\nid", source: "paste" });
    expect(person.pressed).not.toContain(0x56);
    person.verdict = () => "release";
    person.chord("Ctrl", "Shift", "V").type("ami").press("Enter");
    expect(texts(person).slice(1)).toEqual(["sudo rm x\nid", "whoami"]);
  });

  it("by a mouse button waits too, and the button stays up when it may not be", () => {
    const person = terminal().copies("rm x\n");
    person.verdict = () => "drop";
    person.click(4).client(instruction("mouse", "5", "5", "0"));
    expect(texts(person)).toEqual(["rm x"]);
    const buttons = person.toServer.flatMap(({ opcode, args }) =>
      opcode === "mouse" ? args[2] : [],
    );
    expect(buttons).toEqual(["0", "0", "0"]);
  });

  it("of what did not pass here is not known", () => {
    const person = terminal().type("a").chord("Ctrl", "Shift", "V").press("Enter");
    expect(last(person)?.unknowable).toMatch(/did not pass/);
  });
});

describe("shortcuts", () => {
  it.each<[string, readonly string[]]>([
    ["copy", ["Ctrl", "c"]],
    ["paste", ["Ctrl", "v"]],
    ["switch-window", ["Alt", "Tab"]],
    ["run-dialog", ["Super", "r"]],
    ["start-menu", ["Super"]],
    ["secure-attention", ["Ctrl", "Alt", "Delete"]],
    ["lock-screen", ["Super", "l"]],
  ])("%s", (name, keys) => {
    const told = desktop()
      .chord(...keys)
      .told("shortcut");
    expect(told.map((one) => one.name)).toEqual([name]);
  });

  it("are none in a terminal", () => {
    expect(terminal().chord("Ctrl", "c").chord("Alt", "Tab").told("shortcut")).toEqual([]);
  });
});
