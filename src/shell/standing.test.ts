import { describe, expect, it } from "vitest";
import { analyseLine, learnFromLine, standingIn, type ShellKnowledge } from "./index.js";

const after = (line: string, knowledge: ShellKnowledge = {}): ShellKnowledge =>
  learnFromLine(knowledge, analyseLine(line, knowledge));
const programs = (line: string, knowledge: ShellKnowledge): readonly (string | null)[] =>
  analyseLine(line, knowledge).invocations.map((one) => one.exec);

describe("a shell that says where it stands", () => {
  it("stands there", () => {
    const knowledge = standingIn(after("cd $SOMEWHERE"), "/srv/app");
    expect(knowledge.cwd).toBe("/srv/app");
    expect(after("cd ../etc", knowledge).cwd).toBe("/srv/etc");
  });

  it("still knows what it wrote while nobody knew where it was", () => {
    const knowledge = after("cd $SOMEWHERE && echo 'shred secret' > run.sh");
    expect(knowledge.cwd).toBeUndefined();
    expect(programs("sh ./run.sh", standingIn(knowledge, "/srv/app"))).toContain("shred");
  });

  it("forgets nothing that it knew of other places", () => {
    const knowledge = standingIn(
      after("echo 'shred secret' > /tmp/x.sh; alias ll='ls -l'"),
      "/srv",
    );
    expect(programs("sh /tmp/x.sh", knowledge)).toContain("shred");
    expect(knowledge.aliases?.get("ll")).toBe("ls -l");
  });
});
