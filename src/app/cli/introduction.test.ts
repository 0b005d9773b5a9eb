import { describe, expect, it } from "vitest";
import { wallMicros } from "../../kernel/index.js";
import { parseConfig, thisHost } from "../config/index.js";
import { createConsole } from "./console.js";
import { introduce } from "./introduction.js";

const CONFIG = `apiVersion: chaperone/v1
kind: Sidecar
listen:
  ssh: { address: 127.0.0.1, port: 2222 }
  guacd: { address: 127.0.0.1, port: 4822 }
  guacamole: { address: "::1", port: 8081, path: /tunnel, tokenKey: { file: ./var/tunnel.key } }
  web: { address: 127.0.0.1, port: 8443 }
  admin: { address: "::1", port: 8686, tokens: [ { name: ops, role: admin, file: ./var/admin.token } ] }
targets: [ { name: win-1, protocol: rdp, address: 192.0.2.7, accounts: [ { name: me, passthrough: true } ] } ]
`;

describe("what a start tells", () => {
  it("is where everything listens, as a client takes it", () => {
    const config = parseConfig({ text: CONFIG, file: "/etc/chaperone.yaml", host: thisHost() });
    if (!config.ok) throw new Error(JSON.stringify(config.error));
    const at = (port: number, address = "127.0.0.1") => ({ address, port });
    const lines = introduce(
      {
        version: "1.2.3",
        config: config.value,
        addresses: {
          ssh: at(2222),
          guacd: at(4822),
          guacamole: at(8081, "::1"),
          web: at(8443),
          admin: at(8686, "::1"),
        },
        fingerprint: "abc",
        rules: 7,
        demo: [],
        tries: [],
        wall: wallMicros(0),
      },
      createConsole(process.stdout, process.stderr, { NO_COLOR: "1" }).style,
    );
    expect(lines.map((line) => line.trim().replaceAll(/ {2,}/g, " "))).toEqual(
      expect.arrayContaining([
        "ssh 127.0.0.1:2222 host key SHA256:abc",
        "guacd 127.0.0.1:4822 for Guacamole web applications",
        "tunnel ws://[::1]:8081/tunnel",
        "web http://127.0.0.1:8443",
      ]),
    );
    expect(lines.join("\n")).toContain("control API http://[::1]:8686 ");
  });
});
