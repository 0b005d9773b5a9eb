import { z } from "zod";
import { instant, personName } from "./words.js";

/** The link is handed over in person or by another safe way: an hour is enough, a day is the most. */
const TTL_SECONDS_DEFAULT = 60 * 60;
const TTL_SECONDS_MAX = 24 * 60 * 60;

const enrolledFactor = z.enum(["totp", "webauthn"]);

export const enrolmentBody = z.strictObject({
  factors: z
    .array(enrolledFactor)
    .min(1)
    .max(2)
    .optional()
    .describe("what may be enrolled; the person chooses one. Absent: all that this sidecar takes"),
  ttlSeconds: z.int().min(60).max(TTL_SECONDS_MAX).default(TTL_SECONDS_DEFAULT),
});
export type EnrolmentBody = z.output<typeof enrolmentBody>;

const enrolmentFields = {
  id: z.string().describe("names it for revocation; not secret"),
  person: z.string(),
  factors: z.array(enrolledFactor),
  expiresAt: instant,
};
export const issuedEnrolment = z
  .object({
    ...enrolmentFields,
    link: z.string().describe("whoever opens it enrols as this person; told here and nowhere else"),
  })
  .meta({ id: "IssuedEnrolment", description: "A one-time link to enrol a factor." });
export type IssuedEnrolment = z.output<typeof issuedEnrolment>;
export const openEnrolment = z
  .object({ ...enrolmentFields, issuedBy: z.string() })
  .meta({ id: "OpenEnrolment", description: "A link that nobody has finished yet." });
export type OpenEnrolment = z.output<typeof openEnrolment>;
export const openEnrolments = z.object({ enrolments: z.array(openEnrolment) });
export const enrolmentParams = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "must be the id of an enrolment"),
});
export const enrolmentRevoked = z.object({ id: z.string(), outcome: z.literal("revoked") });

export const factorView = z
  .object({
    id: z.string().describe("`totp`, or the id of a key"),
    factor: enrolledFactor,
    name: z.string().describe("what the person calls it"),
    state: z.enum(["good", "cloned"]).describe("cloned: set aside, its counter fell behind"),
    enrolledAt: instant,
    usedAt: instant.optional(),
  })
  .meta({ id: "EnrolledFactor", description: "What a person has enrolled themselves." });
export type FactorView = z.output<typeof factorView>;
export const factorList = z.object({ factors: z.array(factorView) });

/** An id of WebAuthn has up to 1023 bytes (level 3, section 4). */
const FACTOR_ID_LENGTH_MAX = 1_400;
export const factorParams = z.strictObject({
  name: personName,
  id: z
    .string()
    .max(FACTOR_ID_LENGTH_MAX)
    .regex(/^[A-Za-z0-9_-]+$/, "must be the id of a factor"),
});
export const factorRemoved = z.object({
  person: z.string(),
  id: z.string(),
  outcome: z.literal("removed"),
});
