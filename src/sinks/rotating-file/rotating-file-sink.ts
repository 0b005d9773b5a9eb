import { ok } from "../../kernel/index.js";
import { defineSink } from "../plugin.js";
import { EVERYTHING_TAKEN, nothingTaken } from "../sink.js";
import { openRotatingFile } from "./rotating-file.js";

interface FileEntry {
  readonly path: string;
  readonly rotate: {
    readonly size: string;
    readonly every?: string | undefined;
    readonly keep: number;
  };
}

/** A file of its own, in any format, one event a line, rotated by size and time. */
export const rotatingFileSink = defineSink<FileEntry>({
  type: "file",
  habits: {
    formats: ["cloudevents", "ocsf", "ecs", "cef", "leef", "teleport"],
    eventsMax: 500,
    linger: "0ms",
  },
  shape: ({ path, size, time, count, z }) => ({
    path,
    rotate: z
      .strictObject({
        size: size
          .default("100MiB")
          .describe("a larger file is renamed to PATH.1, that to PATH.2, ..."),
        every: time.optional().describe("an older file is renamed too; absent: by size only"),
        keep: count(1_000)
          .default(7)
          .describe("renamed files that are kept; the oldest is deleted"),
      })
      .prefault({}),
  }),
  prepare(entry, tools) {
    return (context) => {
      const file = openRotatingFile({
        path: tools.path(entry.path),
        sizeMax: tools.bytes(entry.rotate.size),
        keep: entry.rotate.keep,
        wallMs: context.wallMs,
        ...(entry.rotate.every === undefined ? {} : { ageMsMax: tools.ms(entry.rotate.every) }),
      });
      return ok({
        async deliver(parcels) {
          const written = await file.append(parcels.map(({ text }) => `${text}\n`).join(""));
          return written.ok ? EVERYTHING_TAKEN : nothingTaken(parcels, written.error);
        },
        reopen: () => file.reopen(),
        close: () => file.close(),
      });
    };
  },
});
