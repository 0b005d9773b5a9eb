import { z } from "zod";

/** What a gateway may answer; what is not here is ignored, so that it may say more to later versions. */
const name = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/);
const accountName = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._$\\-]{0,63}$/);
const GROUPS_MAX = 256;
const KEYS_MAX = 64;
const FACTS_MAX = 32;

const facts = z
  .record(z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._/-]{0,63}$/), z.string().max(256))
  .refine((all) => Object.keys(all).length <= FACTS_MAX)
  .default({});

/** To `person`. `person: null`: nobody is called like this. */
export const personAnswer = z.object({
  person: z
    .object({
      groups: z.array(name).max(GROUPS_MAX).default([]),
      keys: z.array(z.string().max(16_384)).max(KEYS_MAX).default([]),
      password: z.boolean().default(true),
      phrase: z.string().min(4).max(100).optional(),
      language: z
        .string()
        .regex(/^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/)
        .optional(),
    })
    .nullable(),
});

/** To `password`. */
export const passwordAnswer = z.object({ accepted: z.boolean() });

/** To `authorize`. */
export const authorizeAnswer = z.discriminatedUnion("allowed", [
  z.object({ allowed: z.literal(false), reason: z.string().max(500).default("not allowed") }),
  z.object({
    allowed: z.literal(true),
    target: name,
    account: accountName,
    labels: facts,
    context: facts,
    /** `configured`: as the sidecar's own configuration says. `ask`: `credential` is asked when it dials. */
    credential: z.enum(["configured", "ask"]).default("configured"),
  }),
]);
export type Authorized = Extract<z.output<typeof authorizeAnswer>, { allowed: true }>;

/** To `credential`. */
export const credentialAnswer = z.union([
  z.object({ password: z.string().min(1).max(4_096) }),
  z.object({
    privateKey: z.string().min(1).max(65_536),
    passphrase: z.string().max(4_096).optional(),
  }),
]);

/** Shown to the person in their terminal: one line, no control characters. */
const shown = (lengthMax: number) =>
  z
    .string()
    .min(1)
    .max(lengthMax)
    .regex(/^[^\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]+$/u);

/** To `challenge`: what the person has to do, or at once what came of it. */
export const challengeAnswer = z.object({
  offer: z
    .object({
      text: shown(200),
      link: shown(500).optional(),
      code: shown(20).optional(),
    })
    .default({ text: "Confirm it on your device." }),
  outcome: z.enum(["accepted", "refused"]).optional(),
});
