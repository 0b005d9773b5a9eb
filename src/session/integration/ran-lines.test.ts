import { describe, expect, it } from "vitest";
import { createRanLines, type Agreement, type ReleasedLine } from "./ran-lines.js";

const line = (text: string, more: Partial<ReleasedLine> = {}): ReleasedLine => ({
  candidates: [text],
  alone: text.split("\n").at(-1) ?? text,
  hidden: false,
  program: false,
  ...more,
});

function verdictOf(
  released: readonly ReleasedLine[],
  text: string,
  more: { readonly cut?: boolean; readonly unsure?: boolean } = {},
): Agreement["verdict"] {
  const lines = createRanLines();
  for (const one of released) lines.released(one);
  return lines.ran({ text, cut: false, unsure: false, ...more }).verdict;
}

describe("what a shell says it runs, beside what was judged", () => {
  it("is the same when one of the judged readings is it", () => {
    expect(verdictOf([line("ls", { candidates: ["lx", "ls"] })], "ls")).toBe("same");
    expect(verdictOf([line("ls  -l ")], "ls -l")).toBe("same");
  });

  it("is different when none is, or nothing was judged", () => {
    expect(verdictOf([line("ls")], "rm x")).toBe("different");
    expect(verdictOf([], "ls")).toBe("different");
    expect(verdictOf([line("rm x")], "rm")).toBe("different");
    expect(verdictOf([line("rm; x")], "rm x")).toBe("different");
  });

  it("is not what a program was told in its own language", () => {
    expect(verdictOf([line("rm x", { program: true })], "rm x")).toBe("different");
  });

  it("is found behind lines that were answers to programs, and once", () => {
    const lines = createRanLines();
    for (const text of ["y", "ls"]) lines.released(line(text));
    const claim = { text: "ls", cut: false, unsure: false };
    expect(lines.ran(claim).verdict).toBe("same");
    expect(lines.ran(claim).verdict).toBe("different");
  });

  it("is the same when bash's history has joined its lines", () => {
    const rows: readonly (readonly [string, string])[] = [
      ["for i in 1 2\ndo echo $i\ndone", "for i in 1 2; do echo $i; done"],
      ["if true\nthen\n  echo x\nfi", "if true; then echo x; fi"],
      ["echo a \\\nb", "echo a b"],
      ["cat <<X\na;b\nX", "cat <<X\na;b\nX"],
    ];
    for (const [judged, text] of rows) expect(verdictOf([line(judged)], text)).toBe("same");
    expect(verdictOf([line("echo a\necho b")], "echo a; rm b")).toBe("different");
  });

  it("is the same when the lines were judged one by one", () => {
    expect(verdictOf([line("echo 'a"), line("b'")], "echo 'a\nb'")).toBe("same");
  });

  it("is the commands of a paste, one after the other", () => {
    const lines = createRanLines();
    lines.released(line("# note\nif true\nthen echo x; fi\necho y"));
    for (const text of ["if true; then echo x; fi", "echo y"])
      expect(lines.ran({ text, cut: false, unsure: false }).verdict).toBe("same");
    expect(lines.ran({ text: "echo y", cut: false, unsure: false }).verdict).toBe("different");
  });

  it("is not the text of a here-document", () => {
    expect(verdictOf([line("cat <<X\nrm x\nX")], "rm x")).toBe("different");
  });

  it("is the same as far as a long one is told", () => {
    expect(
      verdictOf([line(`echo ${"x".repeat(50)}`)], `echo ${"x".repeat(20)}`, { cut: true }),
    ).toBe("same");
    expect(verdictOf([line("echo yx")], "echo x", { cut: true })).toBe("different");
  });

  it("is unknown when the shell does not know itself, but not when it was judged", () => {
    expect(verdictOf([line(" ls")], "before", { unsure: true })).toBe("unknown");
    expect(verdictOf([line("before")], "before", { unsure: true })).toBe("same");
  });

  it("forgets what was typed unseen with the next prompt, but not that something was", () => {
    const lines = createRanLines();
    lines.released(line("secret", { hidden: true }));
    lines.prompted();
    expect(lines.ran({ text: "secret", cut: false, unsure: false })).toEqual({
      verdict: "different",
      hidden: true,
    });
  });

  it("is looked for in a bounded number of lines", () => {
    const many = Array.from({ length: 200 }, (_, i) => line(`echo ${String(i)}`));
    expect(verdictOf(many, "echo 0")).toBe("different");
    expect(verdictOf(many, "echo 199")).toBe("same");
    expect(verdictOf([line("a"), line("x".repeat(300_000))], "a")).toBe("different");
  });
});
