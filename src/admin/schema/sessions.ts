import { z } from "zod";
import {
  instant,
  messageText,
  personName,
  reasonText,
  sessionIdText,
  targetName,
} from "./words.js";

const channelView = z
  .object({
    id: z.int(),
    kind: z.string().optional().describe("absent until something was started on it"),
    request: z.string().optional().describe("exec command line or forward address"),
    terminal: z.boolean().describe("can be watched live"),
  })
  .meta({ id: "Channel", description: "An open channel of a session." });

export const sessionView = z
  .object({
    id: z.string(),
    protocol: z.string(),
    person: z.string(),
    groups: z.array(z.string()),
    account: z.string(),
    target: z.string(),
    labels: z.record(z.string(), z.string()),
    origin: z.string(),
    clientVersion: z.string(),
    authMethods: z.array(z.string()),
    since: instant,
    state: z.enum(["open", "challenged", "suspended"]),
    suspension: z.object({ by: z.string(), reason: z.string(), since: instant }).optional(),
    context: z.record(z.string(), z.string()).describe("what the gateway said about it"),
    channels: z.array(channelView),
    counts: z.object({
      channels: z.int(),
      commands: z.int(),
      blocked: z.int(),
      reauths: z.int(),
    }),
    risk: z
      .number()
      .min(0)
      .max(100)
      .optional()
      .describe("how unlike the person it looks by now; absent: nobody scores it"),
    observers: z.array(z.string()).describe("who watches it live"),
    controller: z.string().optional().describe("the observer who has the keyboard"),
  })
  .meta({ id: "Session", description: "A live session." });
export type SessionView = z.output<typeof sessionView>;

export const sessionList = z.object({ sessions: z.array(sessionView), total: z.int() });

const LIST_MAX = 1_000;
export const sessionQuery = z.strictObject({
  person: z.string().max(128).optional(),
  target: z.string().max(64).optional(),
  state: z.enum(["open", "challenged", "suspended"]).optional(),
  limit: z.coerce.number().int().min(1).max(LIST_MAX).default(200),
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
});

/** What one person types at a time, or pastes. */
const KEYS_LENGTH_MAX = 4_096;
export const keysBody = z.strictObject({
  channel: z.int().min(0).max(0xffff_ffff),
  text: z.string().min(1).max(KEYS_LENGTH_MAX).describe("as a terminal sends it; \\r is Enter"),
});
export const observerParams = z.strictObject({
  id: sessionIdText,
  observer: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "must be the id of an observer"),
});
export const controlTaken = z.object({
  session: z.string(),
  observer: z.string(),
  outcome: z.enum(["done", "already"]),
});
export type ControlTaken = z.output<typeof controlTaken>;
export const sessionParams = z.strictObject({ id: sessionIdText });

export const orderBody = z.strictObject({ reason: reasonText });
export const messageBody = z.strictObject({ text: messageText });
export const killQuery = z.strictObject({ reason: reasonText.default("killed by an operator") });

export const orderTaken = z
  .object({
    session: z.string(),
    outcome: z.enum(["done", "already"]).describe("already: nothing had to be done"),
  })
  .meta({
    id: "OrderTaken",
    description: "The session has taken the order; its events tell the rest.",
  });
export type OrderTaken = z.output<typeof orderTaken>;

const ORDERED_MAX = 10_000;
/** Which sessions: all conditions given have to hold. Nothing given is a mistake, not all of them. */
const selection = {
  sessions: z.array(sessionIdText).min(1).max(ORDERED_MAX).optional(),
  person: personName.optional(),
  target: targetName.optional(),
  all: z.literal(true).optional().describe("every session, when nothing else is given"),
};
const selects = (body: {
  readonly sessions?: unknown;
  readonly person?: unknown;
  readonly target?: unknown;
  readonly all?: unknown;
}): boolean => [body.sessions, body.person, body.target, body.all].some((one) => one !== undefined);
const SELECT_SOMETHING = "say which: sessions, person, target, or all: true";

export const manyBody = z
  .strictObject({ ...selection, reason: reasonText })
  .refine(selects, SELECT_SOMETHING);
export type SessionSelection = Omit<z.output<typeof manyBody>, "reason">;

export const manyTaken = z
  .object({
    outcomes: z.array(
      z.object({
        session: z.string(),
        outcome: z.enum(["done", "already", "refused", "no-such-session", "timeout"]),
      }),
    ),
  })
  .meta({ id: "OrdersTaken", description: "What became of the order, for each session." });
export type ManyTaken = z.output<typeof manyTaken>;
