import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fileCalls, type FileAct } from "./file-calls.js";
import { LANGUAGES, type LanguageName } from "./language.js";

function told(act: FileAct): string {
  if (act.act === "delete") return `delete ${act.path ?? "?"}${act.recursive ? " -r" : ""}`;
  if (act.act === "print") return `print ${act.text ?? "?"}`;
  return `write ${act.path}${act.append ? " +" : ""} ${act.text ?? "?"}`;
}

describe("files that a program of another language deletes and writes", () => {
  it.each<[LanguageName, string, readonly string[]]>([
    ["python", 'open("f", "w").write("id")', ["write f id"]],
    ["python", 'with open("f", "a") as x:\n x.write("i" + "d")', ["write f + id"]],
    ["python", 'f = open("f", "w"); f.write("a"); f.write("b")', ["write f a", "write f + b"]],
    ["python", 'open("f").read()', []],
    ["python", 'open("f", "w").write(name)', ["write f ?"]],
    ["python", 'print("id", file=open("f", "w"))', ["write f id\n"]],
    ["python", 'Path("f").write_text("id")', ["write f id"]],
    ["python", 'os.remove("a"); shutil.rmtree("b")', ["delete a", "delete b -r"]],
    ["python", "items.remove(x)", []],
    ["python", "shutil.rmtree(x)", ["delete ? -r"]],
    ["python", "# shutil.rmtree('b')", []],
    ["perl", 'open(F, ">f"); print F "id"', ["write f id"]],
    ["perl", 'open my $h, ">>", "f"; print {$h} "id"', ["write f + id"]],
    ["perl", 'open(F, "<f"); print "id"', ["print id"]],
    ["ruby", 'File.open("f", "w") { |x| x.puts "id" }', ["write f id"]],
    ["ruby", 'File.write("f", "id")', ["write f id"]],
    ["node", 'fs.appendFileSync("f", "id")', ["write f + id"]],
    ["node", 'fs.rmSync("f", { recursive: true })', ["delete f -r"]],
    ["php", 'file_put_contents("f", "id"); echo "x";', ["write f id", "print x\n"]],
    ["lua", 'f = io.open("f", "w") f:write("id")', ["write f id"]],
    ["awk", 'BEGIN { print "id" > "f"; print "x" }', ["write f id\n", "print x\n"]],
    ["awk", '{ print $1 | "sort" }', []],
    ["lisp", '(delete-directory "x" t)', ["delete x -r"]],
  ])("%s: %s", (language, code, acts) => {
    expect(fileCalls(code, language).map(told)).toEqual(acts);
  });

  it("are looked for in any text without failing, and are never more than are followed", () => {
    const piece = fc.constantFrom(
      "open(",
      '"f"',
      ",",
      '"w"',
      ")",
      ".write(",
      "print ",
      "f",
      "=",
      "rmtree(",
      "{",
      "|",
      "as ",
      "$h",
      ">",
      "[",
      "\n",
    );
    const language = fc.constantFrom(...(Object.keys(LANGUAGES) as LanguageName[])); // the keys of a constant
    fc.assert(
      fc.property(language, fc.array(piece, { maxLength: 60 }), (name, pieces) => {
        expect(fileCalls(pieces.join(""), name).length).toBeLessThan(600);
      }),
    );
  });

  it.each(["open(", 'open("f","w").write(', "print ", "rmtree(", "f=open("])(
    "cost bounded time in %j, however often",
    (piece) => {
      expect(fileCalls(piece.repeat(3_000), "python").length).toBeLessThan(600);
    },
  );
});
