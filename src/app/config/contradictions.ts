import { isIP } from "node:net";
import { parseAuthorizedKey, parsePasswordHash } from "../../identity/index.js";
import { fault, type Fault } from "../../kernel/index.js";
import { webListener } from "./web-contradictions.js";
import { isCidr, isLoopback } from "./address.js";
import type { Config } from "./config.js";
import type { HostFacts } from "./host.js";
import { LATER_PROTOCOLS, type ConfigFile } from "./schema.js";
import { parseTemplate } from "./user-name.js";
import type { KeyPath, YamlDocument } from "./yaml-document.js";

interface Checked {
  readonly entry: ConfigFile;
  readonly config: Omit<Config, "notices">;
  readonly document: YamlDocument;
  readonly host: HostFacts;
}

/** What no single key shows: names used twice, postures that are refused, people who can never log in. */
export function contradictions(checked: Checked): readonly Fault[] {
  return [
    ...duplicates(checked),
    ...sinkNames(checked),
    ...unknownNames(checked),
    ...peopleWithoutCredential(checked),
    ...credentialForms(checked),
    ...ambiguousPeople(checked),
    ...templates(checked),
    ...proxyPeers(checked),
    ...embeddedTargets(checked),
    ...exposedListeners(checked),
    ...webListener(checked),
    ...controlApi(checked),
    ...pages(checked),
    ...directory(checked),
    ...nothingToReach(checked),
  ];
}

function at(checked: Checked, path: KeyPath, message: string): Fault {
  return fault("CHP_CONFIG_CONFLICT", message, checked.document.placeOf(path));
}

function unsafe(checked: Checked, path: KeyPath, message: string): Fault {
  return fault("CHP_CONFIG_UNSAFE", message, checked.document.placeOf(path));
}

function duplicates(checked: Checked): readonly Fault[] {
  const { people, targets } = checked.entry;
  return [
    ...twice(people, (index) => ["people", index, "name"], checked),
    ...twice(targets, (index) => ["targets", index, "name"], checked),
    ...targets.flatMap((target, t) =>
      twice(target.accounts, (a) => ["targets", t, "accounts", a, "name"], checked),
    ),
  ];
}

/** Names of cursors and in events: `file` is the event file's own. */
function sinkNames(checked: Checked): readonly Fault[] {
  const { sinks } = checked.entry.events;
  const path = (index: number): KeyPath => ["events", "sinks", index, "name"];
  return [
    ...twice(sinks, path, checked),
    ...sinks.flatMap(({ name }, index) =>
      name === "file" || name === "outbox"
        ? [at(checked, path(index), `the name \`${name}\` is taken: choose another`)]
        : [],
    ),
  ];
}

function twice(
  named: readonly { readonly name: string }[],
  path: (index: number) => KeyPath,
  checked: Checked,
): readonly Fault[] {
  const seen = new Set<string>();
  return named.flatMap(({ name }, index) => {
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [at(checked, path(index), `the name \`${name}\` is used twice`)];
  });
}

/** An `access` list with a name that nobody has keeps out somebody who was meant to come in. */
function unknownNames(checked: Checked): readonly Fault[] {
  const { entry } = checked;
  if (entry.directory !== undefined) return [];
  const people = new Set(entry.people.map((person) => person.name));
  const groups = new Set(entry.people.flatMap((person) => person.groups));
  const check = (access: TargetAccess, path: KeyPath) => [
    ...(access?.people ?? []).flatMap((name, i) =>
      people.has(name)
        ? []
        : [at(checked, [...path, "people", i], `there is no person \`${name}\``)],
    ),
    ...(access?.groups ?? []).flatMap((name, i) =>
      groups.has(name)
        ? []
        : [at(checked, [...path, "groups", i], `nobody is in the group \`${name}\``)],
    ),
  ];
  return entry.targets.flatMap((target, t) => [
    ...check(target.access, ["targets", t, "access"]),
    ...target.accounts.flatMap((account, a) =>
      check(account.access, ["targets", t, "accounts", a, "access"]),
    ),
  ]);
}
type TargetAccess = ConfigFile["targets"][number]["access"];

function peopleWithoutCredential(checked: Checked): readonly Fault[] {
  const { login } = checked.entry;
  return checked.entry.people.flatMap((person, index) => {
    const path: KeyPath = ["people", index];
    const faults: Fault[] = [];
    if (person.password === undefined && person.keys.length === 0) {
      faults.push(at(checked, path, `\`${person.name}\` has neither \`password\` nor \`keys\``));
    }
    if (login.totp === "required" && person.totp === undefined) {
      faults.push(
        at(checked, path, `\`${person.name}\` has no \`totp\`, and \`login.totp\` is required`),
      );
    }
    return faults;
  });
}

