import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodeUtf8, describeFault, Secret } from "../../kernel/index.js";
import type { Config } from "./config.js";
import { demoSecrets } from "./demo-person.js";
import { thisHost } from "./host.js";
import { loadConfig, parseConfig } from "./load-config.js";
import { missingSecrets, openDirectory } from "./people.js";
import { readRuleFiles, rulePaths } from "./rule-files.js";
import { resolveSecret } from "./secret-ref.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chaperone-config-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const at = { file: "chaperone.yaml", line: 3, column: 5 };

function load(people: string, more = ""): Config {
  const text = `apiVersion: chaperone/v1
kind: Sidecar
people:
${people}
targets:
  - { name: local, protocol: ssh, shell: { runAs: auto } }
${more}`;
  const config = parseConfig({ text, file: join(folder, "chaperone.yaml"), host: thisHost() });
  if (!config.ok) throw new Error(config.error.map(describeFault).join("\n"));
  return config.value;
}

describe("the first start", () => {
  const DEMO =
    "  - { name: demo, demo: true, password: { file: ./var/demo/password }, totp: { file: ./var/demo/totp }, phrase: { file: ./var/demo/phrase } }";

  it("makes the demo person's secrets at random, for the owner alone, and only once", async () => {
    const config = load(DEMO);
    const first = await openDirectory(config, {});
    expect(first.ok).toBe(true);
    for (const name of ["password", "totp", "phrase"]) {
      expect(statSync(join(folder, "var/demo", name)).mode & 0o777).toBe(0o600);
    }
    const [demo] = demoSecrets(config, {});
    expect(demo?.password).toMatch(/^(?:[a-z]{5}-){3}[a-z]{5}$/);
    expect(demo?.totp).toMatch(/^[A-Z2-7]{32}$/);
    const second = await openDirectory(config, {});
    expect(demoSecrets(config, {})).toEqual([demo]);
    if (!second.ok) throw new Error("no directory");
    const answer = new Secret(Buffer.from(demo?.password ?? ""));
    expect(await second.value.verifyPassword("demo", answer)).toBe("accepted");
    expect(second.value.find("demo")).toMatchObject({
      phrase: demo?.phrase,
      factors: ["totp", "password"],
    });
  });

  it("makes different secrets in every stateDir", async () => {
    const one = load(DEMO);
    const two = load(DEMO.replaceAll("./var/demo", "./other/demo"));
    await openDirectory(one, {});
    await openDirectory(two, {});
    expect(demoSecrets(one, {})[0]?.password).not.toBe(demoSecrets(two, {})[0]?.password);
    expect(demoSecrets(one, {})[0]?.totp).not.toBe(demoSecrets(two, {})[0]?.totp);
  });

  it("gives a phrase to everybody who chose none", async () => {
    const directory = await openDirectory(load("  - { name: alice, password: { env: ALICE } }"), {
      ALICE: "pw",
    });
    expect(directory.ok && directory.value.find("alice")?.phrase).toMatch(/^[a-z]{5}-[a-z]{5}-/);
  });

  it("tells every secret that is missing, each at its place", async () => {
    const config = load(
      [
        "  - { name: alice, password: { env: NO_SUCH } }",
        "  - { name: bob, password: { file: ./nothing } }",
        "  - { name: carol, password: { value: x }, totp: { value: not-base-32! } }",
      ].join("\n"),
    );
    const directory = await openDirectory(config, {});
    expect(
      directory.ok ? [] : directory.error.map((one) => `${one.at?.line ?? 0} ${one.code}`),
    ).toEqual(["4 CHP_CONFIG_SECRET", "5 CHP_CONFIG_SECRET", "6 CHP_IDENTITY_TOTP"]);
    expect(missingSecrets(config, {})).toHaveLength(2);
    expect(missingSecrets(config, { NO_SUCH: "there" })).toHaveLength(1);
  });
});

describe("a reference to a secret", () => {
  const text = (path: string) => {
    const secret = resolveSecret({ type: "file", path, at }, {});
    return secret.ok ? secret.value.reveal(decodeUtf8) : describeFault(secret.error);
  };

  it.each([
    ["s3cret", "s3cret"],
    ["s3cret\n", "s3cret"],
    ["s3cret\r\n", "s3cret"],
    ["s3cret\n\n", "s3cret\n"],
    [" s3 cret ", " s3 cret "],
  ])("to a file that holds %j is %j", (content, secret) => {
    writeFileSync(join(folder, "secret"), content);
    expect(text(join(folder, "secret"))).toBe(secret);
  });

  it("to nothing is a fault with its place", () => {
    writeFileSync(join(folder, "empty"), "\n");
    expect(text(join(folder, "empty"))).toContain("chaperone.yaml:3:5 CHP_CONFIG_SECRET");
    expect(text(join(folder, "none"))).toContain("chaperone.yaml:3:5 CHP_CONFIG_SECRET");
    expect(text(folder)).toContain("CHP_CONFIG_SECRET");
    writeFileSync(join(folder, "large"), "x".repeat(64 * 1024 + 1));
    expect(text(join(folder, "large"))).toContain("larger than 65536 bytes");
  });
});

describe("the rule files", () => {
  it("are read in order, each once, whatever names it has", () => {
    mkdirSync(join(folder, "rules"));
    writeFileSync(join(folder, "rules", "b.yaml"), "b");
    writeFileSync(join(folder, "rules", "a.yaml"), "a");
    writeFileSync(join(folder, "rules", ".hidden.yaml"), "no");
    writeFileSync(join(folder, "rules", "notes.txt"), "no");
    symlinkSync(join(folder, "rules", "b.yaml"), join(folder, "rules", "c.yaml"));
    const config = load(
      "  - { name: a, password: { env: A } }",
      "rules: [ ./rules/*.yaml, ./rules/a.yaml ]",
    );
    const files = readRuleFiles(config.rules);
    expect(files.ok && files.value.map((one) => one.text)).toEqual(["a", "b"]);
    expect(rulePaths(config.rules)).toEqual(
      ["a", "b", "c"].map((name) => join(folder, "rules", `${name}.yaml`)),
    );
  });

  it("may be none yet for a pattern, but a named file must be there", () => {
    const config = load(
      "  - { name: a, password: { env: A } }",
      'rules: [ ./later/*.yaml, ./mine.yaml, "builtin:no-such" ]',
    );
    const files = readRuleFiles(config.rules);
    expect(files.ok ? [] : files.error.map(describeFault)).toEqual([
      expect.stringMatching(/:7:26 CHP_CONFIG_RULES_MISSING .*mine\.yaml/),
      expect.stringMatching(/:7:39 CHP_CONFIG_RULES_MISSING there is no rule pack builtin:no-such/),
    ]);
  });
});

describe("the default configuration", () => {
  it("is accepted without a warning, and keeps its state in var/ of the project", () => {
    const config = loadConfig({ file: "config/chaperone.yaml" });
    if (!config.ok) throw new Error(config.error.map(describeFault).join("\n"));
    expect(config.value.notices).toEqual([]);
    expect(config.value.stateDir).toBe(join(process.cwd(), "var"));
    expect(config.value.listen.ssh).toMatchObject({ address: "127.0.0.1", port: 2222 });
  });

  it.each(["none.yaml", "."])("can not be read where it is not, and is named: %s", (name) => {
    const file = join(folder, name);
    expect(loadConfig({ file })).toMatchObject({
      error: [{ code: "CHP_CONFIG_UNREADABLE", message: expect.stringContaining(file) as string }],
    });
  });
});
