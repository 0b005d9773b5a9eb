import { describe, expect, it } from "vitest";
import { describeFault } from "../../kernel/index.js";
import { parseConfig } from "./load-config.js";
import type { Config } from "./config.js";
import type { HostFacts } from "./host.js";

const HOST: HostFacts = {
  uid: 1000,
  gid: 1000,
  hostname: "node-1",
  processors: 4,
  passwd:
    "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\nann:x:1000:1000::/home/ann:/bin/sh\n",
};

const LEAST = `apiVersion: chaperone/v1
kind: Sidecar
people:
  - { name: alice, password: { env: ALICE } }
targets:
  - { name: local, protocol: ssh, shell: {} }
`;

function read(text: string, host = HOST) {
  return parseConfig({ text, file: "/etc/chaperone/chaperone.yaml", host });
}

function good(text: string, host = HOST): Config {
  const result = read(text, host);
  if (!result.ok) throw new Error(result.error.map(describeFault).join("\n"));
  return result.value;
}

function complaints(text: string, host = HOST): readonly string[] {
  const result = read(text, host);
  return result.ok ? [] : result.error.map(describeFault);
}

/** The configuration printed in the contract, whole. */
const CONTRACT = `apiVersion: chaperone/v1
kind: Sidecar
site: lab
workers: auto
stateDir: ./var
listen:
  ssh:    { address: 127.0.0.1, port: 2222 }
  guacd:  { address: 127.0.0.1, port: 4822 }
  guacamole: { address: 127.0.0.1, port: 8081, path: /tunnel, tokenKey: { file: ./var/tunnel.key } }
  web:    { address: 127.0.0.1, port: 8443 }
  admin:  { address: 127.0.0.1, port: 8686, tokens: [ { name: ops, role: admin, file: ./var/admin.token } ] }
  pages:  { address: 127.0.0.1, port: 8687, publicUrl: "http://127.0.0.1:8687" }
people:
  - name: alice
    groups: [dba]
    password: { hash: "$argon2id$v=19$m=19456,t=2,p=1$NFQPJHUrhMBqV+wdD7PrJA$SrGOIUSqFGDx4OGq/nn/egL2PqIe/6G6MX/ZT7MeMWw" }
    totp: { env: ALICE_TOTP }
targets:
  - { name: local, protocol: ssh, shell: { command: [/bin/bash, -l], runAs: { uid: 1000, gid: 1000 } } }
  - name: db-1
    protocol: ssh
    address: 127.0.0.1:22022
    hostKey: { trust: first-use }
    accounts:
      - { name: root, password: { env: DB1_ROOT } }
    labels: { env: prod, criticality: high }
usernames: [ "{person}+{account}@{target}", "{person}@{target}", "{person}" ]
channels: { shell: allow, exec: allow, sftp: allow, localForward: deny, remoteForward: deny, agent: deny, x11: deny, streamlocal: deny, subsystem: deny }
env: [ LANG, "LC_*", TERM, COLORTERM ]
rules: [ ./rules/*.yaml, "builtin:linux" ]
policy: { onFault: block, onUncertain: alert, onUnparsed: alert, audit: normal }
events:
  file: { path: ./var/events.ndjson }
  sinks: []
recording: { terminal: asciicast, input: masked }
scoring: { core: embedded }
`;