/** What can be judged without looking a secret up: hashes and public keys. */
function credentialForms({ entry, document }: Checked): readonly Fault[] {
  return entry.people.flatMap((person, index) => {
    const hash = person.password?.hash;
    const results = [
      ...(hash === undefined
        ? []
        : [parsePasswordHash(hash, document.placeOf(["people", index, "password", "hash"]))]),
      ...person.keys.map((line, k) =>
        parseAuthorizedKey(line, document.placeOf(["people", index, "keys", k])),
      ),
    ];
    return results.flatMap((result) => (result.ok ? [] : [result.error]));
  });
}

/** `bob@db-1` as a person would never be found: the name means bob on db-1. */
function ambiguousPeople(checked: Checked): readonly Fault[] {
  const targets = new Set(checked.entry.targets.map((target) => target.name));
  return checked.entry.people.flatMap(({ name }, index) => {
    const end = name.slice(name.lastIndexOf("@") + 1);
    if (!name.includes("@") || !targets.has(end)) return [];
    return [
      at(
        checked,
        ["people", index, "name"],
        `\`${name}\` reads as a person on the target \`${end}\`: rename one of them`,
      ),
    ];
  });
}

function templates(checked: Checked): readonly Fault[] {
  return checked.entry.usernames.flatMap((text, index) => {
    const read = parseTemplate(text);
    return read.ok ? [] : [at(checked, ["usernames", index], `\`${text}\` ${read.error}`)];
  });
}

function proxyPeers(checked: Checked): readonly Fault[] {
  const from = checked.entry.listen.ssh.proxyProtocol?.from ?? [];
  return from.flatMap((text, index) =>
    isCidr(text)
      ? []
      : [
          at(
            checked,
            ["listen", "ssh", "proxyProtocol", "from", index],
            `\`${text}\` is no address and no CIDR`,
          ),
        ],
  );
}

function embeddedTargets(checked: Checked): readonly Fault[] {
  const open = !isLoopback(checked.entry.listen.ssh.address);
  return checked.entry.targets.flatMap((target, index) => {
    const path: KeyPath = ["targets", index, "shell"];
    if (target.shell === undefined || target.shell.runAs !== undefined) return [];
    if (checked.host.uid === 0) {
      return [
        unsafe(
          checked,
          path,
          `\`${target.name}\` needs \`runAs\`: the sidecar is root, its shell must not be`,
        ),
      ];
    }
    return open
      ? [
          unsafe(
            checked,
            path,
            `\`${target.name}\` needs \`runAs\`: a listener is reachable from other machines`,
          ),
        ]
      : [];
  });
}

/** From other machines nothing travels in the clear. */
function exposedListeners(checked: Checked): readonly Fault[] {
  return (["guacd", "guacamole"] as const).flatMap((key) => {
    const listener = checked.entry.listen[key];
    if (listener === undefined || listener.tls !== undefined || isLoopback(listener.address))
      return [];
    return [
      unsafe(
        checked,
        ["listen", key, "address"],
        `\`listen.${key}\` beyond loopback needs \`tls\``,
      ),
    ];
  });
}

/** Nobody may call without a token or certificate; from other machines nothing travels in the clear. */
function controlApi(checked: Checked): readonly Fault[] {
  const { admin } = checked.entry.listen;
  if (admin === undefined) return [];
  const path: KeyPath = ["listen", "admin"];
  const faults = [
    ...twice(admin.tokens, (index) => [...path, "tokens", index, "name"], checked),
    ...twice(admin.clients, (index) => [...path, "clients", index, "name"], checked),
  ];
  if (admin.tokens.length === 0 && admin.clients.length === 0) {
    faults.push(
      at(checked, path, "`listen.admin` has no `tokens` and no `clients`: nobody could call"),
    );
  }
  if (admin.clients.length > 0 && admin.tls?.clientCa === undefined) {
    faults.push(at(checked, [...path, "clients"], "`clients` needs `tls.clientCa`"));
  }
  if (!isLoopback(admin.address) && admin.tls === undefined) {
    faults.push(
      unsafe(checked, [...path, "address"], "`listen.admin` beyond loopback needs `tls`"),
    );
  }
  return faults;
}

