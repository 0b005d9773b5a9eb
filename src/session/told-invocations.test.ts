import { describe, expect, it } from "vitest";
import { analyseLine, learnFromLine } from "../shell/index.js";
import { toldInvocations } from "./told-invocations.js";

describe("the programs of a line", () => {
  it("are told once where the shell may be in one of two folders", () => {
    // Some shells change to a folder that is typed as a command.
    const knowledge = learnFromLine({}, analyseLine("/tmp/", {}));
    const { invocations } = analyseLine("say a b", knowledge);
    expect(toldInvocations(invocations)).toEqual([{ argv: ["say", "a", "b"], via: [] }]);
  });

  it("are told as often as they run", () => {
    const { invocations } = analyseLine("say a; say a; cd /x; say a", {});
    expect(toldInvocations(invocations).map(({ argv }) => argv[0])).toEqual([
      "say",
      "say",
      "cd",
      "say",
    ]);
  });
});
