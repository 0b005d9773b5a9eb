import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Place } from "../../kernel/index.js";
import type { Access, SshTarget, TargetConfig } from "./config.js";
import { chooseDestination, parseTemplate, parseUserName } from "./user-name.js";

const TEMPLATES = ["{person}+{account}@{target}", "{person}@{target}", "{person}"];
const TARGETS = new Set(["db-1", "local", "web.example.org"]);
const read = (userName: string) => parseUserName(TEMPLATES, userName, TARGETS);

describe("an SSH user name", () => {
  it.each([
    ["alice", { person: "alice" }],
    ["alice@db-1", { person: "alice", target: "db-1" }],
    ["alice+root@db-1", { person: "alice", account: "root", target: "db-1" }],
    ["alice@corp.example", { person: "alice@corp.example" }],
    ["alice@corp.example@db-1", { person: "alice@corp.example", target: "db-1" }],
    [
      "alice@corp.example+root@db-1",
      { person: "alice@corp.example", account: "root", target: "db-1" },
    ],
    ["alice+CORP\\svc$@db-1", { person: "alice", account: "CORP\\svc$", target: "db-1" }],
    ["alice@local@db-1", { person: "alice@local", target: "db-1" }],
  ])("%s is read from the right", (userName, claim) => {
    expect(read(userName)).toEqual(claim);
  });

  it.each([
    "",
    "+root@db-1",
    "@db-1",
    "alice+@db-1",
    "alice+root",
    "alice+root@",
    "alice+root@db-2",
    "alice root@db-1",
    "alice\n@db-1",
    "a".repeat(513),
    "{person}",
  ])("%j is nobody's", (userName) => {
    expect(read(userName)).toBeNull();
  });

  it("can not choose another target by what is in the person's part", () => {
    const hostile = fc.oneof(
      fc.string(),
      fc.stringMatching(/^[a-z@+{}.]{0,40}$/),
      fc.constantFrom("x@local", "x+root@local", "x+root@local+root", "@local", "{target}"),
    );
    fc.assert(
      fc.property(hostile, fc.constantFrom(...TARGETS), (person, target) => {
        const claim = read(`${person}@${target}`);
        if (claim !== null) expect(claim.target).toBe(target);
      }),
    );
  });

  it("can not choose another account by what is in the person's part", () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom("root", "deploy"), (person, account) => {
        const claim = read(`${person}+${account}@db-1`);
        if (claim !== null) expect(claim).toMatchObject({ account, target: "db-1" });
      }),
    );
  });

  it("gives back what a gateway has put together from valid names", () => {
    const person = fc.stringMatching(/^[a-z][a-z0-9._-]{0,10}(@[a-z]{1,8}\.test)?$/);
    const account = fc.stringMatching(/^[a-z][a-z0-9._-]{0,10}$/);
    fc.assert(
      fc.property(person, account, fc.constantFrom(...TARGETS), (p, a, t) => {
        expect(read(`${p}+${a}@${t}`)).toEqual({ person: p, account: a, target: t });
        expect(read(`${p}@${t}`)).toEqual({ person: p, target: t });
        expect(read(p)).toEqual({ person: p });
      }),
    );
  });

  it("only ever names targets that exist", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const claim = read(text);
        if (claim?.target !== undefined) expect(TARGETS.has(claim.target)).toBe(true);
      }),
    );
  });
});

describe("a template of user names", () => {
  it.each([
    ["{account}@{target}", "has no {person}"],
    ["{person}{target}", "nothing between"],
    ["{person}@{person}", "twice"],
    ["{person}@{host}", "unknown field"],
    ["{person}@{", "opens no field"],
    ["{person}%{target}", "`%`"],
    ["{person}:{target}", "`:`"],
    ["{person}-{target}", "names may hold"],
    ["{person}${target}", "names may hold"],
  ])("%s is refused", (text, why) => {
    const template = parseTemplate(text);
    expect(template.ok ? "" : template.error).toContain(why);
  });

  it("may be one of another product's forms", () => {
    const claim = parseUserName(["{person}#{account}#{target}"], "alice#root#db-1", TARGETS);
    expect(claim).toEqual({ person: "alice", account: "root", target: "db-1" });
  });
});

describe("where a person goes", () => {
  const at: Place = { file: "x", line: 1, column: 1 };
  const everybody: Access = { people: [], groups: [] };
  const target = (name: string, accounts: readonly string[], more: Partial<SshTarget> = {}) =>
    ({
      type: "ssh",
      name,
      host: name,
      port: 22,
      hostKey: { type: "first-use" },
      accounts: accounts.map((account) => ({
        name: account,
        credential: { type: "passthrough" },
        access: everybody,
      })),
      labels: {},
      access: everybody,
      connectTimeoutMs: 1,
      integration: "off",
      at,
      ...more,
    }) satisfies TargetConfig;
  const local: TargetConfig = {
    type: "embedded",
    name: "local",
    account: "nobody",
    command: ["/bin/sh"],
    labels: {},
    access: everybody,
    integration: "off",
    at,
  };
  const alice = { name: "alice", groups: ["dba"] };
  const chosen = (result: ReturnType<typeof chooseDestination>) =>
    result.ok ? `${result.value.account}@${result.value.target.name}` : result.error;

  it("is the only target, when they named none", () => {
    expect(chosen(chooseDestination({ person: "alice" }, alice, [local]))).toBe("nobody@local");
  });

  it("is the only target that they may use", () => {
    const closed = target("db-1", ["root"], { access: { people: [], groups: ["sre"] } });
    expect(chosen(chooseDestination({ person: "alice" }, alice, [closed, local]))).toBe(
      "nobody@local",
    );
    expect(
      chosen(chooseDestination({ person: "alice", target: "db-1" }, alice, [closed, local])),
    ).toBe("the target db-1 is not for you");
  });

  it("is asked for when there are several", () => {
    const targets = [target("db-1", ["root"]), local];
    expect(chosen(chooseDestination({ person: "alice" }, alice, targets))).toBe(
      "say which target: alice@TARGET, one of db-1, local",
    );
  });

  it("is under the only account, or the one named like them, or the one they name", () => {
    const one = target("db-1", ["root"]);
    const own = target("db-2", ["root", "alice"]);
    const two = target("db-3", ["root", "deploy"]);
    const to = (name: string, account?: string) =>
      chosen(
        chooseDestination(
          { person: "alice", target: name, ...(account === undefined ? {} : { account }) },
          alice,
          [one, own, two, local],
        ),
      );
    expect(to("db-1")).toBe("root@db-1");
    expect(to("db-2")).toBe("alice@db-2");
    expect(to("db-3")).toBe("say which account: alice+ACCOUNT@db-3, one of root, deploy");
    expect(to("db-3", "deploy")).toBe("deploy@db-3");
    expect(to("db-3", "admin")).toBe("db-3 has no account admin for you");
    expect(to("local", "root")).toBe("local has no account root");
  });

  it("is never an account that is not theirs", () => {
    const secret = target("db-1", []);
    const closed: TargetConfig = {
      ...secret,
      accounts: [
        {
          name: "root",
          credential: { type: "passthrough" },
          access: { people: ["bob"], groups: ["sre"] },
        },
      ],
    };
    for (const claim of [{}, { account: "root" }]) {
      const result = chooseDestination({ person: "alice", target: "db-1", ...claim }, alice, [
        closed,
      ]);
      expect(result.ok).toBe(false);
    }
    const bob = chooseDestination({ person: "bob" }, { name: "bob", groups: [] }, [closed]);
    expect(chosen(bob)).toBe("root@db-1");
  });
});
