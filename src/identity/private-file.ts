import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { link, mkdir, open, rename, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describeError, err, fault, type Fault, ok, type Result } from "../kernel/index.js";

/** A secret that the sidecar keeps is small; a larger file is not one of ours. */
const PRIVATE_FILE_BYTES_MAX = 64 * 1024;
const GROUP_AND_OTHERS = 0o077;

/** Makes the folder, and those around it, with mode 0700. One that exists is left as it is. */
export async function ensurePrivateFolder(folder: string): Promise<Result<null, Fault>> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return ok(null);
  } catch (error) {
    return err(stateFault(error));
  }
}

/** Content of a file that only its owner may read; null when there is none. */
export async function readPrivateFile(path: string): Promise<Result<Uint8Array | null, Fault>> {
  try {
    const file = await open(path, constants.O_RDONLY);
    try {
      const facts = await file.stat();
      if ((facts.mode & GROUP_AND_OTHERS) !== 0) {
        const mode = (facts.mode & 0o777).toString(8).padStart(4, "0");
        return err(
          fault("CHP_IDENTITY_STATE", `${path} has mode ${mode}: it must be readable by you alone`),
        );
      }
      if (!facts.isFile() || facts.size > PRIVATE_FILE_BYTES_MAX) {
        return err(fault("CHP_IDENTITY_STATE", `${path} is not a file that the sidecar has made`));
      }
      return ok(new Uint8Array(await file.readFile()));
    } finally {
      await file.close();
    }
  } catch (error) {
    return isMissing(error) ? ok(null) : err(stateFault(error));
  }
}

/**
 * Reads the file, or makes it with mode 0600. Whoever comes second (another sidecar, a start after a
 * crash) gets what the first one made; a torn file is never seen under the name.
 */
export async function readOrMakePrivateFile(
  path: string,
  make: () => Promise<Uint8Array> | Uint8Array,
): Promise<Result<Uint8Array, Fault>> {
  const found = await readPrivateFile(path);
  if (!found.ok) return found;
  if (found.value !== null) return ok(found.value);
  const content = await make();
  try {
    const temporary = await writeBeside(path, content);
    try {
      await link(temporary, path);
    } finally {
      await unlink(temporary);
    }
    await syncFolder(dirname(path));
    // A Buffer shares its memory with others: who gets a secret owns and wipes all of it.
    return ok(new Uint8Array(content));
  } catch (error) {
    if (!isCode(error, "EEXIST")) return err(stateFault(error));
  }
  const other = await readPrivateFile(path);
  if (!other.ok) return other;
  return other.value === null
    ? err(fault("CHP_IDENTITY_STATE", `${path} vanished while it was being made`))
    : ok(other.value);
}

/** Replaces the file as a whole, or leaves it as it was. */
export async function writePrivateFile(
  path: string,
  content: Uint8Array,
): Promise<Result<null, Fault>> {
  try {
    await rename(await writeBeside(path, content), path);
    await syncFolder(dirname(path));
    return ok(null);
  } catch (error) {
    return err(stateFault(error));
  }
}

/** True when somebody else than the owner can read the file or folder. */
export async function isOpenToOthers(path: string): Promise<boolean> {
  return ((await stat(path)).mode & GROUP_AND_OTHERS) !== 0;
}

async function writeBeside(path: string, content: Uint8Array): Promise<string> {
  const temporary = join(dirname(path), `.${randomBytes(8).toString("hex")}.tmp`);
  const file = await open(temporary, "wx", 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  return temporary;
}

/** Without it a power loss can forget the new name. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function stateFault(error: unknown): Fault {
  return fault("CHP_IDENTITY_STATE", describeError(error));
}

function isMissing(error: unknown): boolean {
  return isCode(error, "ENOENT");
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
