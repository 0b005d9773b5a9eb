import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { analyseLine, learnFromLine, type ShellKnowledge } from "../index.js";
import { DELETING_PROGRAMS, deletionsOf } from "./deletions.js";

/** What the last of some lines deletes, typed one after the other; `-r` behind what goes with all below. */
function deletedBy(...lines: readonly string[]): readonly string[] {
  let knowledge: ShellKnowledge = { cwd: "/home/alice", home: "/home/alice" };
  let found: readonly string[] = [];
  for (const line of lines) {
    const analysis = analyseLine(line, knowledge);
    found = analysis.invocations.flatMap(({ deletes = [] }) =>
      deletes.map(({ path, recursive }) => `${path ?? "?"}${recursive ? " -r" : ""}`),
    );
    knowledge = learnFromLine(knowledge, analysis);
  }
  return found;
}

describe("what a command deletes", () => {
  it.each<[string, readonly string[]]>([
    ["rm -rf a /b", ["a -r", "/b -r"]],
    ["rm a -- -b", ["a", "-b"]],
    ["rm --recurs a", ["a -r"]],
    ["rm -rf $x", ["? -r"]],
    ["find -L a b -name x -delete", ["a -r", "b -r"]],
    ["find a -name x", []],
    ["git -C /srv/app clean -fdx", ["/srv/app/* -r"]],
    ["git clean -nfd", []],
    ["git rm -r --cached a", []],
    ["rsync -a --delete a/ b/", ["b/ -r"]],
    ["rsync -a --delete a/ host:b", []],
    ["rsync -a --remove-source-files a b host:c", ["a -r", "b -r"]],
    ["mv a b /dev/null", ["a -r", "b -r"]],
    ["mv a b", []],
    ["tar czf x.tgz --remove-files -C /srv app", ["/srv/app -r"]],
    ["zip -rm x.zip a", ["a -r"]],
    ["zip -r x.zip a", []],
    ["sudo xargs rm -r <<< /x", ["/x -r"]],
    ["python3 -c 'import shutil; shutil.rmtree(\"/x\")'", ["/x -r"]],
    ['perl -e \'unlink "a", "b"\'', ["a", "b"]],
    ["node -e 'fs.rmSync(\"/x\", { recursive: true })'", ["/x -r"]],
    ['ruby -e \'FileUtils.rm_rf(["a", "b"])\'', ["a -r", "b -r"]],
    ["python3 -c 'print(\"shutil.rmtree()\")'", []],
  ])("%s", (line, expected) => {
    expect(deletedBy(line)).toEqual(expected);
  });

  it("is what a link, a moved folder or a mount leads to, and a link itself where it is the last part", () => {
    expect(deletedBy("ln -s / x", "rm -rf x/etc")).toContain("/etc -r");
    expect(deletedBy("ln -s / x", "rm -rf x")).toEqual(["x -r"]);
    expect(deletedBy("ln -s / x", "rm x", "rm -rf x/etc")).toEqual(["x/etc -r"]);
    expect(deletedBy("mv /etc /tmp/y", "rm -rf /tmp/y")).toContain("/etc -r");
    expect(deletedBy("mount --bind / /mnt", "rm -rf /mnt/etc")).toContain("/etc -r");
    expect(deletedBy("docker run -v /srv:/x alpine rm -rf /x/a")).toContain("/srv/a -r");
    expect(deletedBy("ln -s b a", "ln -s a b", "rm -rf a/x")).toHaveLength(1);
  });

  it("is told of any words without failing, and never of programs that delete nothing", () => {
    const word = fc.option(
      fc.oneof(
        fc.string({ maxLength: 8 }),
        fc.constantFrom("-r", "--delete", "-C", "clean", "--", "-f"),
      ),
    );
    fc.assert(
      fc.property(fc.constantFrom(...DELETING_PROGRAMS, "ls"), fc.array(word), (exec, words) => {
        const found = deletionsOf(exec, [exec, ...words]);
        if (exec === "ls") expect(found).toBeUndefined();
        else expect(found?.length ?? 1).toBeGreaterThan(0);
      }),
    );
  });
});
