import { escapeControls, plainJson } from "../../../kernel/index.js";
import { textOf, type Command, type CommandOption } from "../command.js";
import { EXIT, type ExitCode } from "../exit-code.js";
import { field } from "./client.js";
import { ask, ctlCommand, encode, failed, listed, type CtlCall } from "./ctl-command.js";
import { cellOf, column, type Column } from "./table.js";
import { watchCommand } from "./watch.js";
import { SESSION_IDS, wholeIds } from "./whole-ids.js";

const REASON: CommandOption = {
  type: "string",
  value: "TEXT",
  help: "why: stands in the events, and is shown to the person",
};
const DEFAULT_REASON = "ordered by an operator";

const COLUMNS: readonly Column[] = [
  column("id", "id"),
  column("person", "person"),
  column("account", "account"),
  column("target", "target"),
  column("origin", "origin"),
  column("state", "state"),
  column("since", "since"),
  ["commands", (row) => cellOf(field(field(row, "counts"), "commands"))],
];

/** Sessions that are ordered about by one call: each in turn, so that each answer is told. */
const IDS_MAX = 1_000;

function order(verb: string, summary: string): Command {
  return ctlCommand(
    {
      words: [verb],
      positionals: "SESSION...",
      takes: { least: 0, most: IDS_MAX },
      summary,
      options: {
        reason: REASON,
        person: { type: "string", value: "NAME", help: "all sessions of this person" },
        target: { type: "string", value: "NAME", help: "all sessions to this target" },
        all: { type: "boolean", help: "all sessions" },
      },
      examples: [
        `chaperone ctl ${verb} 0192f0c1 --reason "not agreed"`,
        `chaperone ctl ${verb} --person alice`,
      ],
    },
    async (call) => {
      const ids = await wholeIds(call, call.positionals, SESSION_IDS);
      if (ids === null) return EXIT.usage;
      const which = selectionOf(call, ids);
      if (which === null) {
        call.console.err(`chaperone ctl ${verb}: needs SESSION..., --person, --target or --all`);
        return EXIT.usage;
      }
      const reason = textOf(call, "reason") ?? DEFAULT_REASON;
      return await orderMany(call, verb, { ...which, reason });
    },
  );
}

/** Null when nothing is selected: that must never mean all. */
function selectionOf(
  call: CtlCall,
  ids: readonly string[],
): Readonly<Record<string, unknown>> | null {
  const person = textOf(call, "person");
  const target = textOf(call, "target");
  const which = {
    ...(ids.length === 0 ? {} : { sessions: ids }),
    ...(person === undefined ? {} : { person }),
    ...(target === undefined ? {} : { target }),
    ...(call.values["all"] === true ? { all: true } : {}),
  };
  return Object.keys(which).length === 0 ? null : which;
}

const GOOD_OUTCOMES: ReadonlySet<unknown> = new Set(["done", "already"]);

async function orderMany(call: CtlCall, verb: string, body: unknown): Promise<ExitCode> {
  const answer = await call.api.call({ method: "POST", path: `/v1/sessions/${verb}`, body });
  if (answer.type !== "answer") return failed(call, answer);
  const outcomes = field(answer.body, "outcomes");
  const rows: readonly unknown[] = Array.isArray(outcomes) ? outcomes : [];
  if (call.json) call.console.out(plainJson(answer.text));
  else if (rows.length === 0) call.console.out("no such sessions");
  else {
    for (const row of rows) {
      const [id, outcome] = ["session", "outcome"].map((name) => cellOf(field(row, name)));
      call.console.out(escapeControls(`${id ?? ""}  ${outcome ?? ""}`));
    }
  }
  return rows.every((row) => GOOD_OUTCOMES.has(field(row, "outcome"))) ? EXIT.fine : EXIT.bad;
}

async function each(
  call: CtlCall,
  orderOf: (id: string) => { readonly path: string; readonly body: unknown },
): Promise<ExitCode> {
  let worst: ExitCode = EXIT.fine;
  const ids = await wholeIds(call, call.positionals, SESSION_IDS);
  if (ids === null) return EXIT.usage;
  for (const id of ids) {
    const code = await ask(call, { method: "POST", ...orderOf(encode(id)) }, (body) => [
      `${escapeControls(id)}  ${escapeControls(cellOf(field(body, "outcome")))}`,
    ]);
    if (code > worst) worst = code;
  }
  return worst;
}

const listCommand = ctlCommand(
  {
    words: ["sessions"],
    summary: "live sessions",
    options: {
      person: { type: "string", value: "NAME", help: "only of this person" },
      target: { type: "string", value: "NAME", help: "only to this target" },
    },
    examples: ["chaperone ctl sessions", "chaperone ctl sessions --person alice --json"],
  },
  async (call) => {
    const query = new URLSearchParams({ limit: "1000" });
    for (const name of ["person", "target"]) {
      const value = textOf(call, name);
      if (value !== undefined) query.set(name, value);
    }
    const path = `/v1/sessions?${query.toString()}`;
    return await ask(call, { method: "GET", path }, listed(call, "sessions", COLUMNS));
  },
);

const messageCommand = ctlCommand(
  {
    words: ["message"],
    positionals: "SESSION...",
    takes: { least: 1, most: IDS_MAX },
    summary: "shows the person a message in their terminal",
    options: { text: { type: "string", value: "TEXT", help: "the message: one line" } },
    examples: ['chaperone ctl message 0192f0c1 --text "maintenance in ten minutes"'],
  },
  async (call) => {
    const text = textOf(call, "text");
    if (text === undefined) {
      call.console.err("chaperone ctl message: needs --text");
      return EXIT.usage;
    }
    return await each(call, (id) => ({ path: `/v1/sessions/${id}/message`, body: { text } }));
  },
);

export const SESSION_COMMANDS: readonly Command[] = [
  listCommand,
  watchCommand,
  order("kill", "ends sessions"),
  order("suspend", "holds everything that the person sends"),
  order("resume", "lets suspended sessions go on"),
  order("reauth", "asks the person to prove again who they are"),
  messageCommand,
];
