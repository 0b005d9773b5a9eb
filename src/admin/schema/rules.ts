import { z } from "zod";
import { instant } from "./words.js";

export const ruleView = z
  .object({
    id: z.string(),
    name: z.string(),
    file: z.string(),
    line: z.int(),
    mode: z.enum(["enforce", "shadow", "off"]),
  })
  .meta({ id: "Rule", description: "A rule in force." });

export const rulesInForce = z
  .object({
    digest: z.string(),
    files: z.array(z.string()),
    rules: z.array(ruleView),
    warnings: z.array(z.string()).describe("exceptions and overrides that have ended"),
  })
  .meta({ id: "RulesInForce", description: "The compiled rule set." });
export type RulesInForce = z.output<typeof rulesInForce>;

/** A rule pack is written by people; the largest known one has 600 KiB. */
export const RULES_BODY_BYTES_MAX = 1024 * 1024;
const FILES_MAX = 64;

export const validateBody = z.strictObject({
  files: z
    .array(
      z.strictObject({
        file: z
          .string()
          .regex(/^[A-Za-z0-9._/-]{1,200}$/, "must be a plain file name")
          .describe("a name for places in faults"),
        text: z.string().max(RULES_BODY_BYTES_MAX),
      }),
    )
    .min(1)
    .max(FILES_MAX),
});
export type RuleText = z.output<typeof validateBody>["files"][number];

export const faultView = z
  .object({
    code: z.string(),
    message: z.string(),
    file: z.string().optional(),
    line: z.int().optional(),
    column: z.int().optional(),
  })
  .meta({ id: "Fault", description: "What is wrong, and where." });
export type FaultView = z.output<typeof faultView>;

export const validated = z
  .object({
    valid: z.boolean(),
    digest: z.string().optional(),
    rules: z.int().optional(),
    faults: z.array(faultView),
    failedTests: z.array(z.object({ rule: z.string(), message: z.string() })),
  })
  .meta({ id: "Validated", description: "Whether the files compile and pass their own tests." });
export type Validated = z.output<typeof validated>;

export const reloaded = z
  .object({ loaded: z.boolean(), digest: z.string(), rules: z.int(), faults: z.array(faultView) })
  .meta({ id: "Reloaded", description: "`loaded: false`: the last good set stays in force." });
export type Reloaded = z.output<typeof reloaded>;

export const shadowRow = z.object({
  rule: z.string(),
  name: z.string(),
  hits: z.int(),
  wouldHave: z.record(z.string(), z.int()).describe("what would have been done, how often"),
  persons: z.int().describe("how many different people; counted up to 1000"),
  last: instant,
});
export const shadowReport = z
  .object({ since: instant, rows: z.array(shadowRow), dropped: z.int() })
  .meta({
    id: "ShadowReport",
    description: "What rules in shadow mode would have done since the sidecar started.",
  });
export type ShadowReport = z.output<typeof shadowReport>;
