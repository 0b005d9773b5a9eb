import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSessionTokens, sealToken } from "../../identity/index.js";
import { Secret } from "../../kernel/index.js";
import { missingSecrets, parseConfig, thisHost, type Config } from "../config/index.js";
import { openTokens } from "./tunnel-tokens.js";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "chaperone-tunnel-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function configured(keyFile: string): Config {
  const text = `apiVersion: chaperone/v1
kind: Sidecar
stateDir: ./var
listen:
  guacamole: { address: 127.0.0.1, port: 8081, tokenKey: { file: ${keyFile} } }
targets: [ { name: win-1, protocol: rdp, address: 192.0.2.7, accounts: [ { name: me, passthrough: true } ] } ]
`;
  const config = parseConfig({ text, file: join(dir, "chaperone.yaml"), host: thisHost() });
  if (!config.ok) throw new Error(JSON.stringify(config.error));
  return config.value;
}

const spendOf = (config: Config) => openTokens(config, {}, createSessionTokens(Date.now));

describe("the key of tunnel tokens", () => {
  it("is made in stateDir where it is missing, is private, stays, and opens what it has sealed", async () => {
    const config = configured("./var/tunnel.key");
    expect(missingSecrets(config, {})).toEqual([]);
    const spend = await spendOf(config);
    const file = join(dir, "var", "tunnel.key");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = readFileSync(file, "utf8");
    const key = new Secret(new TextEncoder().encode(text.trim()));
    const iat = Math.floor(Date.now() / 1_000) + 1;
    const token = sealToken({ person: "alice", target: "win-1", iat, exp: iat + 60 }, key);
    expect(spend.ok && spend.value(token, "127.0.0.1")).toMatchObject({ person: "alice" });
    await spendOf(config);
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  it("is a fault anywhere else: whose key it is, is not for the sidecar to guess", async () => {
    const config = configured("./keys/tunnel.key");
    const fault = { code: "CHP_CONFIG_SECRET" };
    expect(missingSecrets(config, {})).toMatchObject([fault]);
    expect(await spendOf(config)).toMatchObject({ ok: false, error: fault });
  });
});
