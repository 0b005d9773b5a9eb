import { describe, expect, it } from "vitest";
import { fileCalls } from "./file-calls.js";
import type { LanguageName } from "./language.js";
import { shellCalls } from "./shell-calls.js";
import { nameSurroundings } from "./surroundings-names.js";

describe("a program of another language", () => {
  it.each<[LanguageName, string, readonly string[]]>([
    ["python", 'for p in ["a", "b"]:\n    os.system("ls " + p)', ["ls a", "ls b"]],
    ["python", '[os.system("ls " + p) for p in ["a", "b"]]', ["ls a", "ls b"]],
    ["perl", 'for my $p (qw(a b)) { system("ls $p") }', ["ls a", "ls b"]],
    ["perl", 'system "ls $_" for ("a", "b")', ["ls a", "ls b"]],
    ["ruby", '%w[a b].each { |p| system("ls #{p}") }', ["ls a", "ls b"]],
    ["node", '["a", "b"].forEach((p) => cp.execSync(`ls ${p}`))', ["ls a", "ls b"]],
  ])("is looked at once for each value of a loop (%s: %s)", (language, code, commands) => {
    expect(shellCalls(code, language)).toEqual(commands);
  });

  it.each<[LanguageName, string, string]>([
    ["python", "exec('os.system(\"id\")')", "id"],
    ["perl", 'eval "system(q(id))"', "id"],
    ["php", 'eval(base64_decode("c3lzdGVtKCJpZCIpOw=="));', "id"],
    ["perl", '$c = "id"; `$c -u`', "id -u"],
    ["python", "c = 'id'; os.system(f'{c} -u')", "id -u"],
  ])("is followed into the program that it makes (%s: %s)", (language, code, command) => {
    expect(shellCalls(code, language)).toContain(command);
  });

  it.each<[LanguageName, string]>([
    ["python", "os.popen('sh', 'w').write('id')"],
    ["python", "subprocess.run(['sh'], input=b'id')"],
    ["perl", 'open(F, "|sh"); print F "id"'],
    ["node", 'cp.execSync("sh", { input: "id" })'],
  ])("feeds the shell that it starts (%s: %s)", (language, code) => {
    expect(shellCalls(code, language).some((one) => one?.startsWith("printf %s 'id' |"))).toBe(
      true,
    );
  });

  it("costs bounded work when it is nothing but loops", () => {
    const code = 'for x in ["a", "b"]: system(x)\n'.repeat(400);
    expect(shellCalls(code, "python").length).toBeLessThanOrEqual(64);
    expect(fileCalls(`[x].each { |y| rm_r y }\n`.repeat(400), "ruby").length).toBeLessThan(64);
  });

  it("finds words and variables under names of their own, and leaves what is not known", () => {
    const asked = {
      variable: (name: string) => (name === "X" ? "1" : null),
      file: () => null,
      words: new Map([["argv", ["-", "two"]]]),
    };
    const named = nameSurroundings('os.environ["X"] os.environ["Y"] "$ENV{X}" sys.argv[1]', asked);
    expect(named.code).toBe('env_X os.environ["Y"] "$env_X" word_1');
    expect([...named.values]).toEqual([
      ["env_X", "1"],
      ["word_1", "two"],
    ]);
  });
});
