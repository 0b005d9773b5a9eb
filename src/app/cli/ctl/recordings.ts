import { createWriteStream } from "node:fs";
import type { IncomingMessage } from "node:http";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import { describeError } from "../../../kernel/index.js";
import { textOf, type Command } from "../command.js";
import { EXIT } from "../exit-code.js";
import { ask, ctlCommand, encode, failed, listed } from "./ctl-command.js";
import { column, type Column } from "./table.js";
import { RECORDING_IDS, wholeIds } from "./whole-ids.js";

const COLUMNS: readonly Column[] = [
  column("id", "id"),
  column("day", "day"),
  column("encrypted", "encrypted"),
  column("bytes", "bytes"),
  column("modified", "modifiedAt"),
  column("live", "live"),
];

const downloadCommand = ctlCommand(
  {
    words: ["download"],
    positionals: "RECORDING",
    takes: { least: 1, most: 1 },
    summary: "a recording as a file (asciicast v2: `asciinema play FILE`)",
    options: {
      to: {
        type: "string",
        value: "FILE",
        help: "must not exist; without it the name that it has there",
      },
    },
    examples: ["chaperone ctl download 0192f0c1 --to session.cast"],
  },
  async (call) => {
    const ids = await wholeIds(call, call.positionals, RECORDING_IDS);
    if (ids === null) return EXIT.usage;
    const [id = ""] = ids;
    const stream = await call.api.stream(`/v1/recordings/${encode(id)}`);
    if ("type" in stream) return stream.type === "answer" ? EXIT.fine : failed(call, stream);
    const file = textOf(call, "to") ?? nameOf(stream) ?? `${id}.cast`;
    try {
      await pipeline(stream, createWriteStream(file, { flags: "wx", mode: 0o600 }));
    } catch (error) {
      call.console.err(`chaperone ctl download: ${describeError(error)}`);
      return EXIT.couldNotRun;
    }
    call.console.out(file);
    return EXIT.fine;
  },
);

/** What the sidecar calls the file; nothing of it can lead out of the folder. */
function nameOf({ headers }: IncomingMessage): string | undefined {
  const name = /filename="(?<name>[^"]+)"/.exec(headers["content-disposition"] ?? "");
  return name?.groups?.["name"] === undefined ? undefined : basename(name.groups["name"]);
}

export const RECORDING_COMMANDS: readonly Command[] = [
  ctlCommand(
    {
      words: ["recordings"],
      summary: "recordings, newest first",
      options: {
        session: { type: "string", value: "ID", help: "only of this session" },
        day: { type: "string", value: "DAY", help: "only of this day (YYYY-MM-DD, UTC)" },
      },
      examples: ["chaperone ctl recordings --day 2026-11-20"],
    },
    async (call) => {
      const query = new URLSearchParams({ limit: "1000" });
      for (const name of ["session", "day"]) {
        const value = textOf(call, name);
        if (value !== undefined) query.set(name, value);
      }
      const path = `/v1/recordings?${query.toString()}`;
      return await ask(call, { method: "GET", path }, listed(call, "recordings", COLUMNS));
    },
  ),
  downloadCommand,
];
