// What a person types with the echo off is nowhere: no text, no hash, no length. Everything that the
// sidecar wrote is searched, byte by byte.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createSeededRandom } from "../../src/testing/random.js";
import { seed } from "../../src/testing/seed.js";
import { startLab, type Lab } from "./lab/lab.js";
import { LAB_RULES } from "./lab/rules.js";
import { sshdThere } from "./lab/sshd.js";
import { totpCode } from "./lab/totp.js";

let lab: Lab;

describe.skipIf(!sshdThere)("what nobody may read later (needs sshd)", () => {
  beforeAll(async () => {
    lab = await startLab({ rules: LAB_RULES });
  });
  afterAll(() => lab.end());

  it("is in no file of the sidecar: passwords typed unseen, codes, the phrase", async () => {
    const random = createSeededRandom(seed);
    const secret = `s3cr3t-${random.below(1e9)}-${random.below(1e9)}`;
    const other = `other-${random.below(1e9)}-${random.below(1e9)}`;
    const visible = `visible-${random.below(1e9)}`;
    const terminal = lab.terminal("via");
    await terminal.ready();

    // The shell's own way, key by key and with a correction.
    terminal.type("read -r -s -p 'secret: ' x; echo; echo ${#x} read\r");
    await terminal.until("the question", () => terminal.line().endsWith("secret: "));
    for (const key of `${secret}Z`) terminal.type(key);
    terminal.type("\x7f\r");
    await terminal.shows(`${secret.length} read`);
    await terminal.ready();

    // A program that switches the echo off by itself, in one burst.
    terminal.type("bash -c 'stty -echo; printf \"word: \"; read -r y; stty echo; echo; echo ok'\r");
    await terminal.until("the question", () => terminal.line().endsWith("word: "));
    terminal.type(`${other}\r`);
    await terminal.shows("ok");
    await terminal.ready();
    await terminal.runs(`echo ${visible}`);

    // A code in a challenge.
    terminal.type("touch guarded-secret\r");
    await terminal.shows(lab.phrase("alice"));
    const code = totpCode(lab.totpSecret("alice"));
    terminal.type(`${code}\r`);
    await terminal.ready();
    terminal.type("exit\r");
    await terminal.exited;
    await lab.sidecar.told("session.closed");
    await lab.sidecar.stop();

    const files = filesBelow(lab.stateDir);
    const found = (needle: string | Buffer): readonly string[] =>
      files.filter((file) => readFileSync(file).includes(needle));
    expect(found(visible), "the search finds what is there").not.toEqual([]);
    for (const hidden of [secret, other]) {
      for (const form of formsOf(hidden)) expect(found(form), String(form)).toEqual([]);
    }
    expect(found(lab.phrase("alice"))).toEqual([]);
    expect(found(lab.totpSecret("alice"))).toEqual([]);
    expect(lab.sidecar.printed()).not.toContain(secret);
    // A six-digit code may appear by chance inside other numbers, and as the fraction of a time: as a word
    // of its own it may not.
    const asWord = new RegExp(`(^|[^0-9.])${code}([^0-9]|$)`, "m");
    const coded = files.filter((file) => asWord.test(readFileSync(file, "latin1")));
    expect(coded.filter((file) => /\.(ndjson|cast|log)$/.test(file))).toEqual([]);
  });

  it("files are for the sidecar's user alone", () => {
    const open = [lab.stateDir, ...filesBelow(lab.stateDir)].filter(
      (path) => (statSync(path).mode & 0o077) !== 0,
    );
    expect(open).toEqual([]);
  });
});

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The secret itself and the forms in which it might be hidden. */
function formsOf(secret: string): readonly (string | Buffer)[] {
  const digests = ["md5", "sha1", "sha256", "sha512"].flatMap((algorithm) => {
    const digest = createHash(algorithm).update(secret).digest();
    return [digest, digest.toString("hex"), digest.toString("base64")];
  });
  const bytes = Buffer.from(secret);
  return [
    secret,
    bytes.toString("hex"),
    bytes.toString("base64"),
    Buffer.from(secret, "utf16le"),
    ...digests,
  ];
}
