import { readFileSync } from "node:fs";
import { join } from "node:path";

import { freePort } from "../e2e/lab/free-port.js";
import { startLab, type Lab, type LabOptions } from "../e2e/lab/lab.js";
import { run, type Finished } from "../e2e/lab/program.js";
import { BIN } from "../e2e/lab/sidecar.js";
import { eventually } from "../e2e/lab/wait.js";

/** A lab whose sidecar has a control API, with a token for each role. */
export interface ControlLab {
  readonly lab: Lab;
  readonly url: string;
  token(role: "viewer" | "operator" | "admin"): string;
  /** The API itself; every answer is kept in `heard`. */
  call(path: string, options?: CallOptions): Promise<Called>;
  ctl(...args: readonly string[]): Promise<Finished>;
  /** Everything that the API has answered. */
  readonly heard: () => string;
  /** The only session of this person. */
  sessionOf(person: string): Promise<string>;
}

export interface CallOptions {
  readonly method?: string;
  readonly role?: "viewer" | "operator" | "admin";
  readonly body?: unknown;
}

export interface Called {
  readonly status: number;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export async function startControlLab({
  listen = {},
  ...options
}: Omit<LabOptions, "start"> & {
  /** Further listeners. */
  readonly listen?: Readonly<Record<string, unknown>>;
} = {}): Promise<ControlLab> {
  const lab = await startLab({ ...options, start: false });
  const port = await freePort();
  const tokens = (["viewer", "operator", "admin"] as const).map((role) => ({
    name: `lab-${role}`,
    role,
    file: `./var/${role}.token`,
  }));
  lab.writeConfig({
    listen: {
      ssh: { address: "127.0.0.1", port: lab.port },
      admin: { address: "127.0.0.1", port, tokens },
      ...listen,
    },
  });
  await lab.restart();
  const url = `http://127.0.0.1:${port}`;
  // It opens after the SSH listener, which `restart` waits for.
  await eventually("the control API", () =>
    fetch(`${url}/v1/health`).then(
      (one) => one.ok,
      () => false,
    ),
  );
  const heard: string[] = [];
  const token: ControlLab["token"] = (role) =>
    readFileSync(join(lab.stateDir, `${role}.token`), "utf8").trim();

  async function call(path: string, { method, role = "admin", body }: CallOptions = {}) {
    const response = await fetch(`${url}${path}`, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers: {
        authorization: `Bearer ${token(role)}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    heard.push(text);
    const json = response.headers.get("content-type")?.includes("json") === true;
    return {
      status: response.status,
      text,
      body: json ? (JSON.parse(text) as Readonly<Record<string, unknown>>) : {},
    };
  }

  return {
    lab,
    url,
    token,
    call,
    ctl: (...args) => run(process.execPath, [BIN, "ctl", ...args, "--config", lab.configFile]),
    heard: () => heard.join("\n"),
    sessionOf: (person) =>
      eventually(`a session of ${person}`, async () => {
        const { body } = await call(`/v1/sessions?person=${person}`);
        const sessions = body["sessions"] as readonly { readonly id: string }[];
        return sessions.length === 1 ? sessions[0]?.id : undefined;
      }),
  };
}