describe("the configuration file", () => {
  it("is accepted as the contract prints it, and what is not active yet is told", () => {
    const config = good(CONTRACT);
    expect(config.stateDir).toBe("/etc/chaperone/var");
    expect(config.events.file).toBe("/etc/chaperone/var/events.ndjson");
    expect(config.workers).toBe(4);
    expect(config.rules.map((rule) => rule.type)).toEqual(["files", "builtin"]);
    expect(config.notices.map((notice) => notice.message)).toEqual([]);
  });

  it("needs little: everything else has a default that is private", () => {
    const config = good(LEAST);
    expect(config.listen.ssh).toEqual({ address: "127.0.0.1", port: 2222, proxyProtocolFrom: [] });
    expect(config.channels.localForward).toBe("deny");
    expect(config.doubt.onFault).toBe("block");
    expect(config.stepUp).toMatchObject({ factors: ["totp"], attempts: 3, timeoutMs: 60_000 });
  });

  it.each([
    ["nobody could call", "{ port: 1 }", "CHP_CONFIG_CONFLICT", "nobody could call"],
    [
      "a token is named twice",
      "{ tokens: [ { name: a, role: viewer, file: a }, { name: a, role: admin, file: b } ] }",
      "CHP_CONFIG_CONFLICT",
      "used twice",
    ],
    [
      "it is open to the network in the clear",
      "{ address: 0.0.0.0, tokens: [ { name: a, role: viewer, file: a } ] }",
      "CHP_CONFIG_UNSAFE",
      "needs `tls`",
    ],
    [
      "certificates are named that nobody could check",
      "{ clients: [ { name: a, role: viewer } ] }",
      "CHP_CONFIG_CONFLICT",
      "tls.clientCa",
    ],
  ])("refuses a control API when %s", (_what, admin, code, words) => {
    const [complaint = ""] = complaints(`${LEAST}listen: { admin: ${admin} }\n`);
    expect(complaint).toContain(code);
    expect(complaint).toContain(words);
  });

  it("can not be changed after it was read", () => {
    const config = good(LEAST);
    expect(Object.isFrozen(config.targets[0]?.labels)).toBe(true);
  });

  it("refuses an unknown key at its place and says which was meant", () => {
    expect(complaints(LEAST + "limits: { sesions: 3 }\n")).toEqual([
      "/etc/chaperone/chaperone.yaml:7:11 CHP_CONFIG_SHAPE unknown key `limits.sesions`; did you mean `sessions`?",
    ]);
  });

  it.each([
    ["a list where a mapping belongs", "limits: []\n", "7:9 CHP_CONFIG_SHAPE `limits`"],
    [
      "a word where a number belongs",
      "limits: { sessions: many }\n",
      "7:21 CHP_CONFIG_SHAPE `limits.sessions`",
    ],
    [
      "a duration without a unit",
      "shutdown: { drain: 10 }\n",
      "7:20 CHP_CONFIG_SHAPE `shutdown.drain`",
    ],
    ["an unknown word", "policy: { onFault: maybe }\n", "7:20 CHP_CONFIG_SHAPE `policy.onFault`"],
    ["the same key twice", "site: a\nsite: b\n", "8:1 CHP_CONFIG_YAML"],
    ["an open bracket", "env: [ LANG\n", "CHP_CONFIG_YAML"],
    ["a tab as indentation", "login:\n\ttotp: off\n", "8:1 CHP_CONFIG_YAML"],
    ["a tag of another language", "site: !!python/object x\n", "7:7 CHP_CONFIG_YAML"],
    [
      "an unknown key at the top",
      "listener: {}\n",
      "7:1 CHP_CONFIG_SHAPE unknown key `listener`; did you mean `listen`?",
    ],
    [
      "a negative port",
      "listen: { ssh: { port: -1 } }\n",
      "7:24 CHP_CONFIG_SHAPE `listen.ssh.port`",
    ],
    [
      "a template that ssh misreads",
      'usernames: ["{person}%{target}"]\n',
      "7:13 CHP_CONFIG_CONFLICT",
    ],
    [
      "a proxy that is no network",
      "listen: { ssh: { proxyProtocol: { from: [ 10.0.0.0/33 ] } } }\n",
      "7:43 CHP_CONFIG_CONFLICT",
    ],
    [
      "another listener on the network",
      "listen: { web: { address: 0.0.0.0, port: 8443 } }\n",
      "7:27 CHP_CONFIG_UNSAFE",
    ],
    ["a star in the middle of a path", "rules: [ ./*/rules.yaml ]\n", "7:10 CHP_CONFIG_SHAPE"],
    [
      "an alias that grows without end",
      "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n",
      "CHP_CONFIG_",
    ],
  ])("is refused with its place: %s", (_, addition, start) => {
    expect(complaints(LEAST + addition).join("\n")).toContain(start);
  });

  it.each([
    ["nothing", "", "the file"],
    ["a scalar", "chaperone", "the file"],
    [
      "another version",
      "apiVersion: chaperone/v2\nkind: Sidecar\ntargets: [{ name: a, protocol: ssh, shell: {} }]",
      "`apiVersion`",
    ],
    ["no targets", "apiVersion: chaperone/v1\nkind: Sidecar\n", "`targets`: is missing"],
  ])("is refused when it holds %s", (_, text, what) => {
    expect(complaints(text).join("\n")).toContain(what);
  });

  it("tells all faults at once, in the order of the file", () => {
    const text = LEAST.replace("{ env: ALICE }", "{ env: ALICE, file: x }").replace(
      "shell: {}",
      "address: 'a b'",
    );
    expect(
      complaints(text).map((line) => line.replace(/^.*yaml:/, "").replace(/: .*/, "")),
    ).toEqual([
      "4:30 CHP_CONFIG_SHAPE `people[0].password`",
      "6:5 CHP_CONFIG_SHAPE `targets[0]`",
      "6:5 CHP_CONFIG_SHAPE `targets[0]`",
      "6:44 CHP_CONFIG_SHAPE `targets[0].address`",
    ]);
  });

  it("does not let two people, targets or accounts have one name", () => {
    const text = `${LEAST}  - name: local
    protocol: ssh
    address: h
    hostKey: { trust: first-use }
    accounts: [ { name: a, passthrough: true }, { name: a, passthrough: true } ]
`.replace("targets:", "  - { name: alice, password: { env: B } }\ntargets:");
    expect(complaints(text)).toEqual([
      expect.stringContaining("5:13 CHP_CONFIG_CONFLICT the name `alice` is used twice"),
      expect.stringContaining("8:11 CHP_CONFIG_CONFLICT the name `local` is used twice"),
      expect.stringContaining("12:57 CHP_CONFIG_CONFLICT the name `a` is used twice"),
    ]);
  });

  it.each([
    ["no credential", "- { name: bob }", "has neither `password` nor `keys`"],
    [
      "a name that reads as a target",
      "- { name: bob@local, password: { env: B } }",
      "reads as a person on the target",
    ],
    ["a name with a separator", "- { name: bob+root, password: { env: B } }", "letters"],
    [
      "a key that can not be used",
      "- { name: bob, keys: ['ssh-dss AAAA'] }",
      "5:25 CHP_IDENTITY_KEY",
    ],
    [
      "a hash of another kind",
      "- { name: bob, password: { hash: $argon2id$x } }",
      "CHP_IDENTITY_PASSWORD",
    ],
  ])("refuses a person with %s", (_, person, why) => {
    expect(complaints(LEAST.replace("targets:", `  ${person}\ntargets:`)).join("\n")).toContain(
      why,
    );
  });

  it("refuses an access list with a name that nobody has", () => {
    const text = LEAST.replace("shell: {}", "shell: {}, access: { people: [bob], groups: [dba] }");
    expect(complaints(text)).toEqual([
      expect.stringContaining("there is no person `bob`"),
      expect.stringContaining("nobody is in the group `dba`"),
    ]);
  });

  it("warns about secrets that stand in the file itself", () => {
    const config = good(LEAST.replace("{ env: ALICE }", "{ value: s3cret }"));
    expect(config.notices).toEqual([
      expect.objectContaining({
        kind: "unsafe",
        at: expect.objectContaining({ line: 4 }) as unknown,
      }),
    ]);
    expect(config.notices[0]?.message).not.toContain("s3cret");
  });
});

