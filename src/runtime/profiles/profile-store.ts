import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { describeError, err, fault, type Fault, ok, type Result } from "../../kernel/index.js";
import { createProfileSeal, PROFILE_KEY_BYTES } from "./profile-seal.js";

/**
 * How people behave, one sealed file each under `profiles/` in stateDir; only the parent writes it. What
 * the text says is the business of whoever keeps it.
 */
export interface ProfileStore {
  /** Null: nothing is stored of this person. */
  read(person: string): Result<KeptProfile | null, Fault>;
  /** Puts it in the place of what is there. `revision`: rises by one each time. */
  keep(profile: Omit<KeptProfile, "keptMs">): Result<void, Fault>;
  /** False: there was nothing. */
  erase(person: string): Result<boolean, Fault>;
  /** The newest ones first, at most so many; what can not be read is left out and counted. */
  newest(most: number): {
    readonly profiles: readonly KeptProfile[];
    readonly unreadable: number;
  };
  /** What is stored, without opening it: a name for each person, and when it was kept. */
  listing(): ReadonlyMap<string, number>;
  /** Tells people apart without naming anybody. */
  nameOf(person: string): string;
  readNamed(name: string): Result<KeptProfile | null, Fault>;
  /** As it travels to other sidecars: sealed, in base64. */
  pack(profile: TravellingProfile): string;
  unpack(name: string, packed: string): Result<TravellingProfile, Fault>;
  /** What the scoring core has not been told yet. Survives a restart. */
  owed(): readonly OwedProfile[];
  /** `erased`: the revision of the core's that is to go; null: there is a profile to be told. */
  owe(name: string, erased: number | null): void;
  /** It has been told, or need not be. */
  settle(name: string): void;
  /** As `erase`, for what was erased elsewhere: nobody is told. */
  drop(name: string): Result<boolean, Fault>;
}

export type TravellingProfile = Pick<KeptProfile, "person" | "groups" | "text">;

export interface OwedProfile {
  readonly name: string;
  /** The revision of the core's that was erased here; null: there is a profile to be told. */
  readonly erased: number | null;
}

export interface KeptProfile {
  readonly person: string;
  readonly groups: readonly string[];
  readonly revision: number;
  readonly keptMs: number;
  readonly text: string;
  /** The revision of the scoring core's that this one has in it; absent: none. */
  readonly core?: number;
}

const FOLDER = "profiles";
const KEY = "profiles.key";
const SUFFIX = ".profile";
/** Beside a profile: the core has not been told; what is in it is the revision that was erased. */
const OWED_SUFFIX = ".owed";
/** Three parts of 64 KiB, in escapes; a larger file is not one of ours. */
const FILE_BYTES_MAX = 1024 * 1024;
const OWNER_ONLY_FOLDER = 0o700;
const OWNER_ONLY = 0o600;

