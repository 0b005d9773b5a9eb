import { z } from "zod";

/** Words that occur in many calls, each with its bound. What comes in is strict, what goes out is described. */
const SESSION_ID_LENGTH_MAX = 128;
const REASON_LENGTH_MAX = 500;
const MESSAGE_LENGTH_MAX = 1_000;
const LABELS_MAX = 32;

export const sessionIdText = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "must be the id of a session")
  .max(SESSION_ID_LENGTH_MAX);
export const personName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._@-]{0,127}$/, "must be the name of a person");
export const targetName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/, "must be the name of a target");
export const accountName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._$\\-]{0,63}$/, "must be the name of an account");
export const groupName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/, "must be the name of a group");

/**
 * Shown to people and written into events: no control characters, no lone surrogates, nothing that ends a
 * line or turns its direction.
 */
const PLAIN_TEXT = /^[^\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]*$/u;
export const plainText = (lengthMax: number) =>
  z.string().min(1).max(lengthMax).regex(PLAIN_TEXT, "must be one line without control characters");

export const reasonText = plainText(REASON_LENGTH_MAX).describe(
  "why: stands in the events, and is shown to the person where they are told",
);
export const messageText = plainText(MESSAGE_LENGTH_MAX).describe("what the person reads");

/** Small facts by name, such as labels of a target. */
export const smallFacts = z
  .record(
    z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._/-]{0,63}$/, "must be a short name"),
    plainText(256),
  )
  .refine((facts) => Object.keys(facts).length <= LABELS_MAX, `at most ${LABELS_MAX} entries`);

export const instant = z.string().describe("RFC 3339, UTC");
