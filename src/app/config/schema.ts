import { z } from "zod";
import { adminListenerSchema } from "./admin-schema.js";
import { riskSchema } from "./risk-schema.js";
import {
  accountName,
  count,
  duration,
  name,
  path,
  personName,
  port,
  secret,
} from "./schema-words.js";
import { DESKTOP_PROTOCOLS } from "../../model/index.js";
import {
  desktopOverrideSchema,
  desktopSchema,
  guacdListenerSchema,
  parametersSchema,
  tunnelListenerSchema,
} from "./desktop-schema.js";
import { factorsSchema, gatewayWebhook } from "./factor-schema.js";
import { hoursSchema } from "./hours.js";
import { notifySchema } from "./notify-schema.js";
import { recordingSchema } from "./recording-schema.js";
import { scoringSchema } from "./scoring-schema.js";
import { eventsSchema } from "./sink-schema.js";
import { webListenerSchema, webTargetSchema } from "./web-schema.js";

/**
 * The configuration file as people write it (contract: `chaperone/v1`, kinds `Sidecar` and `Core`). No key that
 * is not here is accepted. Descriptions become docs/reference/configuration.md and the JSON Schema.
 * Schemas transform nothing: what they accept is turned into `Config` by resolve.ts.
 */
const password = secret
  .extend({
    hash: z
      .string()
      .regex(/^\$argon2id\$/, "must be a PHC string of argon2id: see `chaperone people hash`")
      .optional()
      .describe("argon2id PHC string, made by `chaperone people hash`"),
  })
  .describe(
    "exactly one of `hash`, `env`, `file`, `value`; the last three name the password itself",
  );

const access = z
  .strictObject({
    people: z.array(personName).default([]),
    groups: z.array(name).default([]),
  })
  .describe("who may use it; nobody else can. Absent: every person");

const factors = z.array(z.enum(["totp", "password", "webauthn", "webhook"])).min(1);
const rulesVerb = z.enum(["block", "suspend", "kill"]);

const person = z.strictObject({
  name: personName,
  groups: z.array(name).default([]),
  password: password.optional(),
  keys: z
    .array(z.string().min(1).max(16_384))
    .max(64)
    .default([])
    .describe("public keys, each as a line of authorized_keys, without options"),
  totp: secret.optional().describe("TOTP secret in base32 (RFC 6238: SHA-1, 30 s, 6 digits)"),
  phrase: secret
    .optional()
    .describe(
      "shown to the person in every challenge, never sent to a target; absent: one is derived, `chaperone people phrase NAME` tells it",
    ),
  language: z
    .string()
    .regex(/^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/, "must be a language tag like `pt-BR`")
    .optional()
    .describe("BCP 47 (`pt-BR`): messages of rules come in it where a rule has it"),
  demo: z
    .boolean()
    .default(false)
    .describe(
      "missing secret files are made at random at the first start and printed at each start",
    ),
});

const shell = z
  .strictObject({
    command: z.array(z.string().min(1)).min(1).default(["/bin/bash", "-l"]),
    runAs: z
      .union([z.literal("auto"), z.strictObject({ uid: z.int().min(1), gid: z.int().min(1) })])
      .optional()
      .describe(
        "whose rights the shell has; required when the sidecar is root. `auto`: `nobody` when it is root, else the sidecar's own user",
      ),
    cwd: path.optional().describe("absent: the home folder of that user"),
  })
  .describe("an embedded target: a local terminal, no server");

const account = z.strictObject({
  name: accountName,
  password: secret.optional(),
  key: secret.optional().describe("private key, OpenSSH or PEM"),
  passphrase: secret.optional().describe("of `key`"),
  passthrough: z
    .literal(true)
    .optional()
    .describe("the password that the person typed at log-in is used"),
  access: access.optional(),
});

const sha256 = z
  .string()
  .regex(/^(?:SHA256:)?[A-Za-z0-9+/]{43}=?$/, "must be a fingerprint as `ssh-keygen -l` prints it");

const hostKey = z
  .strictObject({
    sha256: z.union([sha256, z.array(sha256).min(1)]).optional(),
    knownHosts: path
      .optional()
      .describe("a known_hosts file; hashed names and @revoked are understood"),
    trust: z
      .literal("first-use")
      .optional()
      .describe("the first key seen is recorded in stateDir; a change is refused"),
  })
  .describe("how the target proves who it is: exactly one of `sha256`, `knownHosts`, `trust`");

/** Protocols of later versions: their targets are accepted and told as not active. */
export const LATER_PROTOCOLS = ["postgres", "mysql"] as const;

