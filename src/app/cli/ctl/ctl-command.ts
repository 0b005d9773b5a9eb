import { escapeControls, plainJson } from "../../../kernel/index.js";
import type { Command, CommandCall, CommandOption } from "../command.js";
import { tellFaults } from "../console.js";
import { EXIT, type ExitCode } from "../exit-code.js";
import { ADDRESS_OPTIONS, findApi } from "./address.js";
import { createClient, field, type ApiAnswer, type ApiCall, type ApiClient } from "./client.js";
import { tableOf, type Column } from "./table.js";

interface CtlFacts extends Pick<Command, "summary" | "examples"> {
  /** After `ctl`. */
  readonly words: readonly string[];
  readonly positionals?: string;
  /** How many positionals there must be. */
  readonly takes?: { readonly least: number; readonly most: number };
  readonly options?: Readonly<Record<string, CommandOption>>;
  readonly notes?: readonly string[];
}

export interface CtlCall extends CommandCall {
  readonly api: ApiClient;
  readonly json: boolean;
}

/** A command that speaks to the control API of a running sidecar. */
export function ctlCommand(facts: CtlFacts, run: (call: CtlCall) => Promise<ExitCode>): Command {
  const { words, takes = { least: 0, most: 0 }, options = {}, ...rest } = facts;
  return {
    ...rest,
    words: ["ctl", ...words],
    inGroup: true,
    options: {
      ...options,
      json: { type: "boolean", help: "the answer as it came, for programs" },
      ...ADDRESS_OPTIONS,
    },
    async run(call) {
      const given = call.positionals.length;
      if (given < takes.least || given > takes.most) {
        call.console.err(
          `chaperone ctl ${words.join(" ")}: needs ${facts.positionals ?? "nothing"}`,
        );
        return EXIT.usage;
      }
      const api = findApi(call);
      if (!api.ok) {
        tellFaults(call.console, api.error);
        return EXIT.couldNotRun;
      }
      return await run({
        ...call,
        api: createClient(api.value),
        json: call.values["json"] === true,
      });
    },
  };
}

/** Shows what came back by `show`, or why nothing did. */
export async function ask(
  call: CtlCall,
  order: ApiCall,
  show: (body: unknown) => readonly string[],
): Promise<ExitCode> {
  const answer = await call.api.call(order);
  if (answer.type !== "answer") return failed(call, answer);
  if (call.json) call.console.out(plainJson(answer.text));
  else for (const line of show(answer.body)) call.console.out(line);
  return EXIT.fine;
}

export function failed(
  { console }: CtlCall,
  answer: Exclude<ApiAnswer, { type: "answer" }>,
): ExitCode {
  const [what = "", ...more] = answer.message.split("\n");
  console.err(`${console.errStyle.bad("chaperone ctl")}: ${escapeControls(what)}`);
  for (const line of more) console.err(escapeControls(line));
  if (answer.type === "unreachable") {
    console.err("  mend: is the sidecar running, and `listen.admin` where this looks for it?");
    return EXIT.couldNotRun;
  }
  return EXIT.bad;
}

/** A list of the answer as a table; says so when it is empty. */
export function listed(call: CtlCall, name: string, columns: readonly Column[]) {
  return (body: unknown): readonly string[] => {
    const rows = field(body, name);
    if (!Array.isArray(rows)) return [];
    return rows.length === 0 ? [`no ${name}`] : tableOf(rows, columns, call.console.style);
  };
}

export const encode = (positional: string | undefined): string =>
  encodeURIComponent(positional ?? "");
