import { z } from "zod";
import { prohibitedSchema, zoneSchema } from "./hours.js";
import { mailSchema, noticesSchema, reportsSchema } from "./report-schema.js";
import { path, port, secret } from "./schema-words.js";

const weight = (fallback: number) => z.int().min(0).max(3).default(fallback);
const counter = z.int().min(0).max(10_000).default(0);

const weights = z
  .strictObject({
    time: weight(3),
    origin: weight(3),
    target: weight(3),
    credential: weight(3),
    duration: weight(3),
    count: weight(3),
  })
  .describe("points (0..3) of what is unusual about a session");

const viewWeights = z
  .strictObject({ time: weight(1), origin: weight(1), credential: weight(3), count: weight(3) })
  .describe("points (0..3) of what is unusual about a view of a credential");

const identification = z
  .strictObject({
    ratingDrop: z.number().min(0).max(10).default(0).describe("points of rating lost"),
    highRiskSessions: counter,
    blockedCommands: counter.describe("within one session"),
    sessionAttemptsAtProhibitedTime: counter,
    viewAttemptsAtProhibitedTime: counter,
  })
  .describe(
    "continuous identification: how much of it asks the person to prove who they are; 0 = never",
  );

const coreUrl = z.string().regex(/^wss?:\/\//, "must begin with wss:// (or ws:// on this machine)");

/** `scoring:`; absent: nobody is rated. */
export const scoringSchema = z
  .strictObject({
    core: z.literal("embedded").optional().describe("the core runs in this sidecar; the default"),
    url: z
      .union([coreUrl, z.array(coreUrl).min(1).max(8)])
      .optional()
      .describe(
        "a core elsewhere (`chaperone core`), instead of the embedded one; several that share a store are tried in turn",
      ),
    token: secret.optional().describe("what the core elsewhere asks for"),
    tls: z
      .strictObject({ ca: path.optional(), cert: path.optional(), key: path.optional() })
      .optional()
      .describe("PEM files: who signs the core's certificate, and our own (mTLS)"),
    listen: z
      .strictObject({
        address: z.string().min(1).default("127.0.0.1"),
        port: port.default(8690),
        token: path.describe("file of the token that callers show; made at random when missing"),
        tls: z
          .strictObject({ cert: path, key: path, clientCa: path.optional() })
          .optional()
          .describe("needed wherever it listens on more than loopback"),
      })
      .optional()
      .describe("where other sidecars and the PAM core reach this core"),
    store: z
      .strictObject({
        postgres: z
          .string()
          .regex(/^postgres(?:ql)?:\/\//, "must begin with postgres://")
          .describe("without the password"),
        password: secret.optional(),
        ca: path.optional().describe("PEM file; TLS is used, and required, where it is given"),
      })
      .optional()
      .describe("absent: a file of SQLite in stateDir"),
    zone: zoneSchema,
    historyDays: z.int().min(14).max(365).default(90),
    variationRate: z
      .number()
      .min(1)
      .max(100)
      .default(10)
      .describe("percent; a tenth of it is the rate of false alarms of each flag"),
    weights: weights.prefault({}),
    viewWeights: viewWeights.prefault({}),
    minimumSuspicious: z.int().min(1).max(15).default(5),
    initialRating: z.number().min(0).max(10).default(5).describe("10 = trusted"),
    identification: identification.prefault({}),
    prohibited: prohibitedSchema,
    unusualPasswordChange: z
      .int()
      .min(1)
      .max(100)
      .default(2)
      .describe("changes by hand within 30 days of a credential whose rotation works"),
    reports: reportsSchema,
    notices: noticesSchema,
    mail: mailSchema.optional(),
    keepDays: z.int().min(30).max(3_660).default(396).describe("facts older than this are deleted"),
  })
  .describe("the scoring core; absent: nobody is rated. See docs/guide/scoring-core.md");

export type ScoringEntry = z.output<typeof scoringSchema>;