/** Pages are opened by browsers on other machines as soon as they are reachable there. */
function pages(checked: Checked): readonly Fault[] {
  const { entry, config } = checked;
  const { pages: listener } = entry.listen;
  const path: KeyPath = ["listen", "pages"];
  const faults = [...webauthn(checked)];
  if (listener === undefined) return faults;
  const { address, publicUrl, tls } = listener;
  if (!isLoopback(address) && tls === undefined) {
    faults.push(
      unsafe(checked, [...path, "address"], "`listen.pages` beyond loopback needs `tls`"),
    );
  }
  if (!isLoopback(address) && publicUrl === undefined) {
    faults.push(at(checked, path, "`listen.pages` beyond loopback needs `publicUrl`"));
  }
  const origin = config.listen.pages?.publicOrigin;
  if (publicUrl === undefined) return faults;
  const url = [...path, "publicUrl"];
  if (
    origin === undefined ||
    !/^https?:/.test(origin) ||
    new URL(publicUrl).href !== `${origin}/`
  ) {
    return [...faults, at(checked, url, "`publicUrl` must be an http or https URL without a path")];
  }
  const host = new URL(origin).hostname.replace(/^\[|\]$/g, "");
  if (origin.startsWith("http:") && !isLoopback(host)) {
    faults.push(unsafe(checked, url, "`publicUrl` beyond loopback needs https"));
  }
  return faults;
}

/** Browsers give keys to names, never to addresses, and only to pages of that name or below it. */
function webauthn(checked: Checked): readonly Fault[] {
  const { entry, config } = checked;
  const { webauthn: factor } = config;
  if (factor === undefined) {
    return entry.policy.reauth.factors.includes("webauthn")
      ? [
          at(
            checked,
            ["policy", "reauth", "factors"],
            "the factor `webauthn` needs `factors.webauthn`",
          ),
        ]
      : [];
  }
  const path: KeyPath = ["factors", "webauthn"];
  if (entry.listen.pages === undefined) {
    return [at(checked, path, "`factors.webauthn` needs `listen.pages`")];
  }
  const host = new URL(config.listen.pages?.publicOrigin ?? "http://localhost").hostname;
  if (isIP(host.replace(/^\[|\]$/g, "")) !== 0) {
    return [
      at(
        checked,
        ["listen", "pages", "publicUrl"],
        "passkeys need a name in `publicUrl`, not an address: `http://localhost:...` on one machine",
      ),
    ];
  }
  const { domain } = factor;
  return host === domain || host.endsWith(`.${domain}`)
    ? []
    : [
        at(
          checked,
          [...path, "domain"],
          `\`${domain}\` is not the host of \`publicUrl\` or above it`,
        ),
      ];
}

/** One directory answers who somebody is; and it is asked where nobody listens in. */
function directory(checked: Checked): readonly Fault[] {
  const { directory: entry, people, factors, policy } = checked.entry;
  const faults = [
    ...webhook(checked, ["directory", "webhook"], entry?.webhook),
    ...webhook(checked, ["factors", "webhook", "webhook"], factors.webhook?.webhook),
  ];
  if (entry !== undefined && people.length > 0) {
    faults.push(at(checked, ["people"], "`people` and `directory` exclude each other"));
  }
  if (factors.webhook === undefined && policy.reauth.factors.includes("webhook")) {
    faults.push(
      at(checked, ["policy", "reauth", "factors"], "the factor `webhook` needs `factors.webhook`"),
    );
  }
  return faults;
}

function webhook(checked: Checked, path: KeyPath, text: string | undefined): readonly Fault[] {
  if (text === undefined) return [];
  const name = path.join(".");
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
    return [at(checked, path, `\`${name}\` must be an http or https URL`)];
  }
  if (url.protocol === "https:" || isLoopback(url.hostname.replace(/^\[|\]$/g, ""))) return [];
  return [unsafe(checked, path, `\`${name}\` beyond loopback needs https`)];
}

function nothingToReach(checked: Checked): readonly Fault[] {
  const { kind, scoring } = checked.entry;
  if (kind === "Core") {
    return scoring?.listen === undefined
      ? [at(checked, ["scoring"], "a core needs `scoring` with `listen`, and no `url`")]
      : [];
  }
  if (checked.entry.targets.length === 0) {
    return [at(checked, ["targets"], "`targets`: is missing, there is nothing to reach")];
  }
  const later: readonly string[] = LATER_PROTOCOLS;
  if (checked.entry.targets.some((target) => !later.includes(target.protocol))) return [];
  return [at(checked, ["targets"], "no target of a protocol that this version has")];
}
