import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createProfileSeal, openProfileStore, type ProfileStore } from "./index.js";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "chaperone-profiles-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function open(): ProfileStore {
  let now = 1_000;
  const store = openProfileStore(dir, () => now++);
  if (!store.ok) throw new Error(store.error.message);
  return store.value;
}

const kept = (person: string, text = "{}") => ({ person, groups: ["dba"], revision: 1, text });
const files = (): readonly string[] => readdirSync(join(dir, "profiles"));

describe("profiles of behaviour on the disk", () => {
  it("are there again after a restart", () => {
    open().keep(kept("alice", '{"version":1}'));
    expect(open().read("alice")).toMatchObject({
      ok: true,
      value: { person: "alice", groups: ["dba"], revision: 1, text: '{"version":1}' },
    });
    expect(open().read("bob")).toEqual({ ok: true, value: null });
  });

  it("name nobody, and say nothing without the key", () => {
    open().keep(kept("alice", "what alice does"));
    const [file = ""] = files();
    expect(file).toMatch(/^[0-9a-f]{32}\.profile$/);
    const content = readFileSync(join(dir, "profiles", file), "latin1");
    expect(content).not.toMatch(/alice|dba|does/);
    expect(statSync(join(dir, "profiles", file)).mode & 0o077).toBe(0);
    expect(statSync(join(dir, "profiles.key")).mode & 0o077).toBe(0);
  });

  it("that were altered, or lie under another name, are no profiles", () => {
    const store = open();
    store.keep(kept("alice"));
    store.keep(kept("bob"));
    const [one = "", other = ""] = files().map((name) => join(dir, "profiles", name));
    const content = readFileSync(one);
    writeFileSync(other, content);
    content[content.length - 1] = (content.at(-1) ?? 0) ^ 1;
    writeFileSync(one, content);
    for (const person of ["alice", "bob"]) {
      expect(store.read(person)).toMatchObject({
        ok: false,
        error: { code: "CHP_RUNTIME_PROFILE" },
      });
    }
    expect(store.newest(10)).toEqual({ profiles: [], unreadable: 2 });
  });

  it("are forgotten on request, once", () => {
    const store = open();
    store.keep(kept("alice"));
    expect(store.listing().size).toBe(1);
    expect(store.erase("alice")).toEqual({ ok: true, value: true });
    expect(store.erase("alice")).toEqual({ ok: true, value: false });
    expect(store.read("alice")).toEqual({ ok: true, value: null });
    expect(store.listing().size).toBe(0);
  });

  it("are told newest first, and no more than are wanted", () => {
    const store = open();
    for (const person of ["alice", "bob", "carol"]) store.keep(kept(person));
    expect(store.newest(2).profiles).toHaveLength(2);
  });

  it("are refused where the key is not whole", () => {
    open();
    writeFileSync(join(dir, "profiles.key"), "short");
    expect(openProfileStore(dir, () => 0)).toMatchObject({ ok: false });
  });
});

describe("a sealed profile that travels", () => {
  it("opens for the same person with the same key only", () => {
    const seal = createProfileSeal(new Uint8Array(32).fill(7));
    const sealed = seal.seal("alice", "text");
    expect(seal.open("alice", sealed)).toEqual({ ok: true, value: "text" });
    expect(seal.open("bob", sealed).ok).toBe(false);
    expect(createProfileSeal(new Uint8Array(32)).open("alice", sealed).ok).toBe(false);
    expect(seal.open("alice", new Uint8Array(3)).ok).toBe(false);
    expect(seal.seal("alice", "text")).not.toEqual(sealed);
  });
});
