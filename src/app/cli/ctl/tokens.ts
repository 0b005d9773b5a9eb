import { parseDuration } from "../../config/duration.js";
import { textOf, type Command } from "../command.js";
import { EXIT } from "../exit-code.js";
import { field } from "./client.js";
import { ask, ctlCommand, encode, listed } from "./ctl-command.js";
import { cellOf, column, type Column } from "./table.js";

const COLUMNS: readonly Column[] = [
  column("id", "id"),
  column("person", "person"),
  column("target", "target"),
  column("account", "account"),
  column("expires", "expiresAt"),
  column("issued by", "issuedBy"),
];

const issueCommand = ctlCommand(
  {
    words: ["token"],
    positionals: "PERSON TARGET",
    takes: { least: 2, most: 2 },
    summary: "a one-time SSH user name that opens one session",
    options: {
      account: { type: "string", value: "NAME", help: "on the target" },
      ttl: { type: "string", value: "TIME", help: "how long it may wait: 60s, 5m; default 60s" },
    },
    notes: ["Whoever has it is that person, once. Only the role admin may make one."],
    examples: ["chaperone ctl token alice db-1 --account postgres"],
  },
  async (call) => {
    const [person, target] = call.positionals;
    const account = textOf(call, "account");
    const ttl = textOf(call, "ttl");
    const ms = ttl === undefined ? undefined : parseDuration(ttl);
    if (ms === null) {
      call.console.err("chaperone ctl token: --ttl takes a duration such as 60s or 5m");
      return EXIT.usage;
    }
    const body = {
      person,
      target,
      ...(account === undefined ? {} : { account }),
      ...(ms === undefined ? {} : { ttlSeconds: Math.ceil(ms / 1_000) }),
    };
    return await ask(call, { method: "POST", path: "/v1/session-tokens", body }, (answer) => {
      const ssh = field(answer, "ssh");
      const [host, port, user] = ["host", "port", "user"].map((name) => cellOf(field(ssh, name)));
      return [`ssh -p ${port ?? ""} ${user ?? ""}@${host ?? ""}`];
    });
  },
);

export const TOKEN_COMMANDS: readonly Command[] = [
  ctlCommand(
    {
      words: ["tokens"],
      summary: "one-time tokens that nobody has used yet",
      examples: ["chaperone ctl tokens"],
    },
    (call) =>
      ask(call, { method: "GET", path: "/v1/session-tokens" }, listed(call, "tokens", COLUMNS)),
  ),
  issueCommand,
  ctlCommand(
    {
      words: ["revoke"],
      positionals: "TOKEN-ID",
      takes: { least: 1, most: 1 },
      summary: "makes a one-time token useless",
      examples: ["chaperone ctl revoke 4fQ1tq0Z2v7x"],
    },
    (call) => {
      const path = `/v1/session-tokens/${encode(call.positionals[0])}`;
      return ask(call, { method: "DELETE", path }, (answer) => [cellOf(field(answer, "outcome"))]);
    },
  ),
];
