import { z } from "zod";
import { instant, sessionIdText } from "./words.js";

export const challengeView = z
  .object({
    id: z.string(),
    session: z.string(),
    question: z.int().describe("numbers the questions of the session"),
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
/** More is no password that a person types. */
const ANSWER_LENGTH_MAX = 256;
export const answerBody = z.union([
  z.strictObject({
    outcome: z
      .enum(["accepted", "refused"])
      .describe("what came of a challenge that the webhook factor was told"),
  }),
  z.strictObject({
    answer: z
      .string()
      .min(1)
      .max(ANSWER_LENGTH_MAX)
      .describe("what the person would have typed: a code, a password"),
  }),
]);
export type AnswerBody = z.output<typeof answerBody>;
export const answerTaken = z.object({
  id: z.string(),
  outcome: z.enum(["accepted", "refused"]),
  reason: z
    .string()
    .optional()
    .describe("of a typed answer that was refused: wrong, reused, locked, unavailable"),
});
export type AnswerTaken = z.output<typeof answerTaken>;
export const challengeQuery = z.strictObject({ session: sessionIdText.optional() });