/** Makes the folder (0700) and the key (0600) where they are missing. */
export function openProfileStore(
  stateDir: string,
  nowMs: () => number,
): Result<ProfileStore, Fault> {
  const folder = join(stateDir, FOLDER);
  const key = attempt(() => {
    mkdirSync(folder, { recursive: true, mode: OWNER_ONLY_FOLDER });
    return ensureKey(join(stateDir, KEY));
  });
  if (!key.ok) return key;
  const seal = createProfileSeal(key.value);
  const pathOf = (person: string): string => join(folder, `${seal.nameOf(person)}${SUFFIX}`);

  const owedPath = (name: string): string => join(folder, `${name}${OWED_SUFFIX}`);

  function readPath(path: string): Result<KeptProfile | null, Fault> {
    const sealed = attempt(() => readFileOrNull(path));
    if (!sealed.ok) return sealed;
    if (sealed.value === null) return ok(null);
    const name = path.slice(folder.length + 1, -SUFFIX.length);
    const opened = seal.open(name, sealed.value);
    return opened.ok ? parseKept(opened.value) : opened;
  }

  return ok({
    read: (person) => readPath(pathOf(person)),
    keep(profile) {
      const kept: KeptProfile = { ...profile, keptMs: nowMs() };
      const path = pathOf(profile.person);
      return attempt(() => {
        const sealed = seal.seal(seal.nameOf(profile.person), JSON.stringify(kept));
        // Torn or lost with the power, the person is as known as before: nobody waits for the disk.
        writeFileSync(`${path}.new`, sealed, { mode: OWNER_ONLY });
        renameSync(`${path}.new`, path);
      });
    },
    erase(person) {
      const name = seal.nameOf(person);
      const core = readPath(pathOf(person));
      // What can not be read may be known elsewhere all the same.
      const known = core.ok ? core.value?.core : 0;
      if (known !== undefined) {
        const noted = attempt(() =>
          writeFileSync(owedPath(name), String(known), { mode: OWNER_ONLY }),
        );
        if (!noted.ok) return noted;
      }
      return attempt(() => unlinked(pathOf(person)));
    },
    drop: (name) => attempt(() => unlinked(join(folder, `${name}${SUFFIX}`))),
    nameOf: (person) => seal.nameOf(person),
    readNamed: (name) => readPath(join(folder, `${name}${SUFFIX}`)),
    pack({ person, groups, text }) {
      const sealed = seal.seal(seal.nameOf(person), JSON.stringify({ person, groups, text }));
      return Buffer.from(sealed).toString("base64");
    },
    unpack(name, packed) {
      const opened = seal.open(name, Buffer.from(packed, "base64"));
      return opened.ok ? parseKept(opened.value) : opened;
    },
    owed: () =>
      readdirSync(folder)
        .filter((file) => file.endsWith(OWED_SUFFIX))
        .map((file) => {
          const noted = readFileSync(join(folder, file), "utf8");
          const name = file.slice(0, -OWED_SUFFIX.length);
          return { name, erased: noted === "" ? null : Number(noted) };
        }),
    owe(name, erased) {
      writeFileSync(owedPath(name), erased === null ? "" : String(erased), { mode: OWNER_ONLY });
    },
    settle: (name) => void unlinked(owedPath(name)),
    newest(most) {
      const profiles: KeptProfile[] = [];
      let unreadable = 0;
      for (const { path } of listed(folder).slice(0, most)) {
        const kept = readPath(path);
        if (kept.ok && kept.value !== null) profiles.push(kept.value);
        else unreadable += 1;
      }
      return { profiles, unreadable };
    },
    listing: () =>
      new Map(listed(folder).map(({ path, changedMs }) => [path.slice(folder.length), changedMs])),
  });
}

/** False: there was nothing. */
function unlinked(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function ensureKey(path: string): Uint8Array {
  const found = readFileOrNull(path);
  if (found !== null) return wholeKey(found, path);
  const fresh = `${path}.${String(process.pid)}`;
  writeFileSync(fresh, randomBytes(PROFILE_KEY_BYTES), { mode: OWNER_ONLY });
  try {
    linkSync(fresh, path);
  } catch (error) {
    // Somebody else was first: theirs counts.
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    unlinkSync(fresh);
  }
  return wholeKey(readFileSync(path), path);
}

function wholeKey(key: Uint8Array, path: string): Uint8Array {
  if (key.length !== PROFILE_KEY_BYTES) {
    throw new Error(`${path} must have ${String(PROFILE_KEY_BYTES)} bytes`);
  }
  return key;
}

function readFileOrNull(path: string): Uint8Array | null {
  try {
    if (statSync(path).size > FILE_BYTES_MAX) throw new Error(`${path} is too large`);
    return readFileSync(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Newest first. */
function listed(folder: string): readonly { readonly path: string; readonly changedMs: number }[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(SUFFIX))
    .flatMap((name) => {
      const path = join(folder, name);
      try {
        return [{ path, changedMs: statSync(path).mtimeMs }];
      } catch {
        // Erased meanwhile.
        return [];
      }
    })
    .sort((a, b) => b.changedMs - a.changedMs || a.path.localeCompare(b.path));
}

function parseKept(text: string): Result<KeptProfile, Fault> {
  // Sealed with our own key: whoever could write it here can write anything.
  const value = JSON.parse(text) as KeptProfile;
  return typeof value.person === "string" && typeof value.text === "string"
    ? ok(value)
    : err(fault("CHP_RUNTIME_PROFILE", "it is of another version"));
}

function attempt<T>(deed: () => T): Result<T, Fault> {
  try {
    return ok(deed());
  } catch (error) {
    const why = describeError(error);
    return err(fault("CHP_RUNTIME_PROFILE", why));
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
