import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
  chmodSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

import { inject } from "vitest";

import { freePort } from "./free-port.js";
import { run, succeeded, type Finished, type RunOptions } from "./program.js";
import { eventFileOf, startSidecar, type Sidecar } from "./sidecar.js";
import { makeHome, makeKey, startSshd, type Sshd } from "./sshd.js";
import { openTerminal, type Terminal, type TerminalOptions } from "./terminal.js";

/** The same rights for the embedded shell that its own user would have: nobody's. */
const NOBODY = { uid: 65_534, gid: 65_534 };

/** Enough people that every test can prove who they are once without waiting for a new code. */
export const PEOPLE = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"] as const;
export type LabPerson = (typeof PEOPLE)[number];

export interface LabOptions {
  /** Rule file in the language of the contract; absent: no rules. */
  readonly rules?: string;
  /** Laid over the configuration, key by key at the top level. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** People whose TOTP secret the configuration does not hold. */
  readonly withoutTotp?: readonly LabPerson[];
  /** False: the sidecar is not started. */
  readonly start?: boolean;
}

/** A person's machine, a sidecar and a target, all real, all on loopback, in one temporary folder. */
export interface Lab {
  readonly folder: string;
  readonly stateDir: string;
  readonly port: number;
  readonly sshd: Sshd;
  /** Started last; `restart` puts a new one here. */
  readonly sidecar: Sidecar;
  readonly configFile: string;
  readonly rulesFile: string;
  /** ssh_config with the hosts `via` (the target through the sidecar), `local` (embedded), `direct`. */
  readonly sshConfig: string;
  readonly embeddedHome: string;
  /** `-F config` and, for another person than alice, who it is. */
  sshArgs(host: LabHost, person?: LabPerson): readonly string[];
  ssh(host: LabHost, command: readonly string[], options?: SshOptions): Promise<Finished>;
  terminal(host: LabHost, options?: SshOptions & TerminalOptions): Terminal;
  totpSecret(person: LabPerson): string;
  phrase(person: LabPerson): string;
  inHome(name: string): string;
  writeConfig(over?: Readonly<Record<string, unknown>>): void;
  restart(): Promise<Sidecar>;
  end(): Promise<void>;
}

export type LabHost = "via" | "local" | "direct";

export interface SshOptions extends RunOptions {
  readonly person?: LabPerson;
  /** Further options of ssh, before the host. */
  readonly options?: readonly string[];
}

const SECRETS: Readonly<Record<LabPerson, string>> = {
  alice: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
  bob: "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU",
  carol: "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK",
  dave: "NBSWY3DPO5XXE3DENBSWY3DPO5XXE3DE",
  erin: "ONXW2ZLUNBUW4Z3TONXW2ZLUNBUW4Z3T",
  frank: "PFXXKYLSMVWG6Y3BPFXXKYLSMVWG6Y3B",
  grace: "ORSXG5BAORSXG5BAORSXG5BAORSXG5BA",
  heidi: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
};

