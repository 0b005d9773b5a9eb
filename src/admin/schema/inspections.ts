import { z } from "zod";
import { accountName, groupName, personName, smallFacts, targetName } from "./words.js";

const GROUPS_MAX = 64;
/** How long a gateway waits for a verdict: longer than any that needs no person, shorter than patience. */
const DEADLINE_MS_DEFAULT = 1_000;
const DEADLINE_MS_MAX = 30_000;

export const openSessionBody = z.strictObject({
  person: personName,
  target: targetName.describe("of the configuration: its labels are what rules look at"),
  account: accountName.optional(),
  groups: z
    .array(groupName)
    .max(GROUPS_MAX)
    .default([])
    .describe("only for a person whom the directory does not know"),
  labels: smallFacts.default({}).describe("laid over the labels of the target, for this session"),
  context: smallFacts.default({}).describe("ticket, gateway session, ...: stands in the events"),
  origin: z.union([z.ipv4(), z.ipv6()]).describe("address that the person came from"),
  client: z
    .string()
    .regex(/^[\x20-\x7e]{1,255}$/, "must be printable ASCII")
    .default("gateway")
    .describe("what the person's client says that it is"),
  failMode: z
    .enum(["failOpen", "failClosed"])
    .default("failClosed")
    .describe("what the gateway does when no verdict has come by the deadline; told in the events"),
  deadlineMs: z.int().min(10).max(DEADLINE_MS_MAX).default(DEADLINE_MS_DEFAULT),
  mode: z
    .enum(["enforce", "observe"])
    .default("enforce")
    .describe("observe: everything passes, and what rules would have done is told"),
});
export type OpenSessionBody = z.output<typeof openSessionBody>;

export const openedSession = z
  .object({
    id: z.string(),
    stream: z.string().describe("path of the WebSocket, subprotocol `chaperone.v1`"),
    failMode: z.enum(["failOpen", "failClosed"]),
    mode: z.enum(["enforce", "observe"]),
    deadlineMs: z.int(),
  })
  .meta({
    id: "OpenedSession",
    description: "A session whose connections the gateway has itself. It ends with its stream.",
  });
export type OpenedSession = z.output<typeof openedSession>;

const COMMAND_LENGTH_MAX = 16 * 1024;
export const hostText = z.string().min(1).max(255);
const seq = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
export const inspectBody = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("command"),
    seq,
    command: z.string().min(1).max(COMMAND_LENGTH_MAX).describe("as the target's shell gets it"),
  }),
  z.strictObject({
    kind: z.literal("forward"),
    seq,
    host: hostText,
    port: z.int().min(0).max(65_535),
  }),
]);
export type InspectBody = z.output<typeof inspectBody>;

export const unitVerdict = z
  .object({
    seq,
    verdict: z
      .enum(["allow", "hold", "block", "kill"])
      .describe(
        "hold: somebody is being asked; ask again with the same number. What is not known is block",
      ),
    told: z.string().describe("for the person: a warning, why it is held or stopped, links"),
    rules: z
      .array(z.object({ id: z.string(), wouldHave: z.string() }))
      .optional()
      .describe("in mode observe: the rules that hit"),
  })
  .meta({ id: "UnitVerdict", description: "What becomes of one thing." });
export type UnitVerdictView = z.output<typeof unitVerdict>;

export const endedSession = z.object({ session: z.string(), outcome: z.literal("done") });

/** Frames of the stream; fields that are not here are ignored, so that later versions may say more. */
const BYTES_BASE64_MAX = 128 * 1024;
const data = z
  .string()
  .max(BYTES_BASE64_MAX)
  .regex(/^[A-Za-z0-9+/]*={0,2}$/);
const channel = z.int().min(0).max(0xffff_ffff);
const cells = z.int().min(1).max(10_000);
const place = { seq, channel };
export const frameForm = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("open"),
    ...place,
    command: z.string().min(1).max(COMMAND_LENGTH_MAX).optional(),
    pty: z
      .object({ term: z.string().max(64).default("xterm"), columns: cells, rows: cells })
      .optional(),
  }),
  z.object({ type: z.literal("client"), ...place, data }),
  z.object({
    type: z.literal("target"),
    ...place,
    data,
    stream: z.enum(["stdout", "stderr"]).default("stdout"),
  }),
  z.object({ type: z.literal("resize"), ...place, columns: cells, rows: cells }),
  z.object({ type: z.literal("eof"), ...place }),
  z.object({
    type: z.literal("exited"),
    ...place,
    code: z.int().min(0).max(0xffff_ffff).optional(),
  }),
  z.object({ type: z.literal("close"), ...place }),
]);
export type FrameView = z.output<typeof frameForm>;

/** What the gateway is told, as it stands in the API document. */
const bytes = z.string().describe("base64");
const plain = { channel };
export const messageForm = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("verdict"),
    seq,
    verdict: z.enum(["pass", "replace", "hold", "block"]),
    data: bytes.optional().describe("of replace: instead of what came"),
    reason: z.string().optional(),
  }),
  z.object({ type: z.literal("to-target"), ...plain, data: bytes }),
  z.object({
    type: z.literal("to-person"),
    ...plain,
    stream: z.enum(["stdout", "stderr"]),
    data: bytes,
  }),
  z.object({ type: z.literal("eof-to-target"), ...plain }),
  z.object({ type: z.literal("started"), ...plain }),
  z.object({ type: z.literal("valve"), ...plain, state: z.string() }),
  z.object({ type: z.literal("close-channel"), ...plain, code: z.int().optional() }),
  z.object({
    type: z.literal("observed"),
    rules: z.array(z.object({ id: z.string(), wouldHave: z.string() })),
  }),
  z.object({ type: z.literal("end"), reason: z.string() }),
]);
