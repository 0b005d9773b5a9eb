import { open, readdir, stat, type FileHandle } from "node:fs/promises";
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
        const found = await openRecording(join(folder, ...day.split("-")), id);
        if (found === null) continue;
        const { file, ...facts } = found;
        return ok({ ...facts, ...(await readAsItIs(file)) });
      }
      return err(fault("CHP_ADMIN_NOT_FOUND", "there is no such recording"));
    },
    async openContent(name) {
      for await (const day of days()) {
        const found = await openFirst(join(folder, ...day.split("-")), contentFiles(name));
        if (found === null) continue;
        return ok({ fileName: found.fileName, ...(await readAsItIs(found.file)) });
      }
      return err(fault("CHP_ADMIN_NOT_FOUND", "nothing of that name was kept, or no longer is"));
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
async function openRecording(path: string, id: string) {
  const tail = id.endsWith(".tail") ? ".tail" : "";
  const stem = id.slice(0, id.length - tail.length);
  for (const ending of ["cast", "guac", "web"] as const) {
    const plain = `${stem}.${ending}${tail}`;
    const found = await openFirst(path, tail === "" ? [plain, `${plain}.age`] : [`${plain}.age`]);
    if (found === null) continue;
    return { ...found, format: FORMATS[ending], encrypted: found.fileName.endsWith(".age") };
  }
  return null;
}

/** As the recordings' own names say it: whole or cut, encrypted or not; there is one of them. */
function contentFiles(name: string): readonly string[] {
  const stem = name.replace(/\.tail$/, "");
  const endings = stem === name ? ["bin", "bin.age"] : ["bin.tail.age"];
  return endings.flatMap((ending) => [`${stem}.${ending}`, `${stem}.cut.${ending}`]);
}

async function openFirst(path: string, names: readonly string[]) {
  for (const fileName of names) {
    const file = await open(join(path, fileName), "r").catch(() => null);
    if (file !== null) return { file, fileName };
  }
  return null;
}

/** As long as it is now: what is live grows while it is read. */
async function readAsItIs(file: FileHandle) {
  const { size } = await file.stat();
  const end = size === 0 ? { end: 0 } : { start: 0, end: size - 1 };
  return { bytes: size, content: file.createReadStream(end) };
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
