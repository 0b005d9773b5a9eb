import { z } from "zod";

/** What every refusal looks like. */
export const problem = z
  .object({
    error: z.object({
      code: z.string().describe("CHP_..., see the reference of faults"),
      message: z.string(),
      remedy: z.string(),
    }),
  })
  .meta({ id: "Problem", description: "A refusal: what, and how to mend it." });

export type Problem = z.output<typeof problem>;