describe("an embedded target", () => {
  const root: HostFacts = { ...HOST, uid: 0, gid: 0 };

  it("needs `runAs` when the sidecar is root", () => {
    expect(complaints(LEAST, root)).toEqual([expect.stringContaining("6:42 CHP_CONFIG_UNSAFE")]);
  });

  it("needs `runAs` when people can come from other machines", () => {
    const open = "listen: { ssh: { address: 0.0.0.0 } }\n";
    expect(complaints(LEAST + open)).toEqual([expect.stringContaining("CHP_CONFIG_UNSAFE")]);
    expect(complaints(LEAST.replace("shell: {}", "shell: { runAs: auto }") + open)).toEqual([]);
  });

  it("with `runAs: auto` is nobody under root, and the sidecar's own user otherwise", () => {
    const text = LEAST.replace("shell: {}", "shell: { runAs: auto }");
    expect(good(text, root).targets[0]).toMatchObject({
      account: "nobody",
      runAs: { uid: 65534, gid: 65534 },
    });
    expect(good(text).targets[0]).toMatchObject({
      account: "ann",
      runAs: { uid: 1000, gid: 1000 },
    });
  });

  it("never runs as root", () => {
    const text = LEAST.replace("shell: {}", "shell: { runAs: { uid: 0, gid: 0 } }");
    expect(complaints(text, root).join("\n")).toContain("`targets[0].shell.runAs.uid`");
  });

  it("has no accounts, address or host key of its own", () => {
    const text = LEAST.replace("shell: {}", "shell: {}, address: h, hostKey: { trust: first-use }");
    expect(complaints(text)).toHaveLength(2);
  });
});

describe("a target with a server", () => {
  const target = (rest: string) => LEAST.replace("shell: {}", rest);

  it.each([
    ["10.0.0.7:2222", "10.0.0.7", 2222],
    ["db-1.example.org", "db-1.example.org", 22],
    ["'[::1]:2222'", "::1", 2222],
    ["'::1'", "::1", 22],
  ])("is found at %s", (address, host, port) => {
    const config = good(
      target(
        `address: ${address}, hostKey: { trust: first-use }, accounts: [{ name: a, passthrough: true }]`,
      ),
    );
    expect(config.targets[0]).toMatchObject({ host, port });
  });

  it.each(["'a:b:c'", "h:0", "h:70000", "'[h]:22'", "'h:22 x'"])(
    "is not found at %s",
    (address) => {
      const text = target(
        `address: ${address}, hostKey: { trust: first-use }, accounts: [{ name: a, passthrough: true }]`,
      );
      expect(complaints(text).join()).toContain("must be host:port");
    },
  );

  it("has one way to know its host key and each account one credential", () => {
    const text = target(
      "address: h, hostKey: { trust: first-use, knownHosts: x }, accounts: [{ name: a, passthrough: true, password: { env: A } }]",
    );
    expect(complaints(text).map((line) => line.replace(/^.*SHAPE /, ""))).toEqual([
      "`targets[0].hostKey`: needs a `hostKey` with exactly one of `sha256`, `knownHosts`, `trust`",
      "`targets[0].accounts[0]`: needs exactly one of `password`, `key`, `passthrough`",
    ]);
  });

  it("takes fingerprints as ssh-keygen prints them", () => {
    const print = "a".repeat(43);
    const config = good(
      target(
        `address: h, hostKey: { sha256: "SHA256:${print}" }, accounts: [{ name: a, passthrough: true }]`,
      ),
    );
    expect(config.targets[0]).toMatchObject({ hostKey: { type: "sha256", fingerprints: [print] } });
  });
});