const target = z.strictObject({
  name,
  protocol: z.enum(["ssh", ...DESKTOP_PROTOCOLS, "web", ...LATER_PROTOCOLS]),
  shell: shell.optional(),
  address: z
    .string()
    .min(1)
    .max(261)
    .optional()
    .describe("host:port, [ipv6]:port, or host (then the protocol's own port)"),
  hostKey: hostKey.optional(),
  parameters: parametersSchema,
  desktop: desktopOverrideSchema.optional(),
  web: webTargetSchema.optional(),
  accounts: z.array(account).max(1_000).default([]),
  labels: z.record(z.string().min(1).max(64), z.string().max(256)).default({}),
  access: access.optional(),
  connectTimeout: duration("10s"),
  shellIntegration: z
    .enum(["off", "auto", "bash", "zsh", "fish"])
    .default("off")
    .describe(
      "whether shells on terminals are asked to tell what they run, as a third witness; `auto`: the shell is told by how it draws its prompt",
    ),
});

const listenAddress = z.string().min(1).max(255).describe("IP address or host name to bind");
const tls = z.strictObject({ cert: path, key: path });

const listen = z
  .strictObject({
    ssh: z
      .strictObject({
        address: listenAddress.default("127.0.0.1"),
        port: port.default(2222),
        proxyProtocol: z
          .strictObject({ from: z.array(z.string().min(1)).min(1) })
          .optional()
          .describe("peers (CIDR) that must send a PROXY protocol v2 header; nobody else may"),
      })
      .prefault({}),
    guacd: guacdListenerSchema.optional(),
    guacamole: tunnelListenerSchema(secret).optional(),
    web: webListenerSchema.optional(),
    admin: adminListenerSchema.optional(),
    pages: z
      .strictObject({
        address: listenAddress,
        port,
        publicUrl: z
          .string()
          .max(256)
          .optional()
          .describe(
            "what browsers open, without a path; absent: http(s)://localhost and the port. Passkeys need a name here, not an address",
          ),
        tls: tls.optional(),
      })
      .optional()
      .describe("pages for people: passkeys, enrolment; see docs/guide/factors.md"),
  })
  .describe("what listens; see the guides: rdp-vnc.md, control-api.md");

const login = z.strictObject({
  methods: z
    .array(z.enum(["publickey", "password", "keyboard-interactive"]))
    .min(1)
    .default(["publickey", "password", "keyboard-interactive"]),
  totp: z
    .enum(["off", "when-enrolled", "required"])
    .default("off")
    .describe("whether a TOTP code is asked after the first method"),
  timeout: duration("60s"),
  failuresPerConnection: count(6, 100),
  failuresPerPerson: count(10, 10_000),
  failuresPerAddress: count(30, 100_000),
  failureWindow: duration("5m"),
  lock: duration("5m").describe("how long a person or address with too many failures is refused"),
  banner: z.string().max(4_096).optional(),
  hours: hoursSchema.optional(),
});

const limits = z.strictObject({
  unauthenticated: count(200, 10_000).describe("connections that are still logging in"),
  unauthenticatedPerAddress: count(100, 10_000).describe(
    "the same from one address; a gateway is one address, unless it speaks the PROXY protocol",
  ),
  sessions: count(1_000, 100_000),
  sessionsPerPerson: count(100, 100_000),
  channelsPerSession: count(64, 1_000),
});

const verdictOfChannel = z
  .enum(["allow", "deny", "reauth", "approve"])
  .describe("reauth, approve: opened once the person, or somebody else, has answered for it");
const channels = z.strictObject({
  shell: verdictOfChannel.default("allow"),
  exec: verdictOfChannel.default("allow"),
  sftp: verdictOfChannel.default("allow"),
  subsystem: verdictOfChannel.default("deny"),
  localForward: verdictOfChannel.default("deny"),
  remoteForward: verdictOfChannel.default("deny"),
  streamlocal: verdictOfChannel.default("deny"),
  agent: verdictOfChannel.default("deny"),
  x11: verdictOfChannel.default("deny"),
});

