import { z } from "zod";
import { accountName, groupName, instant, personName, smallFacts, targetName } from "./words.js";

/** A gateway hands it over at once; minutes are for gateways that queue. */
const TTL_SECONDS_DEFAULT = 60;
const TTL_SECONDS_MAX = 600;
const GROUPS_MAX = 64;

export const tokenBody = z.strictObject({
  person: personName,
  target: targetName,
  account: accountName.optional(),
  groups: z
    .array(groupName)
    .max(GROUPS_MAX)
    .default([])
    .describe("only for a person whom the directory does not know"),
  labels: smallFacts.default({}).describe("laid over the labels of the target, for this session"),
  context: smallFacts.default({}).describe("ticket, gateway session, ...: stands in the events"),
  origin: z
    .union([z.ipv4(), z.ipv6()])
    .optional()
    .describe("the only address that may use it; absent: any"),
  ttlSeconds: z.int().min(1).max(TTL_SECONDS_MAX).default(TTL_SECONDS_DEFAULT),
});
export type TokenOrder = z.output<typeof tokenBody>;

const issuedFields = {
  id: z.string().describe("names it in events and for revocation; not secret"),
  person: z.string(),
  target: z.string(),
  account: z.string().optional(),
  expiresAt: instant,
};

export const issuedToken = z
  .object({
    ...issuedFields,
    token: z.string().describe("the SSH user name, once; it is told here and nowhere else"),
    ssh: z.object({ host: z.string(), port: z.int(), user: z.string() }),
  })
  .meta({ id: "IssuedToken", description: "A one-time session token." });
export type IssuedToken = z.output<typeof issuedToken>;

export const openToken = z
  .object({ ...issuedFields, issuedBy: z.string() })
  .meta({ id: "OpenToken", description: "A token that nobody has used yet." });
export type OpenToken = z.output<typeof openToken>;
export const openTokens = z.object({ tokens: z.array(openToken) });
export const tokenParams = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "must be the id of a token"),
});
export const revoked = z.object({ id: z.string(), outcome: z.literal("revoked") });