export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const folder = mkdtempSync(join(tmpdir(), "chaperone-lab-"));
  // The embedded shell runs with nobody's rights and has its home in here.
  chmodSync(folder, 0o755);
  const sshd = await startSshd(join(folder, "sshd"));
  const personKey = await makeKey(join(folder, "person_ed25519"), "ed25519");
  const port = await freePort();
  const stateDir = join(folder, "var");
  putHostKey(stateDir);
  const embeddedHome = join(folder, "embedded");
  makeHome(embeddedHome);
  chmodSync(embeddedHome, 0o777);
  const rulesFile = join(folder, "rules", "lab.yaml");
  mkdirSync(join(folder, "rules"));
  if (options.rules !== undefined) writeFileSync(rulesFile, options.rules);
  const configFile = join(folder, "chaperone.yaml");
  const publicKey = readFileSync(`${personKey}.pub`, "utf8").trim();
  const facts = {
    port,
    sshd,
    publicKey,
    embeddedHome,
    hasRules: options.rules !== undefined,
    withoutTotp: options.withoutTotp ?? [],
  };
  const writeConfig = (over: Readonly<Record<string, unknown>> = {}): void =>
    writeFileSync(
      configFile,
      // JSON is YAML.
      JSON.stringify({ ...labConfig(facts), ...options.config, ...over }, null, 2),
    );
  writeConfig();
  const sshConfig = join(folder, "ssh_config");
  writeFileSync(sshConfig, sshConfigText({ folder, port, sshd, personKey }));
  const place = { configFile, eventFile: eventFileOf(stateDir), port };
  let sidecar: Sidecar | undefined;
  if (options.start !== false) sidecar = await startSidecar(place);
  const terminals: Terminal[] = [];

  function sshArgs(host: LabHost, person: LabPerson = "alice"): readonly string[] {
    if (host === "direct" || person === "alice") return ["-F", sshConfig];
    const account = host === "via" ? `+${sshd.account}@sshd` : "@local";
    return ["-F", sshConfig, "-o", `User=${person}${account}`];
  }

  return {
    folder,
    stateDir,
    port,
    sshd,
    get sidecar() {
      if (sidecar === undefined) throw new Error("the sidecar of this lab was not started");
      return sidecar;
    },
    configFile,
    rulesFile,
    sshConfig,
    embeddedHome,
    sshArgs,
    ssh: (host, command, { person, options: more = [], ...rest } = {}) =>
      run("ssh", [...sshArgs(host, person), ...more, host, ...command], rest),
    terminal(host, { person, options: more = [], ...rest } = {}) {
      const opened = openTerminal("ssh", [...sshArgs(host, person), ...more, "-tt", host], rest);
      terminals.push(opened);
      return opened;
    },
    totpSecret: (person) => SECRETS[person],
    phrase: (person) => `the ${person} of the harbour`,
    inHome: (name) => join(sshd.home, name),
    writeConfig,
    async restart() {
      await sidecar?.stop();
      sidecar = await startSidecar(place);
      return sidecar;
    },
    async end() {
      for (const terminal of terminals) terminal.close();
      await sidecar?.stop();
      await sshd.stop();
      if (process.env["CHAPERONE_KEEP"] === "1") console.log(`the lab is kept in ${folder}`);
      else rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Making an RSA key takes longer than all else of a start; the sidecar keeps one that is there. */
function putHostKey(stateDir: string): void {
  const made = inject("rsaHostKey");
  if (made === null) return;
  const folder = join(stateDir, "host-keys");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(stateDir, 0o700);
  copyFileSync(made, join(folder, "ssh_host_rsa_key"));
  chmodSync(join(folder, "ssh_host_rsa_key"), 0o600);
}

interface ConfigFacts {
  readonly port: number;
  readonly sshd: Sshd;
  readonly publicKey: string;
  readonly embeddedHome: string;
  readonly hasRules: boolean;
  readonly withoutTotp: readonly LabPerson[];
}

function labConfig(facts: ConfigFacts): Readonly<Record<string, unknown>> {
  const { sshd } = facts;
  return {
    apiVersion: "chaperone/v1",
    kind: "Sidecar",
    site: "lab",
    node: "test",
    // A session process costs a second of processor time at each start; who tests several asks for them.
    workers: 1,
    stateDir: "./var",
    listen: { ssh: { address: "127.0.0.1", port: facts.port } },
    // The tests knock more often than people do.
    login: { failuresPerAddress: 10_000, failuresPerPerson: 1_000 },
    limits: { unauthenticatedPerAddress: 100 },
    people: PEOPLE.map((name) => ({
      name,
      groups: name === "alice" ? ["dba"] : ["staff"],
      keys: [facts.publicKey],
      password: { value: `password of ${name}` },
      ...(facts.withoutTotp.includes(name) ? {} : { totp: { value: SECRETS[name] } }),
      phrase: { value: `the ${name} of the harbour` },
    })),
    targets: [
      {
        name: "sshd",
        protocol: "ssh",
        address: `127.0.0.1:${sshd.port}`,
        hostKey: { sha256: sshd.fingerprint },
        accounts: [{ name: sshd.account, key: { file: sshd.keyFile } }],
        labels: { env: "lab" },
      },
      {
        name: "local",
        protocol: "ssh",
        shell: {
          command: ["/bin/bash", "--rcfile", join(facts.embeddedHome, ".bashrc"), "-i"],
          cwd: facts.embeddedHome,
          ...(userInfo().uid === 0 ? { runAs: NOBODY } : {}),
        },
      },
    ],
    rules: facts.hasRules ? ["./rules/*.yaml"] : [],
    events: { file: { path: "./var/events.ndjson" } },
  };
}

interface ClientFacts {
  readonly folder: string;
  readonly port: number;
  readonly sshd: Sshd;
  readonly personKey: string;
}

function sshConfigText({ folder, port, sshd, personKey }: ClientFacts): string {
  return [
    "Host via",
    `  User alice+${sshd.account}@sshd`,
    "Host local",
    "  User alice@local",
    "Host via local",
    `  Port ${port}`,
    `  IdentityFile ${personKey}`,
    "Host direct",
    `  User ${sshd.account}`,
    `  Port ${sshd.port}`,
    `  IdentityFile ${sshd.keyFile}`,
    "Host *",
    "  HostName 127.0.0.1",
    "  IdentitiesOnly yes",
    "  IdentityAgent none",
    "  BatchMode yes",
    "  StrictHostKeyChecking accept-new",
    `  UserKnownHostsFile ${join(folder, "known_hosts")}`,
    "  GlobalKnownHostsFile /dev/null",
    "  ControlPath none",
    "  LogLevel ERROR",
    "",
  ].join("\n");
}

/** Fails with everything that was said unless the program ended with 0; answers what it printed. */
export function textOf(what: string, finished: Finished): string {
  return succeeded(what, finished).stdout.toString();
}