const doubt = z.enum(["allow", "alert", "reauth", "block"]);
const policy = z.strictObject({
  onFault: z.enum(["allow", "block"]).default("block"),
  onUncertain: doubt.default("alert"),
  onUnparsed: doubt.default("alert"),
  audit: z
    .enum(["normal", "strict"])
    .default("normal")
    .describe("strict: a command runs only when its event is on the disk"),
  reauth: z
    .strictObject({
      factors: factors.default(["totp"]).describe("best first; `password` only if you say so"),
      attempts: count(3, 20),
      timeout: duration("60s"),
      grace: duration("5m").describe("time after a success in which nothing is asked again"),
      onFail: rulesVerb.default("block"),
      onTimeout: rulesVerb.default("block"),
      blockedCommands: z
        .int()
        .min(0)
        .max(1_000)
        .default(0)
        .describe(
          "after so many blocked commands in a session the person is asked who they are, and it counts anew; 0: never",
        ),
      attemptsAtProhibitedTime: z
        .int()
        .min(0)
        .max(1_000)
        .default(0)
        .describe(
          "after so many log-ins at prohibited times (`login.hours`) the person's sessions begin with the question who they are, until they prove it; 0: never",
        ),
    })
    .prefault({}),
  approve: z
    .strictObject({
      approvers: z
        .array(z.string().min(1).max(128))
        .max(64)
        .default([])
        .describe(
          "`group:NAME`, `role:NAME` or names; empty: whoever may decide on the control API",
        ),
      min: count(1, 10).describe("how many of them have to agree"),
      timeout: duration("5m"),
      onFail: rulesVerb.default("block"),
      onTimeout: rulesVerb.default("block"),
    })
    .prefault({})
    .describe("somebody else has to agree; a rule may say otherwise for itself"),
  suspend: z
    .strictObject({
      timeout: duration("30m").describe("how long a session may stand still"),
      onTimeout: z.enum(["kill", "resume"]).default("kill"),
    })
    .prefault({}),
  observe: z
    .strictObject({
      shown: z
        .boolean()
        .default(true)
        .describe("the person sees when somebody looks on; taking the keyboard is always shown"),
    })
    .prefault({}),
});

/** The whole file. */
export const configSchema = z
  .strictObject({
    apiVersion: z.literal("chaperone/v1"),
    kind: z
      .enum(["Sidecar", "Core"])
      .describe("`Core`: of `chaperone core`, which has no targets and needs `scoring.listen`"),
    site: name.default("default"),
    tenant: name.default("default"),
    node: name.optional().describe("absent: the host name"),
    workers: z
      .union([z.literal("auto"), z.int().min(0).max(64)])
      .default("auto")
      .describe("session processes; 0 = in the parent; auto = one per processor, at most 8"),
    stateDir: path.default("./var").describe("spool, host keys, recordings; made with mode 0700"),
    listen: listen.prefault({}),
    login: login.prefault({}),
    limits: limits.prefault({}),
    keepalive: z
      .strictObject({ interval: duration("30s"), unanswered: count(4, 100) })
      .prefault({})
      .describe("to both sides; a peer that does not answer is taken for gone"),
    people: z.array(person).max(10_000).default([]),
    directory: gatewayWebhook
      .extend({
        cache: duration("30s").describe(
          "how long an answer about a person is used again; passwords are asked about every time",
        ),
      })
      .optional()
      .describe("a gateway's directory instead of `people`; see docs/guide/control-api.md"),
    factors: factorsSchema.prefault({}),
    targets: z
      .array(target)
      .max(10_000)
      .default([])
      .describe("at least one, except in a file of the kind `Core`"),
    usernames: z
      .array(z.string().min(1).max(256))
      .min(1)
      .max(16)
      .default(["{person}+{account}@{target}", "{person}@{target}", "{person}"]),
    channels: channels.prefault({}),
    desktop: desktopSchema,
    env: z
      .array(
        z
          .string()
          .regex(
            /^[A-Za-z_][A-Za-z0-9_]*\*?$/,
            "must be a variable's name, `*` at the end allowed",
          ),
      )
      .default(["LANG", "LC_*", "TERM", "COLORTERM"]),
    rules: z
      .array(
        z.union([
          z.string().min(1).max(4_096),
          z.strictObject({
            pack: z.string().regex(/^builtin:[a-z0-9-]+$/, "must look like builtin:linux"),
            maturity: z
              .array(z.enum(["stable", "incubating", "sandbox"]))
              .min(1)
              .default(["stable", "incubating"])
              .describe("which rules of the pack are in force; overrides can wake single others"),
          }),
        ]),
      )
      .default(["builtin:linux"])
      .describe("rule files (`*` and `?` in the last part) and builtin packs"),
    policy: policy.prefault({}),
    risk: riskSchema.optional(),
    events: eventsSchema(secret),
    notify: notifySchema(secret).optional(),
    recording: recordingSchema,
    scoring: scoringSchema.optional(),
    shutdown: z.strictObject({ drain: duration("10s") }).prefault({}),
  })
  .describe("Relative paths start at the folder of the configuration file.");

export type ConfigFile = z.output<typeof configSchema>;
export type SecretEntry = z.output<typeof secret>;
export type PasswordEntry = z.output<typeof password>;
export type PersonEntry = ConfigFile["people"][number];
export type TargetEntry = ConfigFile["targets"][number];
export type AccountEntry = TargetEntry["accounts"][number];

/** JSON Schema (draft 2020-12) of the file, for editors and for the reference. */
export function configJsonSchema(): unknown {
  return z.toJSONSchema(configSchema, { io: "input" });
}
