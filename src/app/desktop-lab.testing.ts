import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sealToken, type SealedFacts } from "../identity/index.js";
import { Secret } from "../kernel/index.js";
import {
  startFakeGuacd,
  type Desktop,
  type FakeGuacd,
} from "../protocols/guacamole/fake-guacd.testing.js";
import { startSidecar, type RunningSidecar } from "./compose.js";
import { parseConfig, thisHost } from "./config/index.js";

/** A whole sidecar in this process, in front of a guacd of the tests. */
export interface DesktopLab {
  readonly dir: string;
  readonly guacd: FakeGuacd;
  readonly sidecar: RunningSidecar;
  api(method: string, path: string, body?: unknown): Promise<ApiAnswer>;
  /** A one-time token of the control API. */
  ticket(target?: string, person?: string): Promise<string>;
  /** One that the gateway has sealed itself. */
  sealed(more?: Partial<SealedFacts>): string;
  events(type?: string): readonly ToldLine[];
  /** Every file below the folder of the lab, by its path in it. */
  files(): readonly string[];
  read(file: string): string;
  close(): Promise<void>;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ToldLine {
  readonly type: string;
  readonly sequence: number;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface DesktopLabOptions {
  readonly rules: string;
  readonly desktop?: Desktop;
  /** `host:port` of another guacd than that of the tests. */
  readonly guacd?: string;
  /** YAML of single lines: more of `listen`, of both desktop listeners, and of the whole file. */
  readonly listen?: string;
  readonly guacdListener?: string;
  readonly tunnelListener?: string;
  readonly more?: string;
  /** Of people: YAML of one flow mapping each. */
  readonly people?: readonly string[];
  /** Of the targets; `win-1` is always there. */
  readonly targets?: readonly string[];
  readonly targetMore?: string;
  readonly prepare?: (dir: string) => void;
}

export const TARGET_PASSWORD = "secret-of-the-target";
export const TUNNEL_KEY = "0123456789abcdef0123456789abcdef";
const TOKEN_SECONDS = 60;

export async function startDesktopLab(options: DesktopLabOptions): Promise<DesktopLab> {
  const dir = mkdtempSync(join(tmpdir(), "chaperone-desktop-"));
  writeFileSync(join(dir, "rules.yaml"), options.rules);
  writeFileSync(join(dir, "password"), TARGET_PASSWORD);
  writeFileSync(join(dir, "tunnel.key"), TUNNEL_KEY);
  options.prepare?.(dir);
  const guacd = await startFakeGuacd(options.desktop);
  const file = join(dir, "chaperone.yaml");
  const config = parseConfig({
    text: configText(options, options.guacd ?? `127.0.0.1:${guacd.port}`),
    file,
    host: thisHost(),
  });
  if (!config.ok) throw new Error(JSON.stringify(config.error, null, 1));
  const started = await startSidecar(config.value, {
    version: "0.0.0",
    env: {},
    log: { level: "silent" },
  });
  if (!started.ok) throw new Error(JSON.stringify(started.error));
  const sidecar = started.value;

  async function api(method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    const token = readFileSync(join(dir, "admin.token"), "utf8").trim();
    const answer = await fetch(`http://127.0.0.1:${sidecar.addresses.admin?.port ?? 0}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: jsonOf(text) };
  }

  function events(type?: string): readonly ToldLine[] {
    return readFileSync(join(dir, "events.ndjson"), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const { type: name, ...rest } = JSON.parse(line) as ToldLine; // written by ourselves
        return { ...rest, type: name.replace(/^io\.chaperone\.|\.v1$/g, "") };
      })
      .filter((event) => type === undefined || event.type === type);
  }

  return {
    dir,
    guacd,
    sidecar,
    api,
    events,
    async ticket(target = "win-1", person = "alice") {
      const issued = await api("POST", "/v1/session-tokens", { person, target });
      return String(issued.body["token"]);
    },
    sealed(more = {}) {
      const iat = Math.floor(Date.now() / 1_000);
      const facts = { person: "alice", target: "win-1", iat, exp: iat + TOKEN_SECONDS, ...more };
      return sealToken(facts, new Secret(Buffer.from(TUNNEL_KEY)));
    },
    files: () =>
      readdirSync(dir, { recursive: true, withFileTypes: true })
        .filter((one) => one.isFile())
        .map((one) => join(one.parentPath, one.name).slice(dir.length + 1)),
    read: (path) => readFileSync(join(dir, path), "latin1"),
    async close() {
      await sidecar.stop("tests over", 0);
      await guacd.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function jsonOf(text: string): ApiAnswer["body"] {
  try {
    return JSON.parse(text) as ApiAnswer["body"]; // the API's own document says so
  } catch {
    return { text };
  }
}

function configText(options: DesktopLabOptions, guacd: string): string {
  const { listen = "", guacdListener = "", tunnelListener = "", more = "" } = options;
  const people = options.people ?? [
    "{ name: alice, groups: [dba], password: { file: ./password } }",
  ];
  return `apiVersion: chaperone/v1
kind: Sidecar
site: lab
workers: 0
stateDir: ./var
listen:
  ssh: { address: 127.0.0.1, port: 0 }
  guacd: { address: 127.0.0.1, port: 0, target: "${guacd}"${guacdListener} }
  guacamole: { address: 127.0.0.1, port: 0, path: /tunnel, tokenKey: { file: ./tunnel.key }${tunnelListener} }
  admin: { port: 0, tokens: [ { name: ops, role: admin, file: ./admin.token } ] }
${listen}
people:
${people.map((one) => `  - ${one}`).join("\n")}
targets:
  - name: win-1
    protocol: rdp
    address: 192.0.2.7:13389
    accounts: [ { name: Administrator, password: { file: ./password } } ]
${options.targetMore ?? ""}
${(options.targets ?? []).map((one) => `  - ${one}`).join("\n")}
rules: [ ./rules.yaml ]
events: { file: { path: ./events.ndjson }, sealed: false }
${more}
`;
}
