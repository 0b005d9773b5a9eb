import { z } from "zod";
import { DURATION } from "./duration.js";

/** The words that the schema of the configuration is made of. */
export const port = z.int().min(0).max(65_535).describe("0 = any free port");
export const duration = (fallback: string) =>
  z.string().regex(DURATION, "must be a duration such as 500ms, 30s, 5m or 1h").default(fallback);
export const count = (fallback: number, most: number) => z.int().min(1).max(most).default(fallback);
export const path = z.string().min(1).max(4_096);
/** Names that appear in SSH user names: none of the separators can hide in them. */
export const name = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/, "must be 1 to 64 of letters, digits, `.`, `_`, `-`");
export const personName = z
  .string()
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9._@-]{0,127}$/,
    "must be 1 to 128 of letters, digits, `.`, `_`, `-`, `@`",
  );
export const accountName = z
  .string()
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9._$\\-]{0,63}$/,
    "must be 1 to 64 of letters, digits, `.`, `_`, `-`, `$`, `\\`",
  );

/** Which of the keys is given is checked in resolve.ts, with a better message than a union's. */
export const secret = z
  .strictObject({
    env: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "must be the name of an environment variable")
      .optional()
      .describe("name of an environment variable that holds it"),
    file: path.optional().describe("file that holds it; one final newline is not part of it"),
    value: z
      .string()
      .min(1)
      .optional()
      .describe("the secret itself: for tests only, warned about at every start"),
  })
  .describe("a reference to a secret: exactly one of `env`, `file`, `value`");
