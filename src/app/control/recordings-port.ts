import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { RecordingsPort } from "../../admin/index.js";
import { err, fault, ok } from "../../kernel/index.js";
import { parseRecordingName } from "../../recording/index.js";

type View = Awaited<ReturnType<RecordingsPort["list"]>>[number];

const FORMATS = { cast: "asciicast", guac: "guacamole", web: "requests" } as const;
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
      const parsed = parseRecordingName(name);
      if (parsed === null) continue;
      const facts = await stat(join(path, name)).catch(() => null);
      if (facts?.isFile() !== true) continue; // gone since it was listed
      views.push({
        id: idOf(name),
        session: parsed.session,
        channel: parsed.channel,
        format: FORMATS[parsed.format],
        encrypted: parsed.encrypted,
        day,
        bytes: facts.size,
        modifiedAt: facts.mtime.toISOString(),
        live: isLive(parsed.session),
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
        const { file, ...facts } = found;
        const { size } = await file.stat();
        // As long as it is now: a live recording grows while it is read.
        const content =
          size === 0
            ? file.createReadStream({ end: 0 })
            : file.createReadStream({ start: 0, end: size - 1 });
        return ok({ bytes: size, ...facts, content });
      }
      return err(fault("CHP_ADMIN_NOT_FOUND", "there is no such recording"));
    },
  };
}

/**
 * The name less its format: `<session>-<channel>`, and of the parts of an encrypted recording (see the
 * recordings' own names) what else is in it: `<session>-<channel>.input.tail`.
 */
function idOf(name: string): string {
  return name.replace(/\.(?:cast|guac|web)(?=(?:\.tail)?(?:\.age)?$)/, "").replace(/\.age$/, "");
}

/** A channel is a terminal, a desktop or pages, encrypted or not: there is one file of it. */
async function openFirst(path: string, id: string) {
  const tail = id.endsWith(".tail") ? ".tail" : "";
  const stem = id.slice(0, id.length - tail.length);
  for (const ending of ["cast", "guac", "web"] as const) {
    for (const sealed of tail === "" ? ["", ".age"] : [".age"]) {
      const fileName = `${stem}.${ending}${tail}${sealed}`;
      const file = await open(join(path, fileName), "r").catch(() => null);
      const encrypted = sealed !== "";
      if (file !== null) return { file, fileName, format: FORMATS[ending], encrypted };
    }
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
