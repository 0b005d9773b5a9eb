import { parseDuration } from "../../config/duration.js";
import { textOf, type Command, type CommandOption } from "../command.js";
import { EXIT } from "../exit-code.js";
import { field } from "./client.js";
import { ask, ctlCommand, encode, listed } from "./ctl-command.js";
import { cellOf, column, type Column } from "./table.js";

const REASON: CommandOption = { type: "string", value: "TEXT", help: "why: stands in the events" };
const DEFAULT_REASON = "ordered by an operator";

const COLUMNS: readonly Column[] = [
  column("name", "name"),
  column("groups", "groups"),
  column("factors", "factors"),
  column("sessions", "sessions"),
  ["locked by", (row) => cellOf(field(field(row, "lock"), "by"))],
  ["until", (row) => cellOf(field(field(row, "lock"), "until"))],
];

const CHALLENGE_COLUMNS: readonly Column[] = [
  column("session", "session"),
  column("person", "person"),
  column("target", "target"),
  column("factor", "factor"),
  column("trigger", "trigger"),
  column("requested", "requestedAt"),
];

const lockCommand = ctlCommand(
  {
    words: ["lock"],
    positionals: "PERSON",
    takes: { least: 1, most: 1 },
    summary: "lets a person in no more and ends their sessions",
    options: {
      reason: REASON,
      for: { type: "string", value: "TIME", help: "30m, 8h, ...; without it until `ctl unlock`" },
      "keep-sessions": { type: "boolean", help: "what is open stays open" },
    },
    examples: [
      'chaperone ctl lock alice --reason "left the company"',
      "chaperone ctl lock bob --for 8h",
    ],
  },
  async (call) => {
    const time = textOf(call, "for");
    const ms = time === undefined ? undefined : parseDuration(time);
    if (ms === null) {
      call.console.err("chaperone ctl lock: --for takes a duration such as 30m or 8h");
      return EXIT.usage;
    }
    const body = {
      reason: textOf(call, "reason") ?? DEFAULT_REASON,
      keepSessions: call.values["keep-sessions"] === true,
      ...(ms === undefined ? {} : { seconds: Math.max(1, Math.round(ms / 1_000)) }),
    };
    const path = `/v1/people/${encode(call.positionals[0])}/lock`;
    return await ask(call, { method: "POST", path, body }, (answer) => [
      `${cellOf(field(answer, "person"))}  ${cellOf(field(answer, "outcome"))}, sessions ended: ${cellOf(field(answer, "sessions"))}`,
      ...unheardOf(answer),
    ]);
  },
);

const unlockCommand = ctlCommand(
  {
    words: ["unlock"],
    positionals: "PERSON",
    takes: { least: 1, most: 1 },
    summary: "lets a person in again",
    options: { reason: REASON },
    examples: ["chaperone ctl unlock alice"],
  },
  async (call) => {
    const path = `/v1/people/${encode(call.positionals[0])}/unlock`;
    const body = { reason: textOf(call, "reason") ?? DEFAULT_REASON };
    return await ask(call, { method: "POST", path, body }, (answer) => [
      `${cellOf(field(answer, "person"))}  ${cellOf(field(answer, "outcome"))}`,
      ...unheardOf(answer),
    ]);
  },
);

/** A name that is spelled wrongly locks nobody: the operator has to hear it. */
function unheardOf(answer: unknown): readonly string[] {
  return field(answer, "known") === false
    ? ["  nobody of that name is known to this sidecar: is it spelled right?"]
    : [];
}

const FACTOR_COLUMNS: readonly Column[] = [
  column("factor", "factor"),
  column("name", "name"),
  column("state", "state"),
  column("enrolled", "enrolledAt"),
  column("used", "usedAt"),
  column("id", "id"),
];

/** `chaperone ctl enrol`; also what `chaperone people enrol` is. */
export const enrolCommand = ctlCommand(
  {
    words: ["enrol"],
    positionals: "PERSON",
    takes: { least: 1, most: 1 },
    summary: "a one-time link under which a person sets up a passkey or an authenticator app",
    options: {
      factor: { type: "string", value: "NAME", help: "totp or webauthn; without it both" },
      for: { type: "string", value: "TIME", help: "how long the link works: 10m, 8h; default 1h" },
    },
    notes: ["Whoever opens it first enrols as that person: hand it over by a safe way."],
    examples: ["chaperone ctl enrol alice", "chaperone ctl enrol alice --factor webauthn"],
  },
  async (call) => {
    const factor = textOf(call, "factor");
    const time = textOf(call, "for");
    const ms = time === undefined ? undefined : parseDuration(time);
    if (ms === null) {
      call.console.err("chaperone ctl enrol: --for takes a duration such as 10m or 8h");
      return EXIT.usage;
    }
    const body = {
      ...(factor === undefined ? {} : { factors: [factor] }),
      ...(ms === undefined ? {} : { ttlSeconds: Math.ceil(ms / 1_000) }),
    };
    const path = `/v1/people/${encode(call.positionals[0])}/enrolments`;
    return await ask(call, { method: "POST", path, body }, (answer) => [
      cellOf(field(answer, "link")),
    ]);
  },
);

const factorCommands: readonly Command[] = [
  ctlCommand(
    {
      words: ["factors"],
      positionals: "PERSON",
      takes: { least: 1, most: 1 },
      summary: "what a person has enrolled themselves",
      examples: ["chaperone ctl factors alice"],
    },
    (call) => {
      const path = `/v1/people/${encode(call.positionals[0])}/factors`;
      return ask(call, { method: "GET", path }, listed(call, "factors", FACTOR_COLUMNS));
    },
  ),
  ctlCommand(
    {
      words: ["factor-remove"],
      positionals: "PERSON FACTOR-ID",
      takes: { least: 2, most: 2 },
      summary: "takes a lost key or authenticator app away from a person",
      examples: ["chaperone ctl factor-remove alice totp"],
    },
    (call) => {
      const [person, id] = call.positionals;
      const path = `/v1/people/${encode(person)}/factors/${encode(id)}`;
      return ask(call, { method: "DELETE", path }, (answer) => [cellOf(field(answer, "outcome"))]);
    },
  ),
];

export const PEOPLE_CTL_COMMANDS: readonly Command[] = [
  ctlCommand(
    {
      words: ["people"],
      summary: "people, their sessions and locks",
      options: { locked: { type: "boolean", help: "only those who are locked" } },
      examples: ["chaperone ctl people --locked"],
    },
    async (call) => {
      const path = `/v1/people?limit=1000${call.values["locked"] === true ? "&locked=true" : ""}`;
      return await ask(call, { method: "GET", path }, listed(call, "people", COLUMNS));
    },
  ),
  lockCommand,
  unlockCommand,
  enrolCommand,
  ...factorCommands,
  ctlCommand(
    {
      words: ["challenges"],
      summary: "questions to people that are not answered yet",
      examples: ["chaperone ctl challenges"],
    },
    (call) =>
      ask(
        call,
        { method: "GET", path: "/v1/challenges" },
        listed(call, "challenges", CHALLENGE_COLUMNS),
      ),
  ),
];
