import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { err, fault, ok, Secret, type Fault, type Result } from "../../kernel/index.js";
import { ensurePrivateFolder, readPrivateFile, writePrivateFile } from "../private-file.js";
import { parseTotpSecret } from "../totp.js";

/** What people have enrolled themselves, beside what the configuration says: one private file each. */
export interface EnrolledFactors {
  factorsOf(person: string): readonly EnrolledFactor[];
  /** Belongs to this store: whoever gets it does not wipe it. */
  totpOf(person: string): Secret | undefined;
  keysOf(person: string): readonly EnrolledKey[];
  /** Names the person to authenticators without saying who it is (WebAuthn `user.id`). */
  handleOf(person: string): string;
  setTotp(person: string, base32: string): Promise<Result<null, Fault>>;
  addKey(person: string, key: NewKey): Promise<Result<null, Fault>>;
  /**
   * The key has answered with this counter. `cloned`: the counter did not rise, so that somebody else has
   * the same key (WebAuthn section 6.1.1); the key is set aside for good.
   */
  used(person: string, id: string, counter: number): Promise<Result<"good" | "cloned", Fault>>;
  /** `id`: of a key, or `totp`. False when there is none. */
  remove(person: string, id: string): Promise<Result<boolean, Fault>>;
  /** What there is, without anything secret. */
  list(person: string): readonly EnrolledView[];
}

export type EnrolledFactor = "totp" | "webauthn";

/** A passkey or security key, as its registration told it. */
export interface NewKey {
  /** base64url, chosen by the authenticator. */
  readonly id: string;
  /** COSE key, base64url. */
  readonly publicKey: string;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly name: string;
  /** It may exist on several devices of the person. */
  readonly synced: boolean;
}

export interface EnrolledKey extends NewKey {
  readonly state: "good" | "cloned";
  readonly enrolledMs: number;
  readonly usedMs?: number | undefined;
}

export interface EnrolledView {
  readonly id: string;
  readonly factor: EnrolledFactor;
  readonly name: string;
  readonly state: "good" | "cloned";
  readonly enrolledMs: number;
  readonly usedMs?: number;
}

/** A key at home, one at work, a phone, some spares. */
export const KEYS_PER_PERSON_MAX = 10;
/** As many people as a webhook directory keeps in mind. */
const PEOPLE_MAX = 20_000;
const HANDLE_BYTES = 32;

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/);
const keyForm = z.strictObject({
  id: base64url.max(1_400),
  publicKey: base64url.max(4_096),
  counter: z.int().min(0),
  transports: z.array(z.string().max(32)).max(8),
  name: z.string().max(64),
  synced: z.boolean(),
  state: z.enum(["good", "cloned"]),
  enrolledMs: z.number(),
  usedMs: z.number().optional(),
});
const fileForm = z.strictObject({
  version: z.literal(1),
  person: z.string().max(128),
  handle: base64url.max(128),
  totp: z.strictObject({ base32: z.string().max(256), enrolledMs: z.number() }).optional(),
  keys: z.array(keyForm).max(KEYS_PER_PERSON_MAX),
});
type Kept = z.output<typeof fileForm>;

/** Reads the folder (made when it is not there). A file that is not well refuses the start. */
export async function openEnrolledFactors(
  folder: string,
  wallMs: () => number,
): Promise<Result<EnrolledFactors, Fault>> {
  const made = await ensurePrivateFolder(folder);
  if (!made.ok) return made;
  const all = new Map<string, Kept>();
  for (const file of await readdir(folder)) {
    if (!file.endsWith(".json")) continue;
    const read = await readKept(join(folder, file));
    if (!read.ok) return read;
    all.set(read.value.person, read.value);
  }
  return ok(new FolderOfFactors(folder, all, wallMs));
}

class FolderOfFactors implements EnrolledFactors {
  readonly #folder: string;
  readonly #all: Map<string, Kept>;
  readonly #secrets = new Map<string, Secret>();
  readonly #wallMs: () => number;
  /** Writes of one person's file, one after the other: the last state asked for is the last written. */
  readonly #writing = new Map<string, Promise<Result<null, Fault>>>();

  constructor(folder: string, all: Map<string, Kept>, wallMs: () => number) {
    this.#folder = folder;
    this.#all = all;
    this.#wallMs = wallMs;
    for (const one of all.values()) this.#learn(one);
  }

  factorsOf(person: string): readonly EnrolledFactor[] {
    const kept = this.#all.get(person);
    if (kept === undefined) return [];
    return [
      ...(kept.totp === undefined ? [] : ["totp" as const]),
      ...(kept.keys.some((key) => key.state === "good") ? ["webauthn" as const] : []),
    ];
  }

  totpOf(person: string): Secret | undefined {
    return this.#secrets.get(person);
  }

  keysOf(person: string): readonly EnrolledKey[] {
    return this.#all.get(person)?.keys ?? [];
  }

  handleOf(person: string): string {
    return this.#of(person).handle;
  }

