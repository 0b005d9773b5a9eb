import { randomBytes } from "node:crypto";
import {
  derivePhrase,
  encodeBase32,
  ensurePhraseKey,
  hashPassword,
  otpauthUri,
  parsePhrase,
  parseTotpSecret,
  totpCode,
  totpStepAt,
} from "../../identity/index.js";
import { decodeUtf8, MICROS_PER_MS, Secret, wallMicros } from "../../kernel/index.js";
import { demoSecrets, resolveSecret } from "../config/index.js";
import { enrolCommand } from "./ctl/people.js";
import { CONFIG_OPTION, textOf, type Command } from "./command.js";
import { tellFaults } from "./console.js";
import { EXIT } from "./exit-code.js";
import { loadCalledConfig } from "./find-config.js";
import { eraseBehaviourCommand } from "./people-erase.js";
import { readPassword } from "./read-password.js";

/** RFC 4226 recommends 160 bits. */
const TOTP_BYTES = 20;

const hashCommand: Command = {
  words: ["people", "hash"],
  summary: "turns a password into the argon2id hash for `password: { hash: ... }`",
  options: {},
  notes: ["On a terminal it asks twice and shows nothing; else it reads the first line of stdin."],
  examples: ["chaperone people hash", "pass show alice | chaperone people hash"],
  async run({ console }) {
    const password = await readPassword(process.stdin, process.stderr);
    if (!password.ok) {
      console.err(`chaperone people hash: ${password.error}`);
      return EXIT.couldNotRun;
    }
    console.out(await hashPassword(password.value));
    password.value.wipe();
    return EXIT.fine;
  },
};

const totpCommand: Command = {
  words: ["people", "totp"],
  positionals: "NAME",
  summary: "makes a TOTP secret for a person, with the link that authenticator apps read",
  options: {
    issuer: { type: "string", value: "TEXT", help: "what the app shows; without it: Chaperone" },
  },
  notes: ["Nothing is stored: put the secret where `totp: { file | env }` of the person points."],
  examples: ["chaperone people totp alice", "chaperone people totp alice --issuer 'ACME prod'"],
  run(call) {
    const [person, ...rest] = call.positionals;
    if (person === undefined || rest.length > 0) {
      call.console.err("chaperone people totp: say one NAME");
      return Promise.resolve(EXIT.usage);
    }
    const base32 = encodeBase32(randomBytes(TOTP_BYTES));
    const issuer = textOf(call, "issuer") ?? "Chaperone";
    const secret = parseTotpSecret(new Secret(Buffer.from(base32)));
    if (!secret.ok) {
      tellFaults(call.console, [secret.error]);
      return Promise.resolve(EXIT.couldNotRun);
    }
    call.console.out(`secret   ${base32}`);
    call.console.out(`link     ${otpauthUri({ issuer, person, base32 })}`);
    call.console.out(`code now ${totpCode(secret.value, totpStepAt(wallNow()))}`);
    secret.value.wipe();
    return Promise.resolve(EXIT.fine);
  },
};

const phraseCommand: Command = {
  words: ["people", "phrase"],
  positionals: "NAME",
  summary: "tells the phrase that a person sees in every challenge",
  options: { config: CONFIG_OPTION },
  notes: [
    "Hand it over at enrolment, by another way than the session: a question without this",
    "phrase does not come from Chaperone.",
  ],
  examples: ["chaperone people phrase alice --config /etc/chaperone/chaperone.yaml"],
  async run(call) {
    const { console } = call;
    const [name, ...rest] = call.positionals;
    if (name === undefined || rest.length > 0) {
      console.err("chaperone people phrase: say one NAME");
      return EXIT.usage;
    }
    const config = loadCalledConfig(call);
    if (!config.ok) {
      tellFaults(console, config.error);
      return EXIT.couldNotRun;
    }
    const person = config.value.people.find((one) => one.name === name);
    if (person === undefined) {
      console.err(`chaperone people phrase: there is no person \`${name}\` in the configuration`);
      return EXIT.bad;
    }
    const key = await ensurePhraseKey(config.value.stateDir);
    const chosen = person.phrase && resolveSecret(person.phrase, call.env);
    const phrase =
      chosen === undefined
        ? key.ok
          ? { ok: true as const, value: derivePhrase(key.value, name) }
          : key
        : chosen.ok
          ? parsePhrase(chosen.value.reveal(decodeUtf8), person.phrase?.at)
          : chosen;
    if (!phrase.ok) {
      tellFaults(console, [phrase.error]);
      return EXIT.couldNotRun;
    }
    console.out(phrase.value);
    return EXIT.fine;
  },
};

const codeCommand: Command = {
  words: ["people", "code"],
  positionals: "NAME",
  summary: "tells the TOTP code of a demo person, who has no authenticator app",
  options: { config: CONFIG_OPTION },
  notes: ["Only for people with `demo: true`. Each code is accepted once."],
  examples: ["chaperone people code demo"],
  run(call) {
    const { console } = call;
    const config = loadCalledConfig(call);
    if (!config.ok) {
      tellFaults(console, config.error);
      return Promise.resolve(EXIT.couldNotRun);
    }
    const [name] = call.positionals;
    const demo = demoSecrets(config.value, call.env).find((one) => one.name === name);
    if (demo?.totp === undefined) {
      console.err(
        `chaperone people code: there is no demo person \`${name ?? ""}\` with a TOTP secret`,
      );
      console.err("  mend: start the sidecar once, or ask the person's own authenticator app");
      return Promise.resolve(EXIT.bad);
    }
    const secret = parseTotpSecret(new Secret(Buffer.from(demo.totp)));
    if (!secret.ok) {
      tellFaults(console, [secret.error]);
      return Promise.resolve(EXIT.couldNotRun);
    }
    console.out(totpCode(secret.value, totpStepAt(wallNow())));
    secret.value.wipe();
    return Promise.resolve(EXIT.fine);
  },
};

/** The same call of the control API, where people look for it. */
const enrolPersonCommand: Command = {
  ...enrolCommand,
  words: ["people", "enrol"],
  inGroup: false,
  examples: ["chaperone people enrol alice", "chaperone people enrol alice --factor webauthn"],
};

export const PEOPLE_COMMANDS: readonly Command[] = [
  enrolPersonCommand,
  hashCommand,
  totpCommand,
  phraseCommand,
  codeCommand,
  eraseBehaviourCommand,
];

export function wallNow() {
  return wallMicros(Date.now() * MICROS_PER_MS);
}
