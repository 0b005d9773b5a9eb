import { z } from "zod";
import { instant, personName, reasonText } from "./words.js";

export const personView = z
  .object({
    name: z.string(),
    groups: z.array(z.string()),
    factors: z.array(z.string()).describe("what they can prove themselves with"),
    sessions: z.int(),
    lock: z
      .object({
        by: z.string(),
        reason: z.string(),
        since: instant.optional(),
        until: instant.optional().describe("absent: until somebody unlocks"),
      })
      .optional()
      .describe("by an operator or a rule, or by too many wrong answers"),
    proofOwed: z
      .object({ trigger: z.string(), reason: z.string() })
      .optional()
      .describe("their next session begins with the question who they are"),
  })
  .meta({ id: "Person", description: "A person of the directory. Nothing secret." });
export type PersonView = z.output<typeof personView>;

export const peopleList = z.object({ people: z.array(personView), total: z.int() });
const LIST_MAX = 1_000;
export const peopleQuery = z.strictObject({
  locked: z.stringbool({ truthy: ["true"], falsy: ["false"] }).optional(),
  limit: z.coerce.number().int().min(1).max(LIST_MAX).default(200),
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
});
export const personParams = z.strictObject({ name: personName });

const LOCK_SECONDS_MAX = 365 * 24 * 60 * 60;
export const lockBody = z.strictObject({
  reason: reasonText,
  seconds: z
    .int()
    .min(1)
    .max(LOCK_SECONDS_MAX)
    .optional()
    .describe("absent: until somebody unlocks"),
  keepSessions: z.boolean().default(false).describe("false: open sessions are killed as well"),
});
export type LockBody = z.output<typeof lockBody>;
export const lockTaken = z.object({
  person: z.string(),
  outcome: z.enum(["done", "already"]),
  sessions: z.int().describe("how many open sessions were ended with it"),
  known: z
    .boolean()
    .describe(
      "false: the sidecar has not heard of this name; somebody whom only a gateway knows may still come by it",
    ),
});
export type LockTaken = z.output<typeof lockTaken>;
