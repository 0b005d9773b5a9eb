import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LanguageName } from "./language.js";
import { shellCalls } from "./shell-calls.js";

describe("commands that a program of another language starts", () => {
  it.each<[LanguageName, string, readonly (string | null)[]]>([
    ["python", 'os.system("id")', ["id"]],
    ["python", "os.system('a' 'b' + \"c\")", ["abc"]],
    ["python", 'x = "i" + "d"\nos.system(x)', ["id"]],
    ["python", 'os.system(f"{chr(105)}d")', ["id"]],
    ["python", 'os.system("%s -%c" % ("id", 117))', ["id -u"]],
    ["python", 'os.system("{} {}".format("id", "-u"))', ["id -u"]],
    ["python", 'os.system("di"[::-1])', ["id"]],
    ["python", "os.system(bytes([105, 100]).decode())", ["id"]],
    ["python", 'os.system(codecs.decode("vq", "rot13"))', ["id"]],
    ["python", 'subprocess.run(["ls", "-l", name])', [`'ls' '-l' "\${_unknown_word_}"`]],
    ["python", 'subprocess.Popen(args=["x"], shell=True)', ["'x'"]],
    ["python", "os.system(name)", [null]],
    ["python", 'os.system("id" if x else "ls")', [null]],
    ["python", "def system(x): pass", []],
    ["python", '# os.system("id")\nprint("os.system(1)")', []],
    ["python", "'''\ntext\n'''; os.system('''id''')", ["id"]],
    ["python", 'open("file.txt").read()', [""]],
    ["perl", "system qw(ls -l)", ["'ls' '-l'"]],
    ["perl", "open(F, 'id |')", ["id "]],
    ["perl", '$a = "i"; system("${a}d")', ["id"]],
    ["perl", "print qx{id}", ["id"]],
    ["ruby", "system(\"#{'i'}d\")", ["id"]],
    ["ruby", "%x(id)", ["id"]],
    ["ruby", "100 % x(id)", []],
    ["node", "cp.execFile('ls', ['-l'], cb)", ["'ls' '-l'"]],
    ["node", "cp.exec('id', (e) => e)", ["id"]],
    ["node", "const a = 'i'; cp.execSync(`${a}d`)", ["id"]],
    ["php", "<?php echo `id`; // system('x')", ["id"]],
    ["lua", "os.execute([[id]]) -- os.execute('x')", ["id"]],
    ["awk", 'BEGIN { while ("id" | getline x) print x | "sort" }', ["id", "sort"]],
    ["awk", 'BEGIN { system("i" "d") }', ["id"]],
    ["lisp", '(call-process "ls" nil nil nil "-l")', ["'ls' '-l'"]],
  ])("%s: %s", (language, code, commands) => {
    expect(shellCalls(code, language)).toEqual(commands);
  });

  it("are looked for in any text without failing, and are never more than are followed", () => {
    const piece = fc.constantFrom(
      ..."system( exec os. \"a\" 'b' + . .. , ) ( [ ] :: : -1 % chr( 65 $x #{ } ` qw( x = | getline \\ \n % { } f\" ''' [[ ]]".split(
        " ",
      ),
    );
    const code = fc.array(fc.oneof(piece, fc.string({ unit: "binary", maxLength: 3 })), {
      maxLength: 60,
    });
    const languages = fc.constantFrom<LanguageName>(
      "python",
      "perl",
      "ruby",
      "node",
      "php",
      "lua",
      "awk",
      "lisp",
      "other",
    );
    fc.assert(
      fc.property(code, languages, (pieces, language) => {
        expect(shellCalls(pieces.join(""), language).length).toBeLessThanOrEqual(33);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(["system(", "(", "[", '"a"+', "x=", "a.b(", "[::", "qw(", 'f"{', "system 'a',", "|"])(
    "cost bounded time in %j, however often",
    (piece) => {
      expect(shellCalls(piece.repeat(20_000), "python").length).toBeLessThanOrEqual(33);
    },
  );
});
