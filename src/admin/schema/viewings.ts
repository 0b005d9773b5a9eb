import { z } from "zod";
import { instant } from "./words.js";

/** To be opened at once, and looked at for a working day at most. */
const TTL_SECONDS_DEFAULT = 15 * 60;
const TTL_SECONDS_MAX = 8 * 60 * 60;

export const viewingBody = z.strictObject({
  ttlSeconds: z
    .int()
    .min(30)
    .max(TTL_SECONDS_MAX)
    .default(TTL_SECONDS_DEFAULT)
    .describe("how long the link opens; what is being watched then goes on"),
});

export const issuedViewing = z
  .object({
    link: z
      .string()
      .describe("works in the first browser that opens it; told here and nowhere else"),
    expiresAt: instant,
  })
  .meta({ id: "IssuedViewing", description: "A page that shows one desktop." });
export type IssuedViewing = z.output<typeof issuedViewing>;
