import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadCommands } from "./commands.js";
import { hearConsole } from "./console.testing.js";
import { runProgram } from "./program.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chaperone-cli-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const BLOCKING = `apiVersion: chaperone/v1
kind: RulePack
metadata: { name: mine, version: 1.0.0 }
rules:
  - id: mine-1
    name: No deletion of everything
    criticality: high
    match: { command: { exec: rm, flags: { any: [recursive] } } }
    action: block
    message: Not here.
    tests:
      - { line: "rm -rf /srv", expect: block }
      - { line: "rm /srv/x", expect: false }
`;

function configFile(rules = BLOCKING, more = ""): string {
  mkdirSync(join(folder, "rules"), { recursive: true });
  writeFileSync(join(folder, "rules", "mine.yaml"), rules);
  const file = join(folder, "chaperone.yaml");
  writeFileSync(
    file,
    `apiVersion: chaperone/v1
kind: Sidecar
people:
  - { name: alice, groups: [dba], password: { env: ALICE } }
targets:
  - { name: local, protocol: ssh, shell: { runAs: auto } }
rules: [ ./rules/*.yaml ]
${more}`,
  );
  return file;
}

async function chaperone(...argv: readonly string[]) {
  const console = hearConsole();
  const code = await runProgram(
    { commands: loadCommands, version: "1.2.3", console, env: { ALICE: "pw" } },
    argv,
  );
  return { code, out: console.outText(), err: console.errText() };
}

const COMMANDS = await loadCommands();

describe("chaperone", () => {
  it.each([[], ["help"], ["--help"], ["-h"]])("explains itself: %j", async (...argv) => {
    const { code, out } = await chaperone(...argv);
    expect(code).toBe(0);
    for (const { words, inGroup } of COMMANDS) {
      expect(out).toContain(inGroup === true ? words[0] : words.join(" "));
    }
  });

  it("tells its version", async () => {
    expect(await chaperone("--version")).toMatchObject({ code: 0, out: "1.2.3" });
  });

  it.each(COMMANDS.map((command) => [command.words.join(" "), command] as const))(
    "%s explains itself, with examples",
    async (name, command) => {
      const { code, out } = await chaperone(...command.words, "--help");
      expect(code).toBe(0);
      expect(out).toContain(`usage: chaperone ${name}`);
      expect(out).toContain("Examples\n");
    },
  );

  it.each([
    [["dance"], "there is no command `dance`"],
    [["chekc"], "did you mean `check`?"],
    [["rules", "tset"], "did you mean `rules test`?"],
    [["check", "--cofnig", "x"], "did you mean `--config`?"],
    [["check", "--config"], "argument missing"],
    [["check", "file"], "file"],
    [["completion", "fish"], "say bash or zsh"],
    [["rules", "explain"], "--line"],
    [["rules", "test"], "FILE"],
    [["ctl", "sesions"], "there is no command `ctl sesions`; did you mean `ctl sessions`?"],
    [
      ["ctl", "rules", "lst"],
      "there is no command `ctl rules lst`; did you mean `ctl rules list`?",
    ],
    [["ctl", "rules"], "`ctl rules` goes on with: validate, reload, shadow, list"],
  ])("%j is a mistake in the call: exit 2 and what was meant", async (argv, why) => {
    const { code, err } = await chaperone(...argv);
    expect(code).toBe(2);
    expect(err).toContain(why);
  });

  it.each(["bash", "zsh"])("completes in %s what it knows", async (shell) => {
    const { code, out } = await chaperone("completion", shell);
    expect(code).toBe(0);
    for (const word of ["doctor", "explain", "--line"]) expect(out).toContain(word);
    expect(spawnSync("bash", ["-n"], { input: out }).status).toBe(0);
  });

  it("completes words, options and nothing after a wrong word, judged by bash itself", async () => {
    const { out } = await chaperone("completion", "bash");
    const offered = (...words: readonly string[]) =>
      spawnSync("bash", ["--norc"], {
        encoding: "utf8",
        input: `${out}
COMP_WORDS=(chaperone ${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length}
_chaperone; printf '%s\\n' "\${COMPREPLY[@]}"`,
      }).stdout.split("\n");
    expect(offered("che")).toContain("check");
    expect(offered("rules", "")).toEqual(expect.arrayContaining(["test", "explain"]));
    expect(offered("rules", "explain", "--")).toContain("--line");
    expect(offered("ctl", "rules", "")).toEqual(
      expect.arrayContaining(["validate", "reload", "shadow", "list"]),
    );
    expect(offered("ctl", "").filter((word) => word === "rules")).toHaveLength(1);
    // Not files where a session is asked for, nor where nobody can know what comes.
    expect(offered("ctl", "watch", "").filter((word) => !word.startsWith("--"))).toEqual([""]);
    expect(offered("ctl", "kill", "--reason", "")).toEqual(["", ""]);
    expect(offered("ctl", "rules", "validate", "pack")).toContain("package.json");
    expect(offered("check", "--config", "pack")).toContain("package.json");
    expect(offered("ctl", "tokens", "--")).not.toContain("--ttl");
    expect(offered("ctl", "token", "--")).toContain("--ttl");
  });
});

describe("chaperone check", () => {
  it("passes a good configuration: exit 0", async () => {
    const { code, out, err } = await chaperone("check", "--config", configFile());
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("people: 1, targets: 1, rules: 1 (files: 1)");
  });

  it("tells one line per fault: exit 1", async () => {
    const file = configFile(BLOCKING, "limts: {}\npolicy: { onFault: maybe }\n");
    const { code, err } = await chaperone("check", "--config", file);
    expect(code).toBe(1);
    expect(err).toContain(`${file}:8:1 CHP_CONFIG_SHAPE unknown key \`limts\``);
    expect(err).toContain(`${file}:9:20 CHP_CONFIG_SHAPE`);
    expect(err).toContain("mend CHP_CONFIG_SHAPE: ");
  });

  it("tells a rule that does not compile at its place", async () => {
    const file = configFile(BLOCKING.replace("exec: rm", "exec: { regex: '(rm' }"));
    const { code, err } = await chaperone("check", "--config", file);
    expect(code).toBe(1);
    expect(err).toMatch(/mine\.yaml:8:\d+ CHP_RULES?_REGEX /);
  });

  it("tells a secret that is missing, unless it is asked not to look", async () => {
    const file = configFile();
    writeFileSync(
      file,
      `apiVersion: chaperone/v1\nkind: Sidecar\npeople: [{ name: a, password: { env: NO_SUCH } }]\ntargets: [{ name: local, protocol: ssh, shell: { runAs: auto } }]\nrules: []\n`,
    );
    const { code, err } = await chaperone("check", "--config", file);
    expect(code).toBe(1);
    expect(err).toContain(":3:31 CHP_CONFIG_SECRET the environment variable NO_SUCH is not set");
    expect((await chaperone("check", "--without-secrets", "--config", file)).code).toBe(0);
  });

  it("tells a file that is not there", async () => {
    const { code, err } = await chaperone("check", "--config", join(folder, "none.yaml"));
    expect(code).toBe(1);
    expect(err).toContain("CHP_CONFIG_UNREADABLE");
  });
});

describe("chaperone rules", () => {
  it("test runs the tests inside rule files", async () => {
    configFile();
    const good = await chaperone("rules", "test", join(folder, "rules", "mine.yaml"));
    expect({ code: good.code, err: good.err }).toEqual({ code: 0, err: "" });
    expect(good.out).toContain("2 tests");
    configFile(BLOCKING.replace("expect: false", "expect: block"));
    const wrong = await chaperone("rules", "test", join(folder, "rules", "mine.yaml"));
    expect(wrong.code).toBe(1);
    expect(wrong.err).toContain("rm /srv/x");
    const none = await chaperone("rules", "test", join(folder, "none.yaml"));
    expect(none.code).toBe(3);
  });

  it("explain says which rules hit, why, and the verdict", async () => {
    const file = configFile();
    const { code, out } = await chaperone(
      ...["rules", "explain", "--config", file, "--line", "sudo rm -rf /srv"],
    );
    expect(code).toBe(0);
    for (const word of ["block", "mine-1", "No deletion of everything"]) {
      expect(out).toContain(word);
    }
  });

  it("explain --json is one object a line", async () => {
    const file = configFile();
    const { code, out } = await chaperone(
      ...["rules", "explain", "--config", file, "--json", "--line", "sudo rm -rf /srv"],
    );
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      line: "sudo rm -rf /srv",
      verdict: "block",
      rules: [{ id: "mine-1", criticality: "high", action: "block" }],
      invocations: [
        { argv: ["sudo", "rm", "-rf", "/srv"], via: [] },
        { argv: ["rm", "-rf", "/srv"], via: ["sudo"], runas: "root" },
      ],
    });
  });
});

describe("bin/chaperone.mjs", () => {
  it("says what to do when nothing is built", () => {
    mkdirSync(join(folder, "bin"));
    copyFileSync("bin/chaperone.mjs", join(folder, "bin", "chaperone.mjs"));
    const ran = spawnSync(process.execPath, [join(folder, "bin", "chaperone.mjs"), "--help"], {
      encoding: "utf8",
    });
    expect(ran.status).toBe(3);
    expect(ran.stderr).toContain("not built yet");
    expect(ran.stderr).toContain("npm ci && npm run build");
  });
});
