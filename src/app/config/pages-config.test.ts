import { describe, expect, it } from "vitest";
import { describeFault, type Fault, type Result } from "../../kernel/index.js";
import type { Config } from "./config.js";
import { parseConfig } from "./load-config.js";

const HOST = { uid: 1000, gid: 1000, hostname: "node-1", processors: 2, passwd: "" };

function read(more: string): Result<Config, readonly Fault[]> {
  const text = `apiVersion: chaperone/v1
kind: Sidecar
people: [{ name: alice, password: { env: ALICE } }]
targets: [{ name: local, protocol: ssh, shell: {} }]
${more}`;
  return parseConfig({ text, file: "/etc/chaperone/chaperone.yaml", host: HOST });
}
function complaints(more: string): string {
  const config = read(more);
  return config.ok ? "" : config.error.map(describeFault).join("\n");
}
function good(more: string): Config {
  const config = read(more);
  if (!config.ok) throw new Error(config.error.map(describeFault).join("\n"));
  return config.value;
}

describe("pages for people in the configuration", () => {
  it("are private, and known under a name that browsers give keys to", () => {
    const config = good(
      "listen: { pages: { address: 127.0.0.1, port: 8687 } }\nfactors: { webauthn: {} }\npolicy: { reauth: { factors: [webauthn] } }",
    );
    expect(config.listen.pages).toEqual({ address: "127.0.0.1", port: 8687 });
    expect(config.webauthn).toEqual({
      name: "Chaperone",
      domain: "localhost",
      userVerification: "required",
    });
    const named = good(
      'listen: { pages: { address: 127.0.0.1, port: 8687, publicUrl: "https://step.corp.example" } }\nfactors: { webauthn: { domain: corp.example } }',
    );
    expect(named.listen.pages?.publicOrigin).toBe("https://step.corp.example");
    expect(named.webauthn?.domain).toBe("corp.example");
  });

  it.each([
    ["listen: { pages: { address: 0.0.0.0, port: 1 } }", "beyond loopback needs `tls`"],
    ["listen: { pages: { address: 0.0.0.0, port: 1 } }", "beyond loopback needs `publicUrl`"],
    [
      'listen: { pages: { address: 127.0.0.1, port: 1, publicUrl: "http://step.example" } }',
      "beyond loopback needs https",
    ],
    [
      'listen: { pages: { address: 127.0.0.1, port: 1, publicUrl: "https://step.example/pages" } }',
      "without a path",
    ],
    ["factors: { webauthn: {} }", "needs `listen.pages`"],
    [
      'listen: { pages: { address: 127.0.0.1, port: 1, publicUrl: "http://127.0.0.1:1" } }\nfactors: { webauthn: {} }',
      "need a name",
    ],
    [
      'listen: { pages: { address: 127.0.0.1, port: 1, publicUrl: "https://step.example" } }\nfactors: { webauthn: { domain: other.example } }',
      "is not the host of `publicUrl` or above it",
    ],
    ["policy: { reauth: { factors: [webauthn] } }", "needs `factors.webauthn`"],
  ])("%s is refused: %s", (text, why) => {
    expect(complaints(text)).toContain(why);
  });

  it("lets rules and policy name the factor that is asked for elsewhere", () => {
    expect(
      good(
        'factors: { webhook: { webhook: "https://push.example", key: { env: KEY } } }\npolicy: { reauth: { factors: [webhook], blockedCommands: 3 } }',
      ).stepUp,
    ).toMatchObject({ factors: ["webhook"], blockedCommandsMax: 3 });
  });
});