  async setTotp(person: string, base32: string): Promise<Result<null, Fault>> {
    return await this.#keep({
      ...this.#of(person),
      totp: { base32, enrolledMs: this.#wallMs() },
    });
  }

  async addKey(person: string, key: NewKey): Promise<Result<null, Fault>> {
    const kept = this.#of(person);
    if (kept.keys.length >= KEYS_PER_PERSON_MAX) {
      return err(fault("CHP_IDENTITY_ENROLMENT", `${KEYS_PER_PERSON_MAX} keys are enrolled`));
    }
    if (this.#hasKey(key.id)) {
      return err(fault("CHP_IDENTITY_ENROLMENT", "this key is enrolled already"));
    }
    const added = {
      ...key,
      transports: [...key.transports],
      state: "good" as const,
      enrolledMs: this.#wallMs(),
    };
    return await this.#keep({ ...kept, keys: [...kept.keys, added] });
  }

  async used(
    person: string,
    id: string,
    counter: number,
  ): Promise<Result<"good" | "cloned", Fault>> {
    const kept = this.#of(person);
    const key = kept.keys.find((one) => one.id === id);
    if (key?.state !== "good") return ok("cloned");
    // Authenticators without a counter always say 0.
    const cloned = counter <= key.counter && (counter > 0 || key.counter > 0);
    const after = cloned
      ? { ...key, state: "cloned" as const }
      : { ...key, counter, usedMs: this.#wallMs() };
    const kept2 = { ...kept, keys: kept.keys.map((one) => (one.id === id ? after : one)) };
    const written = await this.#keep(kept2);
    return written.ok ? ok(cloned ? "cloned" : "good") : written;
  }

  async remove(person: string, id: string): Promise<Result<boolean, Fault>> {
    const kept = this.#all.get(person);
    if (kept === undefined) return ok(false);
    const { totp, ...rest } = kept;
    if (id === "totp") {
      if (totp === undefined) return ok(false);
      const written = await this.#keep(rest);
      return written.ok ? ok(true) : written;
    }
    const keys = kept.keys.filter((key) => key.id !== id);
    if (keys.length === kept.keys.length) return ok(false);
    const written = await this.#keep({ ...kept, keys });
    return written.ok ? ok(true) : written;
  }

  list(person: string): readonly EnrolledView[] {
    const kept = this.#all.get(person);
    if (kept === undefined) return [];
    const { totp, keys } = kept;
    return [
      ...(totp === undefined
        ? []
        : [
            {
              id: "totp",
              factor: "totp" as const,
              name: "authenticator app",
              state: "good" as const,
              enrolledMs: totp.enrolledMs,
            },
          ]),
      ...keys.map(({ id, name, state, enrolledMs, usedMs }) => ({
        id,
        factor: "webauthn" as const,
        name,
        state,
        enrolledMs,
        ...(usedMs === undefined ? {} : { usedMs }),
      })),
    ];
  }

  #of(person: string): Kept {
    const known = this.#all.get(person);
    if (known !== undefined) return known;
    const handle = randomBytes(HANDLE_BYTES).toString("base64url");
    return { version: 1, person, handle, keys: [] };
  }

  #hasKey(id: string): boolean {
    for (const one of this.#all.values()) if (one.keys.some((key) => key.id === id)) return true;
    return false;
  }

  /** In memory at once, so that nobody decides by what was; an answer once it is on the disk. */
  async #keep(kept: Kept): Promise<Result<null, Fault>> {
    const before = this.#all.get(kept.person);
    if (before === undefined && this.#all.size >= PEOPLE_MAX) {
      return err(fault("CHP_IDENTITY_ENROLMENT", `${PEOPLE_MAX} people are enrolled`));
    }
    this.#all.set(kept.person, kept);
    this.#learn(kept);
    const previous = this.#writing.get(kept.person) ?? Promise.resolve(ok(null));
    const file = join(this.#folder, `${encodeURIComponent(kept.person)}.json`);
    const text = Buffer.from(`${JSON.stringify(kept, null, 2)}\n`);
    const writing = previous.then(() => writePrivateFile(file, text));
    this.#writing.set(kept.person, writing);
    const written = await writing;
    text.fill(0);
    if (this.#writing.get(kept.person) === writing) this.#writing.delete(kept.person);
    // A counter that rose in memory alone still guards until the next start; an enrolment must not.
    if (!written.ok && this.#all.get(kept.person) === kept) this.#takeBack(kept, before);
    return written;
  }

  #takeBack(kept: Kept, before: Kept | undefined): void {
    if (before === undefined) this.#all.delete(kept.person);
    else this.#all.set(kept.person, before);
    this.#learn(before ?? { ...kept, totp: undefined });
  }

  #learn({ person, totp }: Kept): void {
    this.#secrets.get(person)?.wipe();
    this.#secrets.delete(person);
    if (totp === undefined) return;
    const secret = parseTotpSecret(new Secret(Buffer.from(totp.base32)));
    if (secret.ok) this.#secrets.set(person, secret.value);
  }
}

async function readKept(path: string): Promise<Result<Kept, Fault>> {
  const read = await readPrivateFile(path);
  if (!read.ok) return read;
  const text = Buffer.from(read.value ?? []).toString("utf8");
  try {
    const kept = fileForm.safeParse(JSON.parse(text));
    if (kept.success) return ok(kept.data);
  } catch {
    // Not even JSON: told below, as everything else that is not ours.
  }
  return err(fault("CHP_IDENTITY_STATE", `${path} is not a file that the sidecar has made`));
}
