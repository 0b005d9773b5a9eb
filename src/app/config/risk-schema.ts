import { z } from "zod";
import { duration } from "./schema-words.js";

/** `0.5%`: the only form, so that nobody takes 0.5 for a half. */
const SHARE = /^(?<percent>\d{1,2}(?:\.\d{1,6})?)%$/;

const step = z.union([
  z.int().min(1).max(100),
  z.literal("never"),
  z.strictObject({
    falseAlarms: z
      .string()
      .regex(SHARE, "must look like 0.5%")
      .describe(
        "the score that a person's own behaviour reaches in this share of looks, were all detectors calibrated and independent",
      ),
  }),
]);

/** `risk:`; absent: behaviour is not watched at all. */
export const riskSchema = z
  .strictObject({
    mode: z
      .enum(["enforce", "shadow"])
      .default("enforce")
      .describe("shadow: everything is learnt and told, no step is taken"),
    steps: z
      .strictObject({
        notify: step.default(30),
        warn: step.default(45),
        reauth: step.default(60),
        suspend: step.default(80),
        kill: step.default("never"),
      })
      .prefault({})
      .describe("score of a session (1..100) from which a step is taken"),
    hysteresis: z
      .int()
      .min(0)
      .max(50)
      .default(10)
      .describe("a step is left when the score falls so far below it"),
    halfLife: duration("10m").describe("a sign that is not seen again counts half after so long"),
    grace: duration("30m").describe(
      "after a passed reauth, when and from where the session comes does not count for so long",
    ),
  })
  .describe(
    "how people type and work is learnt and compared, and odd sessions are stepped into; absent: off. See docs/guide/behaviour.md",
  );

type RiskEntry = z.output<typeof riskSchema>;
export type StepEntry = RiskEntry["steps"]["kill"];

/** Of `0.5%`: 0.005. */
export function shareOf(text: string): number {
  return Number(SHARE.exec(text)?.groups?.["percent"] ?? 0) / 100;
}
