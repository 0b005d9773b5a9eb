import { z } from "zod";
import { instant, reasonText } from "./words.js";

const approvalView = z
  .object({
    id: z.string(),
    session: z.string(),
    person: z.string(),
    account: z.string(),
    target: z.string(),
    origin: z.string(),
    action: z.string().describe("what waits: `command`, or the kind of a channel"),
    held: z
      .string()
      .optional()
      .describe("the line or the request; absent when it was typed unseen"),
    rule: z.string(),
    reason: z.string(),
    approvers: z.array(z.string()).describe("who may decide; empty: every operator"),
    needed: z.int().describe("how many have to agree"),
    approvedBy: z.array(z.string()),
    askedAt: instant,
    deadline: instant,
  })
  .meta({ id: "Approval", description: "Something that waits for a second pair of eyes." });
export type ApprovalView = z.output<typeof approvalView>;

export const approvalList = z.object({ approvals: z.array(approvalView) });
export const approvalParams = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,159}$/, "must be the id of an approval"),
});
export const decisionBody = z.strictObject({
  decision: z.enum(["approve", "deny"]),
  reason: reasonText.optional(),
});
export const decisionTaken = z.object({
  id: z.string(),
  outcome: z.enum(["approved", "denied", "counted"]).describe("counted: more have to agree"),
  missing: z.int().optional(),
});
export type DecisionTaken = z.output<typeof decisionTaken>;
