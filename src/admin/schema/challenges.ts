import { z } from "zod";
import { instant } from "./words.js";

export const challengeView = z
  .object({
    id: z.string(),
    session: z.string(),
    person: z.string(),
    target: z.string(),
    channel: z.int(),
    factor: z.string(),
    trigger: z.string(),
    attempts: z.int().describe("answers that may be given"),
    requestedAt: instant,
  })
  .meta({ id: "Challenge", description: "A question to a person that is not answered yet." });
export type ChallengeView = z.output<typeof challengeView>;

export const challengeList = z.object({ challenges: z.array(challengeView) });

export const challengeParams = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,159}$/, "must be the id of a challenge"),
});
export const answerBody = z.strictObject({ outcome: z.enum(["accepted", "refused"]) });
export const answerTaken = z.object({ id: z.string(), outcome: z.enum(["accepted", "refused"]) });
