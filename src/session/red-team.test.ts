import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { EventDraft } from "../events/index.js";
import { openBashLab, type BashLab, type BashLabOptions } from "./bash-lab.testing.js";

/**
 * Ways to make the shell run what a rule forbids, tried at a real bash. The file system is the judge:
 * the folder `precious` is still there, or an event says that we were not sure.
 */
interface Attack {
  readonly by: string;
  /** Typed one after the other, each when the terminal has become quiet. */
  readonly keys: readonly string[];
  readonly options?: BashLabOptions;
}

async function attack(
  { keys, options }: Pick<Attack, "keys" | "options">,
  judge: (lab: BashLab, precious: string) => void | Promise<void>,
): Promise<void> {
  const lab = await openBashLab(options);
  try {
    const precious = join(lab.home, "precious");
    mkdirSync(precious);
    for (const part of keys) {
      lab.type(part);
      await lab.quiet();
    }
    await lab.quiet(300);
    await judge(lab, precious);
  } finally {
    lab.close();
  }
}

function commands(lab: BashLab): readonly (EventDraft & { type: "command.entered" })[] {
  return lab.events.filter((event) => event.type === "command.entered");
}

function story(lab: BashLab): string {
  const told = commands(lab).map(({ data }) =>
    JSON.stringify([data.decision, data.text, data.confidence, data.unparsed]),
  );
  return `${lab.screen()}\n${told.join("\n")}`;
}

/** Nothing forbidden ran. */
function stops(attacks: readonly Attack[]): void {
  it.each(attacks)("by $by", async (one) => {
    await attack(one, (lab, precious) => {
      expect(existsSync(precious), story(lab)).toBe(true);
      expect(
        commands(lab).some(({ data }) => data.decision === "blocked"),
        story(lab),
      ).toBe(true);
    });
  });
}

/** What runs can not be known from outside: somebody is told. */
function alerts(attacks: readonly Attack[]): void {
  it.each(attacks)("by $by", async (one) => {
    await attack(one, (lab) => {
      expect(
        commands(lab).some(({ data }) => data.decision === "alerted"),
        story(lab),
      ).toBe(true);
    });
  });
}

describe("words that only the shell knows", () => {
  const unknown: Attack[] = [
    {
      by: "flags in a variable of the profile",
      keys: ["rm $zz precious\r"],
      options: { rc: "zz=-rf" },
    },
    {
      by: "a command in a variable of the profile",
      keys: ["$zz -rf precious\r"],
      options: { rc: "zz=rm" },
    },
  ];
  describe("are told where a rule may forbid them", () => alerts(unknown));
  describe("are stopped where policy says so", () =>
    stops(
      unknown.map((one) => ({
        ...one,
        options: { ...one.options, doubt: { onUnparsed: "block" } },
      })),
    ));

  it("are no reason to stop a line that no rule can mean", async () => {
    await attack(
      { keys: ["ls $zz\r"], options: { rc: "zz=-la", doubt: { onUnparsed: "block" } } },
      (lab) => expect(commands(lab).map(({ data }) => data.decision)).toEqual(["allowed"]),
    );
  });
});
