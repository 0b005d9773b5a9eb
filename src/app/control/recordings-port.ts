import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { RecordingsPort } from "../../admin/index.js";
import { err, fault, ok } from "../../kernel/index.js";

type View = Awaited<ReturnType<RecordingsPort["list"]>>[number];

/** `<session>-<channel>.cast`, or `.guac` of a desktop; the session's id may hold dashes itself. */
const NAME =
  /^(?<id>(?<session>[A-Za-z0-9][A-Za-z0-9._-]*)-(?<channel>\d{1,9}))\.(?<ending>cast|guac)$/;
const FORMATS = { cast: "asciicast", guac: "guacamole" } as const;
/** A folder a day: ten years of them are looked through at most. */
const DAYS_MAX = 3_660;

export function createRecordingsPort(
  folder: string,
  isLive: (session: string) => boolean,
): RecordingsPort {
  async function* days(only?: string): AsyncGenerator<string> {
    if (only !== undefined) {
      yield only;
      return;
    }
    let seen = 0;
    for (const year of await numbersIn(folder, 4)) {
      for (const month of await numbersIn(join(folder, year), 2)) {
        for (const day of await numbersIn(join(folder, year, month), 2)) {
          if ((seen += 1) > DAYS_MAX) return;
          yield `${year}-${month}-${day}`;
        }
      }
    }
  }

  async function castsOf(day: string): Promise<readonly View[]> {
    const path = join(folder, ...day.split("-"));
    const views: View[] = [];
    for (const name of await namesIn(path)) {
      const { id, session, channel, ending } = NAME.exec(name)?.groups ?? {};
      if (id === undefined || session === undefined) continue;
      const facts = await stat(join(path, name)).catch(() => null);
      if (facts?.isFile() !== true) continue; // gone since it was listed
      views.push({
        id,
        session,
        channel: Number(channel),
        format: ending === "guac" ? FORMATS.guac : FORMATS.cast,
        day,
        bytes: facts.size,
        modifiedAt: facts.mtime.toISOString(),
        live: isLive(session),
      });
    }
    return views.sort((a, b) => b.modifiedAt.localeCompare(a.modifiedAt) || (a.id < b.id ? -1 : 1));
  }

  return {
    async list({ session, day, limit }) {
      const found: View[] = [];
      for await (const one of days(day)) {
        const casts = await castsOf(one);
        found.push(...casts.filter((cast) => session === undefined || cast.session === session));
        if (found.length > limit) return found.slice(0, limit + 1);
      }
      return found;
    },
    async open(id) {
      for await (const day of days()) {
        const found = await openFirst(join(folder, ...day.split("-")), id);
        if (found === null) continue;
        const { file, fileName, format } = found;
        const { size } = await file.stat();
        // As long as it is now: a live recording grows while it is read.
        const content =
          size === 0
            ? file.createReadStream({ end: 0 })
            : file.createReadStream({ start: 0, end: size - 1 });
        return ok({ bytes: size, fileName, format, content });
      }
      return err(fault("CHP_ADMIN_NOT_FOUND", "there is no such recording"));
    },
  };
}

/** A channel is a terminal or a desktop: there is one file of it. */
async function openFirst(path: string, id: string) {
  for (const ending of ["cast", "guac"] as const) {
    const fileName = `${id}.${ending}`;
    const file = await open(join(path, fileName), "r").catch(() => null);
    if (file !== null) return { file, fileName, format: FORMATS[ending] };
  }
  return null;
}

/** Names of so many digits, newest first. */
async function numbersIn(path: string, digits: number): Promise<readonly string[]> {
  const names = await namesIn(path);
  return names.filter((name) => /^\d+$/.test(name) && name.length === digits).reverse();
}

/** Sorted; a folder that is not there holds nothing. */
async function namesIn(path: string): Promise<readonly string[]> {
  return (await readdir(path).catch(() => [])).sort();
}
