import { describe, expect, it } from "vitest";
import { compileForTest, faultsOf, hitIds, packOf } from "./rules.testing.js";

const ruleset = compileForTest(
  packOf(`
- id: whole-vault
  name: The vault is deleted
  match: { command: { deletes: { recursive: true, path: /srv/vault/** } } }
  action: block
- id: one-key
  name: A key is deleted
  match: { command: { deletes: { path: "/srv/keys/*.key" } } }
  action: alert
`),
);

describe("a rule about what is deleted", () => {
  it.each([
    ["rm -rf /srv/vault", ["whole-vault"]],
    ["rm /srv/vault/x", []],
    ["find /srv/vault -name x -delete", ["whole-vault"]],
    ["rsync -a --delete empty/ /srv/vault", ["whole-vault"]],
    ["python3 -c 'import shutil; shutil.rmtree(\"/srv/vault\")'", ["whole-vault"]],
    ["rm /srv/keys/a.key", ["one-key"]],
    ["perl -e 'unlink \"/srv/keys/a.key\"'", ["one-key"]],
    ["ln -s /srv x; rm -rf x/vault", ["whole-vault"]],
    ["cp -r /srv/vault /tmp", []],
    ["echo rm -rf /srv/vault", []],
    ["git commit -m 'rm -rf /srv/vault'", []],
  ])("%s", (line, rules) => {
    expect(hitIds(ruleset, line)).toEqual(rules);
  });

  it("means the folders above a path as well, and not those beside it", () => {
    expect(hitIds(ruleset, "rm -rf /srv")).toContain("whole-vault");
    expect(hitIds(ruleset, "cd /; rm -rf ./srv/")).toContain("whole-vault");
    expect(hitIds(ruleset, "rm -rf /")).toContain("whole-vault");
    expect(hitIds(ruleset, "rm -rf /srv/vaults")).toEqual([]);
    expect(hitIds(ruleset, "rm -rf /srv/other")).toEqual([]);
  });

  it("can be asked of paths that only expressions describe", () => {
    const made = compileForTest(
      packOf(`
- id: tenant
  name: A tenant is deleted
  match: { command: { deletes: { recursive: true, path: { regex: "^/data/tenant-[0-9]+$" } } } }
  action: block
`),
    );
    expect(hitIds(made, "rm -rf /data/tenant-7")).toEqual(["tenant"]);
    expect(hitIds(made, "rm -rf /data/tenant-x")).toEqual([]);
  });

  it("suspects a line that can not be read and names a program that deletes", () => {
    const long = "x ".repeat(9_000);
    expect(hitIds(ruleset, `rm -rf ${long}`)).toContain("whole-vault");
    expect(hitIds(ruleset, `git log ${long}`)).toEqual([]);
  });

  it("needs one of its words", () => {
    const [fault] = faultsOf(
      packOf("- { id: rule-a, name: A, match: { command: { deletes: {} } }, action: block }"),
    );
    expect(fault?.code).toBe("CHP_RULES_SHAPE");
  });
});
