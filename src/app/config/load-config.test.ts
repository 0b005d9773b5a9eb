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
    expect(config.notices.map((notice) => notice.message)).toEqual(
      [
        "listen.guacd",
        "listen.guacamole",
        "listen.web",
        "listen.admin",
        "listen.pages",
        "scoring",
      ].map((key) => `\`${key}\` is accepted, not active in this version`),
    );
  });

  it("needs little: everything else has a default that is private", () => {
    const config = good(LEAST);
    expect(config.listen.ssh).toEqual({ address: "127.0.0.1", port: 2222, proxyProtocolFrom: [] });
    expect(config.channels.localForward).toBe("deny");
    expect(config.doubt.onFault).toBe("block");
    expect(config.stepUp).toMatchObject({ factors: ["totp"], attempts: 3, timeoutMs: 60_000 });
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
});
