import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fingerprintOf } from "../../identity/index.js";
import { Secret, sessionId } from "../../kernel/index.js";
import type { SessionFacts } from "../../model/index.js";
import { parseConfig, thisHost, type Config } from "../config/index.js";
import { createDestinations } from "./destinations.js";

describe("ways to targets", () => {
  let dir = "";
  const keys: Record<string, { blob: Uint8Array; line: string }> = {};
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "chaperone-ways-"));
    for (const name of ["right", "wrong"]) {
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(dir, name)]);
      const line = readFileSync(join(dir, `${name}.pub`), "utf8").trim();
      keys[name] = { line, blob: Buffer.from(line.split(" ")[1] ?? "", "base64") };
    }
    const known = keys["right"]?.line.split(" ").slice(0, 2).join(" ") ?? "";
    writeFileSync(join(dir, "known_hosts"), `[127.0.0.1]:2201 ${known}\n`);
    writeFileSync(join(dir, "password"), "target-password\n");
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const blob = (name: string): Uint8Array => keys[name]?.blob ?? new Uint8Array();

  function ways(): ReturnType<typeof createDestinations> {
    const text = `apiVersion: chaperone/v1
kind: Sidecar
site: lab
stateDir: ./var
listen: { ssh: { address: 127.0.0.1, port: 2222 } }
people:
  - { name: alice, groups: [dba], keys: ["${keys["right"]?.line ?? ""}"] }
targets:
  - { name: local, protocol: ssh, shell: { command: [/bin/bash, -l], runAs: auto } }
  - name: pinned
    protocol: ssh
    address: 127.0.0.1:2200
    hostKey: { sha256: "SHA256:${fingerprintOf(blob("right"))}" }
    accounts: [ { name: root, password: { file: ./password } } ]
  - name: known
    protocol: ssh
    address: 127.0.0.1:2201
    hostKey: { knownHosts: ./known_hosts }
    accounts: [ { name: root, key: { file: ./right } } ]
  - name: unknown
    protocol: ssh
    address: 127.0.0.1:2209
    hostKey: { knownHosts: ./known_hosts }
    accounts: [ { name: root, key: { file: ./missing } } ]
  - name: first
    protocol: ssh
    address: 127.0.0.1:2202
    hostKey: { trust: first-use }
    accounts: [ { name: root, passthrough: true } ]
rules: []
`;
    const config = parseConfig({ text, file: join(dir, "chaperone.yaml"), host: thisHost() });
    if (!config.ok) throw new Error(JSON.stringify(config.error));
    return createDestinations(config.value satisfies Config, {});
  }

  const alice = { name: "alice", groups: ["dba"], phrase: "", factors: [] };
  function facts(userName: string): SessionFacts {
    const claim = ways().claim(userName);
    const chosen = claim === null ? null : ways().choose(claim, alice);
    if (chosen?.ok !== true) throw new Error(`no way for ${userName}`);
    return {
      id: sessionId("s"),
      protocol: "ssh",
      person: alice,
      account: chosen.value.account,
      target: chosen.value.target,
      origin: "192.0.2.1",
      clientVersion: "",
      authMethods: [],
    };
  }
  const text = (secret: Secret) => secret.reveal((bytes) => Buffer.from(bytes).toString());
  const shown = (name: string) => ({ algorithm: "ssh-ed25519", blob: blob(name) });

  it("lead to the embedded shell without a credential", async () => {
    expect(facts("alice@local").target).toMatchObject({ address: "embedded", embedded: true });
    const plan = await ways().plan(facts("alice@local"), {}, null);
    expect(plan).toMatchObject({
      ok: true,
      value: { type: "embedded", command: ["/bin/bash", "-l"] },
    });
  });

  it("carry the account's own credential", async () => {
    const plan = await ways().plan(facts("alice+root@pinned"), {}, null);
    if (!plan.ok || plan.value.type !== "ssh") throw new Error(JSON.stringify(plan));
    const { credential, host, port, account } = plan.value;
    expect({ host, port, account, type: credential.type }).toEqual({
      host: "127.0.0.1",
      port: 2200,
      account: "root",
      type: "password",
    });
    expect(credential.type === "password" && text(credential.password)).toBe("target-password");
  });

  it("pass on the password of the log-in where the account says so, and fail without one", async () => {
    const password = new Secret(Buffer.from("typed"));
    const plan = await ways().plan(facts("alice+root@first"), { password }, null);
    // What is asked is wiped as soon as it is answered; the answer must outlive it.
    password.wipe();
    if (!plan.ok || plan.value.type !== "ssh") throw new Error(JSON.stringify(plan));
    const { credential } = plan.value;
    expect(credential.type === "password" && text(credential.password)).toBe("typed");
    expect(await ways().plan(facts("alice+root@first"), {}, null)).toMatchObject({
      error: {
        code: "CHP_RUNTIME_PASSTHROUGH",
        message: expect.stringContaining("log in by password") as string,
      },
    });
  });

  it("say whether the account takes over the password of the log-in", () => {
    const takes = (userName: string) => {
      const claim = ways().claim(userName);
      const chosen = claim === null ? null : ways().choose(claim, alice);
      return chosen?.ok === true && chosen.value.takesPassword;
    };
    expect(takes("alice+root@first")).toBe(true);
    expect(takes("alice+root@pinned")).toBe(false);
    expect(takes("alice@local")).toBe(false);
  });

  it("offer only the algorithms of which a key is known", async () => {
    const algorithms = async (name: string, first: string | null) => {
      const firstUse = first === null ? null : { algorithm: first, blob: blob("right") };
      const offered = { password: new Secret(Buffer.from("typed")) };
      const plan = await ways().plan(facts(name), offered, firstUse);
      return plan.ok && plan.value.type === "ssh" ? plan.value.hostKeyAlgorithms : plan;
    };
    expect(await algorithms("alice+root@known", null)).toEqual(["ssh-ed25519"]);
    expect(await algorithms("alice+root@first", null)).toEqual([]);
    expect(await algorithms("alice+root@first", "ssh-rsa")).toEqual([
      "rsa-sha2-512",
      "rsa-sha2-256",
    ]);
    expect(await algorithms("alice+root@unknown", null)).toMatchObject({
      error: { code: "CHP_RUNTIME_HOST_KEY" },
    });
  });

  it.each([
    ["pinned", "right", "trusted"],
    ["pinned", "wrong", "CHP_RUNTIME_HOST_KEY"],
    ["known", "right", "trusted"],
    ["known", "wrong", "CHP_RUNTIME_HOST_KEY"],
    ["unknown", "right", "CHP_RUNTIME_HOST_KEY"],
    ["first", "right", "first-use"],
    ["local", "right", "CHP_RUNTIME_HOST_KEY"],
    ["nowhere", "right", "CHP_RUNTIME_HOST_KEY"],
  ])("of %s that shows the %s key: %s", (target, key, expected) => {
    const judged = ways().judgeHostKey(target, shown(key));
    expect(typeof judged === "string" ? judged : judged.code).toBe(expected);
  });
});
