import { z } from "zod";
import { instant, reasonText } from "./words.js";

export const approvalView = z
  .object({
    id: z.string(),
    session: z.string(),
    person: z.string(),
    account: z.string(),
    target: z.string(),
    channel: z.int(),
    subject: z.string().describe("the command, or what else waits"),
    rule: z.string().optional(),
    message: z.string().optional(),
    approvers: z.array(z.string()).describe("who may decide; empty: every operator but the person"),
    requestedAt: instant,
    expiresAt: instant,
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
export const decisionTaken = z.object({ id: z.string(), outcome: z.enum(["approved", "denied"]) });
export type DecisionTaken = z.output<typeof decisionTaken>;
